import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Log
import Node
import Projections
import Replication
import Rules
import Testing
import Tickets
import ZeroMQ

@testable import Runtime
@testable import Server
@testable import gridline

/// The node as `gridline serve` composes it, with its threads, behind a real port.
final class ServingNode {
    let folder: NodeFolder
    let status = SharedStatus()
    private let threads: NodeThreads
    let ports: ServerPorts

    init(at path: String) throws {
        folder = try NodeFolder.create(
            at: path, configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        let folder = folder
        let log = try folder.openLog()
        let vault = try Vault(path: folder.vault)
        let views = try folder.openViews(unusable: .replace)
        let status = status
        let progress = NodeProgress()
        let viewLoop = ViewLoop(
            store: views, runner: { try folder.runner(of: views) }, alarm: { status.alarm($0) },
            onAdvance: { progress.views.raise($0) })
        let commits = CommitSignal()
        let centre = folder.configuration.centre
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let loop = NodeLoop(
            log: log, core: core, sealer: Sealer(vault: vault), desk: NoDesk(), timers: ViewTimers(views: views),
            transport: NoTransport(), clock: SystemClock(), wakeUp: try WakeUp(), status: status,
            onCommit: { head in
                viewLoop.wake()
                commits.raise()
                progress.log.raise(head.position)
            })
        let watch = folder.watch(status: status, views: views)
        ports = try folder.ports(
            queue: loop.queue, vault: vault, blobs: folder.blobStore, status: status, watch: watch, views: views,
            commits: commits, progress: progress)
        threads = NodeThreads(loop: loop, views: viewLoop, watch: watch, status: status)
        threads.start()
    }

    func stop() throws {
        threads.stop()
        try ports.views.close()
    }
}

/// What a program sends and gets, with all that it got.
actor Visitor {
    private let client: any TestClientProtocol
    private let token: String
    private(set) var heard = Data()

    init(_ client: any TestClientProtocol, token: String) {
        self.client = client
        self.token = token
    }

    @discardableResult
    func post(_ path: String, _ members: JSONObject, as role: String = "agent") async throws -> JSONObject {
        var body = members
        body["actor"] = .object(["account": .string("li"), "role": .string(role), "unit": .string("320507")])
        var fields: HTTPFields = [.authorization: "Bearer \(token)"]
        fields[try #require(HTTPField.Name("Idempotency-Key"))] = UUID().uuidString
        let answer = try await client.execute(
            uri: path, method: .post, headers: fields, body: ByteBuffer(bytes: JSON.object(body).canonicalBytes))
        return try JSONReader.readObject(note(answer))
    }

    func get(_ path: String, cookie: String? = nil) async throws {
        var fields: HTTPFields = [.authorization: "Bearer \(token)"]
        fields[.cookie] = cookie
        _ = note(try await client.execute(uri: path, method: .get, headers: fields))
    }

    /// The cookie of a login at the pages.
    func login() async throws -> String? {
        let form = "account=li&role=agent&unit=320507&token=\(token)"
        let answer = try await client.execute(
            uri: "/login", method: .post, headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: form))
        return answer.headers[.setCookie].map { String($0.prefix { $0 != ";" }) }
    }

    private func note(_ answer: TestResponse) -> [UInt8] {
        let bytes = Array(answer.body.readableBytesView)
        heard.append(contentsOf: bytes)
        for field in answer.headers { heard.append(contentsOf: "\(field)\n".utf8) }
        return bytes
    }
}

@Suite("Private over HTTP", .serialized) struct PrivateOverHTTPTests {
    @Test(
        "names and numbers that come in over HTTP stand in no file, no answer, no page and no metric; revealing opens them, erasing ends that",
        arguments: [9, 20_261_124] as [UInt64])
    func bytes(seed: UInt64) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        var planted = Planted(seed: seed, people: 120)
        let sentences = (0..<600).map { _ in planted.sentence() }
        let needles = Needles(planted.needles)
        let people = planted.people
        #expect(people.count * 4 + planted.numbers.count > 1_000)
        let node = try ServingNode(at: path)
        let token = try node.folder.token()
        try await Application(router: API.router(node.ports)).test(.live) { client in
            let visitor = Visitor(client, token: token)
            var tickets: [String] = []
            for (place, person) in people.enumerated() {
                let said = sentences[place * 5..<place * 5 + 5].map(JSON.string)
                let answer = try await visitor.post(
                    "/api/v1/tickets",
                    [
                        "body": .object([
                            "channel": .string("hotline"), "matter": said[0], "title": said[1],
                            "place": .object(["text": said[2]]),
                        ]),
                        "person": .object([
                            "name": .string(person.name), "phone": .string(person.phone),
                            "idNumber": .string(person.idNumber), "address": .string(person.address),
                        ]),
                    ])
                tickets.append(try #require(answer["ticket"]?.string).replacing("ticket/", with: ""))
                try await visitor.post(
                    "/api/v1/tickets/\(tickets[place])/progressNoted", ["body": .object(["text": said[3]])])
                // Refused, each with what it was given in it.
                try await visitor.post(
                    "/api/v1/tickets/\(tickets[place])/finished", ["body": .object(["note": said[4]])])
            }
            let cookie = try await visitor.login()
            for ticket in tickets.prefix(20) {
                try await visitor.get("/api/v1/tickets/\(ticket)")
                try await visitor.get("/tickets/\(ticket)", cookie: cookie)
            }
            for page in [
                "/metrics", "/api/v1/status", "/api/v1/tickets?limit=500", "/api/v1/counts", "/api/v1/conflicts",
                "/?unit=*",
                "/conflicts", "/counts", "/node", "/openapi.yaml",
            ] {
                try await visitor.get(page, cookie: cookie)
            }
            let found = needles.first(in: await visitor.heard)
            #expect(found == nil, "seed \(seed): an answer holds \(String(decoding: found ?? [], as: UTF8.self))")

            let revealed = try await visitor.post("/api/v1/tickets/\(tickets[7])/reveal", ["reason": .string("回访")])
            let box = revealed["items"]?.array?.first?.object
            #expect(box?["values"]?.object?["person"]?.object?["name"] == .string(people[7].name))
            let person = try #require(box?["person"]?.string).replacing("person/", with: "")
            let hit = try await visitor.post("/api/v1/persons/find", ["phone": .string(people[7].phone)])
            #expect(hit["persons"]?.array == [.string("person/\(person)")])
            try await visitor.post(
                "/api/v1/persons/\(person)/erase", ["reason": .string("本人要求")], as: "securityAdmin")
            let after = try await visitor.post("/api/v1/tickets/\(tickets[7])/reveal", ["reason": .string("再查")])
            #expect(after["items"]?.array?.first?.object?["erased"] == .bool(true))
            #expect(
                try await visitor.post("/api/v1/persons/find", ["phone": .string(people[7].phone)])["persons"]?.array
                    == [])
        }
        try node.stop()
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            guard let bytes = FileManager.default.contents(atPath: path + "/" + name) else { continue }
            let found = needles.first(in: bytes)
            #expect(found == nil, "seed \(seed): \(name) holds \(String(decoding: found ?? [], as: UTF8.self))")
        }
        #expect(try Verifier.verify(path: node.folder.log, audience: node.folder.audience).problems.isEmpty)
    }

    @Test("an id in capitals is the same person, whose key goes; one that was made up is refused")
    func spelling() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let node = try ServingNode(at: path)
        let ports = node.ports
        let token = try node.folder.token()
        try await Application(router: API.router(ports)).test(.live) { client in
            let visitor = Visitor(client, token: token)
            let phone: JSONObject = ["phone": .string("13912345678")]
            let call = try await visitor.post(
                "/api/v1/tickets",
                [
                    "body": .object(["channel": .string("hotline"), "matter": .string("路灯不亮")]),
                    "person": .object(phone),
                ])
            let ticket = try #require(call["ticket"]?.string).replacing("ticket/", with: "")
            let found = try await visitor.post("/api/v1/persons/find", phone)
            let person = try #require(found["persons"]?.array?.first?.string).replacing("person/", with: "")

            let reason: JSONObject = ["reason": .string("本人要求")]
            let before = try ports.head()
            let stranger = try await visitor.post(
                "/api/v1/persons/0123456789ABCDEF0123456789ABCDEF/erase", reason, as: "securityAdmin")
            #expect(stranger["code"] == .string("GL-6032") && stranger["status"] == .integer(404))
            #expect(try ports.head() == before)

            let capitals = person.uppercased()
            #expect(capitals != person)
            let answer = try await visitor.post("/api/v1/persons/\(capitals)/erase", reason, as: "securityAdmin")
            #expect(answer["person"] == .string("person/\(person)"))
            let after = try await visitor.post("/api/v1/tickets/\(ticket)/reveal", ["reason": .string("再查")])
            #expect(after["items"]?.array?.first?.object?["erased"] == .bool(true))
            #expect(try await visitor.post("/api/v1/persons/find", phone)["persons"]?.array == [])
        }
        try node.stop()
    }
}
