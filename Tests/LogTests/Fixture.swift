import CSQLite
import Events
import Foundation
import Testing

@testable import Log

/// Even streams join node `a` with their second event and leave it with their ninth; rules go to the common feed.
struct FixtureAudience: Audience {
    func route(_ event: Event, version: Int64, membership: [FeedName]) -> Routing {
        guard let node = try? NodeID("a"), event.stream.category == "ticket" else {
            return Routing(joins: [], leaves: [], also: [.common])
        }
        switch event.type.name {
        case "ticket.moved": return Routing(joins: [.node(node)], leaves: [], also: [])
        case "ticket.gone": return Routing(joins: [], leaves: [.node(node)], also: [])
        default: return .stay
        }
    }
}

/// A log on disk with a mix of events, written by the real writer.
///
/// SAFETY: a test that lends it to a thread uses nothing but `path` and `copyFile` until that thread has ended.
final class Fixture: @unchecked Sendable {
    let folder: TemporaryFolder
    let path: String
    private var log: SQLiteLog?
    private var count = 0
    private let routed: Bool

    init(events: Int, routed: Bool = true) throws {
        folder = try TemporaryFolder()
        path = folder.path + "/log.sqlite"
        self.routed = routed
        log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(1),
            audience: routed ? FixtureAudience() : NoAudience())
        try append(events)
        _ = try log?.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "empty"),
                    actor: Actor(account: "wang", role: "agent", unit: "centre"),
                    now: Timestamp(milliseconds: 1), drafts: []))
        }
    }

    func append(_ number: Int) throws {
        try log?.write { transaction in
            for _ in 0..<number {
                count += 1
                let stream = count % 40 == 0 ? "rule/limits" : "ticket/\(count % 60)"
                let round = count / 60
                let type =
                    count % 2 == 0 && routed
                    ? (round == 2 ? "ticket.moved" : round == 9 ? "ticket.gone" : "ticket.noted") : "ticket.noted"
                let now = Timestamp(milliseconds: Int64(1_000 + count))
                let draft = Draft(
                    stream: try StreamName(stream), type: EventType(type), body: ["text": .string("占道经营 \(count)")],
                    occurredAt: Timestamp(milliseconds: Int64(count * 13 % 997)))
                let actor = Actor(account: count % 3 == 0 ? "li" : "wang", role: "agent", unit: "centre")
                _ = try transaction.append(
                    AppendRequest(
                        command: CommandID(derivedFrom: "fixture", String(count)), actor: actor, now: now,
                        drafts: [draft]))
            }
        }
    }

    var head: LogHead {
        do { return try log?.reader.head() ?? .empty } catch {
            Issue.record("no head: \(error)")
            return .empty
        }
    }

    func close() { log = nil }

    func copyWAL() throws { try log?.copyWAL() }

    /// Runs SQL behind the writer's back, the way a person with a tool would.
    func tamper(_ sql: String) throws {
        close()
        let connection = try Connection(path: path, mode: .readWrite)
        try connection.execute(sql)
        try connection.checkpoint(.truncate)
    }

    func verify(against: LogCertificate? = nil) -> VerifyReport {
        do {
            return try Verifier.verify(
                path: path, audience: routed ? FixtureAudience() : NoAudience(), against: against)
        } catch {
            return VerifyReport(problems: [VerifyProblem(table: "file", position: 0, detail: error.message)])
        }
    }

    func copyFile(to target: String) throws { try FileManager.default.copyItem(atPath: path, toPath: target) }
}
