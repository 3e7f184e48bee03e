/// Builds a file of views from the log alone, in bulk: streams are folded by workers, rows are appended by one
/// writer, indexes and sums are made at the end, full text last.
///
/// A build that was killed goes on: finished ranges stand in the file, in the transaction of their rows.

package import Events
import Foundation
import GRDB

package struct RebuildProgress: Sendable, Equatable {
    package enum Phase: String, Sendable { case folding, indexing, text, finished }
    package var phase: Phase
    /// Streams folded, of all.
    package var streams, allStreams: Int64
    /// Events read and rows written by this run.
    package var events, rows: Int
    /// Since the run began.
    package var elapsed: Duration
    /// What the folding still takes at this run's speed; nil before the first range and after the last.
    package var remaining: Duration?
}

/// What a finished build did in this run, and how long each part took.
package struct RebuildResult: Sendable, Equatable {
    package var checkpoint: LogHead
    package var events, rows, texts: Int
    package var folding, indexing, indexingText: Duration
}

package struct RebuildFile {
    package let path: String
    private let views: ViewSet
    private let cut: Cut
    private let workers: Int
    private let open: OpenReader

    /// - Parameters:
    ///   - path: made when absent, resumed when it is an unfinished build of the same views, log and cut.
    ///   - workers: threads that fold, 1–16; each has a reader of its own.
    package init(path: String, views: ViewSet, cut: Cut = .everything, workers: Int = 2, open: @escaping OpenReader) {
        self.path = path
        self.views = views
        self.cut = cut
        self.workers = max(1, min(workers, 16))
        self.open = open
    }

    /// Builds the file.
    ///
    /// - Parameter progress: called between transactions on the calling thread; `false` stops the build, which
    ///   leaves the file to be resumed.
    /// - Throws: `ViewFailure.stopped`, `ViewFailure.storage`, or `LogFailure`.
    package func run(progress: (RebuildProgress) -> Bool = { _ in true }) throws -> RebuildResult {
        do {
            let reader = try open()
            let queue = try resume(reader) ?? start(reader)
            return try closing(queue) { try build(queue, streams: reader.lastStreamNumber(), progress) }
        } catch {
            throw ViewFailure.from(error, "build \(path)")
        }
    }

    /// The certificate of the finished file, whatever its cut.
    ///
    /// - Throws: `ViewFailure` when the file is not finished or of other views.
    package func certificate() throws -> ViewCertificate {
        var configuration = RebuildFile.configuration
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return try closing(queue) {
            try queue.read { db in
                try ViewStore.check(views, on: db, state: finishedState)
                return try ViewCertificate(views, on: db)
            }
        }
    }

    private var finishedState: String { cut == .everything ? "ready" : "cut \(cut.text)" }

    // MARK: - Starting

    private static var configuration: Configuration {
        var configuration = ViewStore.configuration
        configuration.journalMode = .wal
        configuration.label = "views.rebuild"
        return configuration
    }

    private func resume(_ reader: any EventReader & StreamScanner) throws -> DatabaseQueue? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let queue = try DatabaseQueue(path: path, configuration: RebuildFile.configuration)
            let target = try queue.read { db in
                try ViewStore.check(views, on: db, state: "building \(cut.text)")
                return try ViewStore.checkpoint(on: db)
            }
            let head = try reader.head().position
            if try reader.chain(at: target.position) == target.chain,
                cut == .everything || target.position == cut.end(head)
            {
                return queue
            }
            try queue.close()
        } catch is DatabaseError {
        } catch is ViewFailure {
        }
        try ViewFile.remove(path)
        return nil
    }

    private func start(_ reader: any EventReader & StreamScanner) throws -> DatabaseQueue {
        let head = try reader.head().position
        let end = cut.end(head)
        guard let root = try reader.chain(at: end) else { throw ViewFailure.ahead(views: end, log: head) }
        ViewFile.make(path)
        let queue = try DatabaseQueue(path: path, configuration: RebuildFile.configuration)
        try queue.write { db in
            try ViewStore.make(views, on: db, indexed: false)
            try db.execute(sql: "CREATE TABLE ranges(first INTEGER PRIMARY KEY) STRICT")
            try ViewStore.setCheckpoint(Checkpoint(position: end, chain: root), on: db)
            try ViewStore.set("state", "building \(cut.text)", on: db)
        }
        return queue
    }

    /// Closes the file behind `body`; what failed first is what is told.
    private func closing<Value>(_ queue: DatabaseQueue, _ body: () throws -> Value) throws -> Value {
        let result = Result { try body() }
        let closed = Result { try queue.close() }
        let value = try result.get()
        try closed.get()
        return value
    }

    // MARK: - Building

    private func build(
        _ queue: DatabaseQueue, streams: Int64, _ progress: (RebuildProgress) -> Bool
    ) throws -> RebuildResult {
        try queue.inDatabase { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 16384; PRAGMA synchronous = NORMAL") }
        let clock = ContinuousClock()
        let began = clock.now
        let target = try queue.read { try ViewStore.checkpoint(on: $0) }
        var state = RebuildProgress(
            phase: .folding, streams: 0, allStreams: streams, events: 0, rows: 0, elapsed: .zero, remaining: nil)
        func report(_ phase: RebuildProgress.Phase) throws {
            state.phase = phase
            state.elapsed = clock.now - began
            guard progress(state) else { throw ViewFailure.stopped(path: path) }
        }

        try fold(queue, end: target.position, streams: streams) { done, folded, events, rows in
            state.streams = done
            state.events += events
            state.rows += rows
            let elapsed = clock.now - began
            state.remaining = folded > 0 ? elapsed * Int(streams - done) / Int(folded) : nil
            try report(.folding)
        }
        state.remaining = nil
        let folded = clock.now
        try report(.indexing)
        try index(queue)
        let indexed = clock.now
        try report(.text)
        var texts = 0
        for text in views.texts { texts += try fill(text, queue) { try report(.text) } }
        try queue.write { db in
            try db.execute(sql: "DROP TABLE ranges")
            try ViewStore.set("state", finishedState, on: db)
        }
        try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try report(.finished)
        return RebuildResult(
            checkpoint: target, events: state.events, rows: state.rows, texts: texts, folding: folded - began,
            indexing: indexed - folded, indexingText: clock.now - indexed)
    }

    /// - Parameter report: streams done in all runs and in this one, events and rows of the range just written.
    private func fold(
        _ queue: DatabaseQueue, end: Int64, streams: Int64, _ report: (Int64, Int64, Int, Int) throws -> Void
    ) throws {
        let done = try queue.read { Set(try Int64.fetchAll($0, sql: "SELECT first FROM ranges")) }
        let source = RangeSource(last: streams, done: done)
        let handoff = Handoff<RangeMessage>(capacity: 2 * workers)
        let worker = RangeWorker(views: views, cut: cut, end: end, open: open, source: source, handoff: handoff)
        for number in 1...workers {
            let thread = Thread { worker.run() }
            thread.name = "views.rebuild.\(number)"
            thread.start()
        }
        var failure: (any Error)?
        var alive = workers
        var before = min(streams, Int64(done.count) * RangeSource.width)
        var folded: Int64 = 0
        while alive > 0 {
            switch handoff.receive() {
            case .ended: alive -= 1
            case .failed(let error): failure = failure ?? error
            case .folded(let range, let rows, let events):
                // After a failure the queue is only emptied, so that the workers can end.
                guard failure == nil else { continue }
                do {
                    let written = try write(rows, of: range, to: queue)
                    before += range.last - range.first + 1
                    folded += range.last - range.first + 1
                    try report(before, folded, events, written)
                } catch {
                    failure = error
                    source.stop()
                }
            }
        }
        if let failure { throw failure }
    }

    private func write(_ streams: [StreamRows], of range: StreamRange, to queue: DatabaseQueue) throws -> Int {
        try queue.write { db in
            let tables = try views.tables.map { try TableStatements($0, on: db) }
            var written = 0
            for stream in streams {
                for (table, rows) in zip(tables, stream.tables) {
                    for row in rows { try table.append(row) }
                    written += rows.count
                }
            }
            try db.execute(sql: "INSERT INTO ranges(first) VALUES (?)", arguments: [range.first])
            return written
        }
    }

    private func index(_ queue: DatabaseQueue) throws {
        try queue.write { db in
            guard try ViewStore.value(of: "indexed", on: db) == nil else { return }
            try db.execute(sql: "PRAGMA cache_size = -131072")
            try ViewStore.index(views, on: db)
            for sum in views.sums {
                try db.execute(sql: "INSERT INTO \(sum.name)(\(sum.columnList)) \(sum.recount)")
            }
            try ViewStore.set("indexed", "1", on: db)
        }
    }

    /// Rows of one transaction of full text.
    private static let textBatch = 5_000

    private func fill(_ text: TextTable, _ queue: DatabaseQueue, _ report: () throws -> Void) throws -> Int {
        let key = "text \(text.name)"
        var count = 0
        while true {
            let done = try queue.write { db -> Int in
                let from = Int64(try ViewStore.value(of: key, on: db) ?? "0") ?? 0
                let select = try RowStatement(
                    """
                    SELECT row, \(text.columns.joined(separator: ", ")) FROM \(text.source)
                        WHERE row > ?1 ORDER BY row LIMIT \(RebuildFile.textBatch)
                    """, on: db)
                let insertion = try TextStatements(text, source: views.source(text.source), on: db)
                select.bind(1, .integer(from))
                var last = from
                var rows = 0
                while try select.step() {
                    last = select.integer(0)
                    try insertion.insert(last, select.row(text.columns.count, from: 1))
                    rows += 1
                }
                try ViewStore.set(key, String(last), on: db)
                return rows
            }
            count += done
            if done == 0 { return count }
            try report()
        }
    }
}
