import Events
import HTTPTypes
import HummingbirdTesting
import Testing
import Texts

@testable import Server

/// Somebody says of a raised alarm that it is seen to.
@Suite("Alarms that are seen to") struct SeenAlarmTests {
    private let path = "/api/v1/alarms/urgentUndelivered/acknowledge"

    @Test("by HTTP: rule and labels name it, the account that acts is whoever sees to it")
    func overHTTP() async throws {
        let node = try ServedNode()
        try await node.called { program in
            let answer = try await program.post(path, ["labels": .object(["node": .string("street1")])])
            #expect(answer.status == .ok)
            #expect(answer.json["acknowledgedBy"]?.string == program.account)
            #expect(answer.json["rule"]?.string == "urgentUndelivered")
            var other = program
            other.account = "wang"
            let again = try await other.post(path, ["labels": .object(["node": .string("street1")])])
            #expect(again.status == .ok && again.json["acknowledgedBy"]?.string == "li", "who said so first stays")
        }
        #expect(node.seenToBy == "li")
    }

    @Test("one that is not raised is not found; labels that are no texts are refused")
    func unknown() async throws {
        let node = try ServedNode()
        try await node.called { program in
            let gone = try await program.post(path, ["labels": .object(["node": .string("street2")])])
            #expect(gone.status == .notFound && gone.json["code"]?.string == "GL-6040")
            #expect(try await program.post(path, [:]).status == .notFound)
            let odd = try await program.post(path, ["labels": .object(["node": .integer(1)])])
            #expect(odd.status == .badRequest)
            #expect(try await program.post(path, ["label": .object([:])]).status == .badRequest)
        }
        #expect(node.seenToBy == nil)
    }

    @Test("by the button on the page of the node's state, and by no form of another site")
    func onThePage() async throws {
        let node = try ServedNode()
        try await node.browse { browser in
            let clerk = try await browser.loggedIn()
            let page = try await clerk.get("/status")
            #expect(page.text.contains("我来处理"))
            let labels = ("labels", "{\"node\":\"street1\"}")
            let forged = try await clerk.post("/alarms/urgentUndelivered", [("csrf", "00"), labels])
            #expect(forged.status == .forbidden && node.seenToBy == nil)
            let broken = try await clerk.post(
                "/alarms/urgentUndelivered", [("csrf", page.hidden("csrf")), ("labels", "node")])
            #expect(broken.status == .badRequest && node.seenToBy == nil)
            #expect(page.hidden("labels") == "{&quot;node&quot;:&quot;street1&quot;}")
            let form = [("csrf", page.hidden("csrf")), labels]
            let answer = try await clerk.post("/alarms/urgentUndelivered", form)
            #expect(answer.status == .seeOther && answer.headers[.location] == "/status")
        }
        #expect(node.seenToBy == "li")
    }

    @Test("whose it is stands on the page in place of the button")
    func shown() throws {
        let frame = PageFrame(
            texts: PageTexts(.english), node: try NodeID("centre"), offsetMinutes: 480, session: nil, formToken: "",
            isCentre: true, isLinked: true, outbox: 0)
        let alarm: JSONObject = [
            "acknowledgedBy": .string("<li>"), "labels": .object([:]), "rule": .string("diskLow"),
            "severity": .string("warning"), "since": .integer(0), "text": .string("low"), "advice": .string("look"),
        ]
        let page = PageBodies.status(["raised": .array([.object(alarm)])], frame)
        #expect(page.contains("<td>&lt;li&gt;</td>") && !page.contains("<form"))
    }
}
