import ArgumentParser
import Events
import Foundation
import Hummingbird
import Log
import Logging
import Node
import Projections
import Rules
import Runtime
import Server
import Texts
import Tickets
import ZeroMQ

/// `gridline serve`: runs the node until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Run the node: log, views, replication, HTTP."))

    @Argument(help: said("The node's folder.")) var directory: String
    @Option(help: said("Where HTTP listens; loopback only.")) var http: String?

    func run() async throws {
        let folder = try NodeFolder(path: directory)
        let address =
            try http.map { text in try UsageProblem.of { try HTTPAddress(text) } }
            ?? HTTPAddress(folder.configuration.http)
        try folder.checkEnrolled()
        // Before anything is opened: without it nobody could be let in, or everybody.
        _ = try folder.token()
        let log = try folder.openLog()
        // Of a process that was killed.
        unsafe unlink(folder.serving)
        let vault = try folder.openVault()
        let blobs = folder.blobStore
        try blobs.removeUploads()
        let views = try folder.openViews(unusable: .replace)
        // An account's name may be in it, as somebody typed it.
        let status = SharedStatus(onAlarm: { what in
            let said: Words = "alarm: \(what)"
            Talk.plain(ShownText.cell(Talk.language.text(said)))
        })
        let progress = NodeProgress()
        let viewLoop = ViewLoop(
            store: views, runner: { try folder.runner(of: views) }, alarm: { status.alarm($0) },
            onAdvance: { progress.views.raise($0) }, onDamage: { status.note($0) })
        let wakeUp = try WakeUp()
        let rules = try BookRules(reader: log.reader, centre: folder.configuration.centre)
        for problem in rules.problems { Talk.problem(problem) }
        let core = NodeCore(
            node: folder.configuration.node, centre: folder.configuration.centre, rules: rules,
            number: folder.configuration.number, utcOffsetMinutes: folder.configuration.utcOffsetMinutes)
        let (desk, transport) = try folder.replication(vault: vault, blobs: blobs)
        let commits = CommitSignal()
        let loop = NodeLoop(
            log: log, core: core, sealer: Sealer(vault: vault), desk: desk, timers: ViewTimers(views: views),
            transport: transport,
            clock: SystemClock(), wakeUp: wakeUp,
            status: status,
            onCommit: { head in
                viewLoop.wake()
                commits.raise()
                progress.log.raise(head.position)
            })
        let queue = loop.queue
        let watch = folder.watch(status: status, views: views)
        let threads = NodeThreads(loop: loop, views: viewLoop, watch: watch, status: status)
        // Replication binds here, HTTP in `runService`: both before a thread runs, so that a taken port is one plain error.
        try loop.start()
        let ports = try folder.ports(
            queue: queue, vault: vault, blobs: blobs, status: status, watch: watch, views: views, commits: commits,
            progress: progress)
        var logger = Logger(label: "gridline.http")
        logger.logLevel = .warning
        let application = Application(
            router: API.router(ports), configuration: .init(address: .hostname(address.host, port: address.port)),
            onServerRunning: { channel in
                threads.start()
                let url = address.url(port: channel.localAddress?.port ?? address.port)
                do {
                    try Data(url.utf8).write(to: URL(fileURLWithPath: folder.serving), options: .atomic)
                } catch {
                    Talk.line("\(folder.serving) cannot be written; `gridline nodes` will not find this node: \(error)")
                }
                Talk.line("node \(folder.configuration.node) serves \(url)/")
            },
            logger: logger)
        do {
            try await application.runService()
        } catch {
            threads.stop()
            throw address.problem(of: error)
        }
        threads.stop()
        unsafe unlink(folder.serving)
        try views.close()
        Talk.line("node \(folder.configuration.node) stopped")
        if let failure = threads.failure { throw failure }
    }
}

/// The node's threads: the loop, the watch of its alarms, and the views, which have a second one in the background.
final class NodeThreads: @unchecked Sendable {
    // SAFETY: `failed` is only touched under the lock; the loop is used by its own thread alone once started.
    private let loop: NodeLoop
    private let views: ViewLoop
    private let watch: AlarmWatch
    private let status: SharedStatus
    private let done = DispatchGroup()
    private let lock = NSLock()
    private var failed: (any Error)?

    init(loop: NodeLoop, views: ViewLoop, watch: AlarmWatch, status: SharedStatus) {
        self.loop = loop
        self.views = views
        self.watch = watch
        self.status = status
    }

    var failure: (any Error)? { lock.withLock { failed } }

    func start() {
        done.enter()
        let main = Thread { [self] in
            do {
                try loop.run()
            } catch {
                lock.withLock { failed = error }
                Talk.line("the node stops: \(error)")
                // The HTTP side ends on SIGTERM, like an operator's stop.
                kill(getpid(), SIGTERM)
            }
            done.leave()
        }
        main.name = "gridline.loop"
        main.start()
        done.enter()
        let viewing = Thread { [self] in
            views.run()
            done.leave()
        }
        viewing.name = "gridline.views"
        viewing.start()
        done.enter()
        let watching = Thread { [self] in
            watch.run()
            done.leave()
        }
        watching.name = "gridline.watch"
        watching.start()
    }

    /// Stops all and waits for them.
    func stop() {
        status.stop()
        views.stop()
        watch.stop()
        done.wait()
    }
}
