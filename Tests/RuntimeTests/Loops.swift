/// A centre and streets as `gridline serve` runs them, over real logs and CURVE sockets on loopback, stepped by hand.

import Events
import Foundation
import Log
import Node
import Replication
import Synchronization
import Tickets
import ZeroMQ

@testable import Runtime

struct TestClock: NodeClock {
    func moment() -> Moment {
        Moment(
            wall: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)),
            steady: Int64(ProcessInfo.processInfo.systemUptime * 1_000))
    }
}

/// One node.
final class TestLoop {
    let id: NodeID
    let log: SQLiteLog
    let loop: NodeLoop
    let status = SharedStatus()
    private let answers = Answers()

    init(
        _ id: NodeID, centre: NodeID, in folder: String, desk: any Desk, transport: any Transport,
        onCommit: @escaping @Sendable (LogHead) -> Void = { _ in }
    ) throws {
        self.id = id
        var random = SystemRandomNumberGenerator()
        let path = folder + "/\(id)"
        log = try SQLiteLog(
            path: path + ".sqlite", node: id, incarnation: Incarnation(random.next()),
            audience: id == centre ? TicketAudience(centre: centre) : NoAudience())
        let core = NodeCore(
            node: id, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        loop = NodeLoop(
            log: log, core: core, sealer: Sealer(vault: try Vault(path: path + ".vault")), desk: desk,
            timers: NoTimers(), transport: transport, clock: TestClock(), wakeUp: try WakeUp(), status: status,
            onCommit: onCommit)
        try loop.start()
    }

    /// Performs one command in a turn of its own.
    @discardableResult
    func perform(_ wish: NodeCommand.Wish) throws -> Result<CommandReply, any Error>? {
        try add(wish)
        try loop.turn()
        return lastAnswer
    }

    /// The same by somebody of whom the test says more.
    @discardableResult
    func perform(_ wish: NodeCommand.Wish, by actor: Actor) throws -> Result<CommandReply, any Error>? {
        try add(wish, by: actor)
        try loop.turn()
        return lastAnswer
    }

    /// What the last command that was answered came to.
    var lastAnswer: Result<CommandReply, any Error>? { answers.last.withLock { $0 } }

    /// Hands a command in for the next turn.
    func add(_ wish: NodeCommand.Wish, as role: String = "systemAdmin") throws {
        try add(wish, by: Actor(account: "wang", role: role, unit: id.text))
    }

    private func add(_ wish: NodeCommand.Wish, by actor: Actor) throws {
        var random = SystemRandomNumberGenerator()
        let command = NodeCommand(
            id: CommandID(at: TestClock().moment().wall, random: &random), wish, actor: actor)
        let answers = answers
        try loop.queue.add(Work(command: command) { answer in answers.last.withLock { $0 = answer } })
    }
}

/// What commands came to.
private final class Answers: Sendable {
    let last = Mutex<Result<CommandReply, any Error>?>(nil)
}

/// Turns loops until something holds.
///
/// - Returns: false when it never did within `limit`.
func until(_ loops: [TestLoop], limit: Duration = .seconds(20), _ holds: () throws -> Bool) throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        for one in loops { try one.loop.turn() }
        if try holds() { return true }
    }
    return false
}

final class TemporaryFolder {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }
}

/// A row of ports that nobody listens on.
func freePorts(_ count: Int) throws -> Int {
    let context = try ZeroMQContext()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100 {
        let first = Int.random(in: 20_000...60_000, using: &random)
        let isFree = (first..<first + count).allSatisfy { port in
            do {
                try Socket(.router, in: context).bind("tcp://127.0.0.1:\(port)")
                return true
            } catch { return false }
        }
        if isFree { return first }
    }
    throw NoFreePorts()
}

private struct NoFreePorts: Error {}
