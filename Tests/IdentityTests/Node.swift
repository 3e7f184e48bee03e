import Events
import Foundation
import Intake
import Log
import Node
import Privacy
import Projections
import Replication
import Rules
import Synchronization
import Testing
import ZeroMQ

@testable import Runtime
@testable import gridline

/// A centre by itself in a folder of its own: the real log, vault, views and loop, stepped by hand.
final class CentreNode {
    let path: String
    let folder: NodeFolder
    private(set) var log: SQLiteLog
    private(set) var vault: Vault
    private var loop: NodeLoop
    private let views: ViewStore
    let status = SharedStatus()
    private let clock: SettableClock
    /// What people and programs were told.
    private(set) var output: [String] = []

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        folder = try NodeFolder.create(
            at: path, configuration: Configuration(node: NodeID("centre"), role: .central, area: "320507"))
        clock = SettableClock()
        log = try folder.openLog()
        vault = try Vault(path: folder.vault)
        views = try folder.openViews(unusable: .replace)
        loop = try CentreNode.makeLoop(log, vault, clock, status)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    private static func makeLoop(
        _ log: SQLiteLog, _ vault: Vault, _ clock: SettableClock, _ status: SharedStatus
    ) throws -> NodeLoop {
        let centre = try NodeID("centre")
        let core = NodeCore(
            node: centre, centre: centre, rules: BookRules(try RuleBook.default, nodes: []), number: 0,
            utcOffsetMinutes: 480)
        let sealer = Sealer(vault: vault)
        try sealer.start(reader: log.reader, centre: centre, now: clock.moment().wall)
        return NodeLoop(
            log: log, core: core, sealer: sealer, desk: NoDesk(), timers: NoTimers(), transport: NoTransport(),
            clock: clock, wakeUp: try WakeUp(), status: status, onCommit: { _ in })
    }

    /// Performs one command in a turn of its own.
    @discardableResult
    func perform(_ command: NodeCommand, person: PersonData? = nil) throws -> Result<CommandReply, any Error> {
        try #require(try perform(together: [(command, person)]).first)
    }

    /// Performs commands that wait together when a turn begins; it may leave some of them to later turns.
    func perform(
        together commands: [(command: NodeCommand, person: PersonData?)]
    ) throws -> [Result<CommandReply, any Error>] {
        let answers = commands.map { _ in Answer() }
        for (one, answer) in zip(commands, answers) {
            try loop.queue.add(Work(command: one.command, person: one.person) { answer.value = $0 })
        }
        for _ in commands where answers.contains(where: { $0.value == nil }) { try loop.turn() }
        let values = try answers.map { try #require($0.value) }
        for value in values {
            output.append("\(value)")
            if case .failure(let error as any Problem) = value {
                output += [error.message.description, error.hint.description]
            }
        }
        return values
    }

    /// A turn without a command.
    func turn() throws { try loop.turn() }

    @discardableResult
    func importTickets(_ file: String, map: String) throws -> ImportCounts {
        let session = ImportSession(
            log: log, vault: vault, centre: folder.configuration.centre, clock: SystemClock())
        let imported = try session.run(file: file, map: .load(map)) { _, _, _ in }
        output.append("\(imported)")
        output += imported.refused.map(\.reason.message.description)
        return imported.counts
    }

    func catchUpViews() throws { try folder.runner(of: views).catchUp() }

    func pass(days: Int64) { clock.offset.withLock { $0 += days * 86_400_000 } }

    /// The process dies and starts again.
    func restart() throws {
        loop = try CentreNode.makeLoop(log, vault, clock, status)
    }

    /// All files of the folder as they are on the disk, by name.
    func files() throws -> [(name: String, bytes: Data)] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        return names.sorted().compactMap { name in
            FileManager.default.contents(atPath: path + "/" + name).map { (name, $0) }
        }
    }

    /// Every event of the log.
    func events() throws -> [Event] {
        var found: [Event] = []
        while true {
            let page = try log.reader.page(.all, .forward, from: Int64(found.count), limit: 1_000)
            found += page.map(\.event)
            if page.count < 1_000 { return found }
        }
    }
}

final class Answer: @unchecked Sendable {
    // SAFETY: set and read on the test's thread, which steps the loop.
    var value: Result<CommandReply, any Error>?
}

/// The system's clocks, which a test may put forward.
final class SettableClock: NodeClock {
    let offset = Mutex<Int64>(0)
    func moment() -> Moment {
        let moment = SystemClock().moment()
        return Moment(wall: moment.wall + offset.withLock { $0 }, steady: moment.steady)
    }
}
