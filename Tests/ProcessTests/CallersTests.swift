import Events
import Foundation
import NIOHTTP1
import Testing
import Texts

@testable import gridline

/// Who can look at a caller, and who can no more: on real processes, while a line is cut and after it is back.
@Suite("Callers at streets that are cut off") struct CallersTests {
    private let town: Town
    private let first: ServedNode
    private let second: ServedNode
    private static let wang: JSONObject = ["name": .string("王芳"), "phone": .string("13912345678")]
    private static let zhao: JSONObject = ["name": .string("赵敏"), "phone": .string("13787654321")]

    init() async throws {
        town = try await Town(streets: 2)
        first = town.streets[0]
        second = town.streets[1]
    }

    @Test(
        "a street that is cut off reveals the caller of its own ticket and of no other; the look is at the centre once the line is back"
    )
    func offline() async throws {
        let own = try await town.dispatch(to: first, caller: CallersTests.wang)
        let moved = try await town.dispatch(to: first, caller: CallersTests.zhao)
        let other = try await town.dispatch(to: second, caller: CallersTests.zhao)
        try await haveKeys([(first, own, "王芳"), (first, moved, "赵敏"), (second, other, "赵敏")])
        try await town.centre.command(
            "reassigned", of: moved,
            [
                "lead": .string(second.area), "leadNode": .string(second.name), "helpers": .array([]),
                "note": .string("改派"),
            ], role: "dispatcher")
        try await haveKeys([(second, moved, "赵敏")])
        try await first.until("the key's going with the ticket") { try await look(at: moved, from: first) == .absent }
        try await town.inStep()

        try town.lines[0].say("cut")
        let reason = "断线期间回访来电人"
        #expect(try await look(at: own, from: first, reason: reason) == .name("王芳"))
        let shown = try await town.gridline(
            "persons", "reveal", first.folder, own, "--role", "clerk", "--unit", first.area, "--reason", "断线时查看")
        #expect(shown.contains("王芳") && shown.contains("13912345678"))
        #expect(try await look(at: moved, from: first) == .absent, "a ticket that went on is another's")
        let refusal = await #expect(throws: RemoteProblem.self) { try await look(at: other, from: first) }
        #expect(refusal?.code == "GL-4001")
        #expect(refusal.map { "\($0.message)" }?.contains(other) == true)
        #expect(try await first.number("outbox") > 0, "the look waits on the street's disk")
        #expect(try await looks(at: own, for: reason).isEmpty)

        try town.lines[0].say("heal")
        try await town.inStep()
        let arrived = try #require(try await looks(at: own, for: reason).first)
        #expect(arrived["id"]?.string?.hasPrefix("street1.") == true)
        #expect(arrived["actor"]?.object?["account"] == .string("wang"))
        #expect(try await looks(at: other, by: "street1").isEmpty, "who was refused has looked at nobody")
        try await town.agrees()
    }

    @Test(
        "after an erasure no node reveals, and the centre counts who has said so; a street that is cut off is missing")
    func erased() async throws {
        let ticket = try await town.dispatch(to: first, caller: CallersTests.wang)
        let again = try await town.dispatch(to: second, caller: CallersTests.wang)
        let late = try await town.dispatch(to: first, caller: CallersTests.zhao)
        let other = try await town.dispatch(to: second, caller: CallersTests.zhao)
        try await haveKeys([
            (first, ticket, "王芳"), (second, again, "王芳"), (first, late, "赵敏"), (second, other, "赵敏"),
        ])
        let wang = try await caller(of: ticket)
        try await erase(wang)
        try await town.centre.until("three acknowledgements") {
            try await acknowledged(wang) == Count(confirmed: ["centre", "street1", "street2"], waiting: [])
        }
        for (node, one) in [(first, ticket), (second, again), (town.centre, ticket), (town.centre, again)] {
            #expect(try await look(at: one, from: node) == .erased, "\(node.name)")
        }

        try town.lines[0].say("cut")
        let zhao = try await caller(of: late)
        try await erase(zhao)
        try await town.centre.until("the acknowledgements of those that heard of it") {
            try await acknowledged(zhao) == Count(confirmed: ["centre", "street2"], waiting: ["street1"])
        }
        #expect(try await look(at: late, from: town.centre) == .erased)
        #expect(try await look(at: other, from: second) == .erased)
        #expect(try await look(at: late, from: first) == .name("赵敏"), "it has not heard of the erasure yet")

        try town.lines[0].say("heal")
        try await town.centre.until("the last acknowledgement") {
            try await acknowledged(zhao) == Count(confirmed: ["centre", "street1", "street2"], waiting: [])
        }
        #expect(try await look(at: late, from: first) == .erased)
        try await town.inStep()
        try await town.agrees()
    }

    // MARK: - Looking and erasing

    /// What a look at a ticket's caller shows.
    private enum Seen: Equatable {
        case name(String?)
        case erased
        /// The key is not at this node.
        case absent
    }

    private func reveal(_ ticket: String, at node: ServedNode, reason: String) async throws -> JSONObject {
        let answer = try await node.post(
            NodeClient.path(of: ticket) + "/reveal", ["reason": .string(reason)],
            role: node.name == "centre" ? "agent" : "clerk")
        return try #require(answer["items"]?.array?.first?.object)
    }

    private func look(at ticket: String, from node: ServedNode, reason: String = "核实来电人") async throws -> Seen {
        let item = try await reveal(ticket, at: node, reason: reason)
        if item["erased"] == .bool(true) { return .erased }
        if item["keyAbsent"] == .bool(true) { return .absent }
        return .name(item["values"]?.object?["person"]?.object?["name"]?.string)
    }

    /// Waits until nodes have the keys of callers: these come behind the tickets.
    private func haveKeys(_ wanted: [(ServedNode, String, String)]) async throws {
        for (node, ticket, name) in wanted {
            try await node.until("\(ticket)") { try await node.has(ticket) }
            try await node.until("the key of \(name)") { try await look(at: ticket, from: node) == .name(name) }
        }
    }

    /// The key of a ticket's caller, as paths have it.
    private func caller(of ticket: String) async throws -> String {
        let item = try await reveal(ticket, at: town.centre, reason: "本人要求删除")
        return String(try #require(item["person"]?.string).dropFirst("person/".count))
    }

    private func erase(_ person: String) async throws {
        _ = try await town.gridline(
            "persons", "erase", town.centre.folder, person, "--role", "securityAdmin", "--unit", "centre", "--reason",
            "本人要求")
    }

    /// Which nodes have said that they hold the key no more, and which have not.
    private struct Count: Equatable {
        let confirmed: [String]
        let waiting: [String]
    }

    private func acknowledged(_ person: String) async throws -> Count {
        let line = try await town.gridline("persons", "erasure", town.centre.folder, person, "--json")
        let answer = try JSONReader.readObject(Array(line.utf8))
        return Count(
            confirmed: (answer["confirmed"]?.array ?? []).compactMap { $0.object?["node"]?.string },
            waiting: (answer["waiting"]?.array ?? []).compactMap(\.string))
    }

    /// The looks at a ticket that are in the centre's log.
    private func looks(at ticket: String, for reason: String? = nil, by node: String? = nil) async throws
        -> [JSONObject]
    {
        let lines = try await town.gridline("export", town.centre.folder, "--events").split(separator: "\n")
        return try lines.map { try JSONReader.readObject(Array($0.utf8)) }.filter { event in
            let body = event["body"]?.object
            return event["type"] == .string("identity.revealed") && body?["ticket"] == .string(ticket)
                && (reason == nil || body?["reason"]?.string == reason)
                && (node == nil || event["id"]?.string?.hasPrefix("\(node ?? "").") == true)
        }
    }
}
