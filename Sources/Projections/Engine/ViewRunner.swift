/// Keeps the views up with the log: a page of events, their streams folded anew, one transaction.
///
/// Synchronous, on whatever thread the shell gives it; one thread at a time. Side effects have no place here: a
/// fold writes rows and nothing else, so running it again is free of consequences.

package import Events
import GRDB

/// Opens a reader of the log for the calling thread.
package typealias OpenReader = @Sendable () throws -> any EventReader & StreamScanner

package final class ViewRunner {
    package struct Progress: Sendable, Equatable {
        /// What the views hold, and where the log ends.
        package var position, head: Int64
        /// Rows inserted, changed or deleted by this step.
        package var rowsWritten: Int
        /// Why this step rebuilt all views; nil when it did not.
        package var rebuilt: String?
        package var lag: Int64 { head - position }
    }

    package let store: ViewStore
    /// Asked between two transactions of a rebuild of all views, which stops when it is true and goes on at the next step.
    package var isStopping: @Sendable () -> Bool = { false }
    private let open: OpenReader
    private let reader: any EventReader & StreamScanner
    private var checkpoint: Checkpoint
    /// Of the streams that were touched last, so that a new event does not read its stream again; nil for one that is to be.
    private var cache: BoundedCache<StreamName, KeptStreams?>
    /// Events a step reads at most.
    private let pageSize: Int
    /// Empty views that lag further than this are rebuilt in bulk, which is many times faster.
    private static let bulkLag: Int64 = 50_000

    /// - Parameters:
    ///   - open: gives readers of the log the views are made from.
    ///   - pageSize: events a step, 1–10,000.
    ///   - cachedStreams: how many lately touched streams stay in memory, without their events; a ticket takes some 5 kB.
    package init(store: ViewStore, pageSize: Int = 1_000, cachedStreams: Int = 10_000, open: @escaping OpenReader)
        throws
    {
        self.store = store
        self.open = open
        self.pageSize = max(1, min(pageSize, 10_000))
        reader = try open()
        checkpoint = try store.checkpoint()
        cache = BoundedCache(limit: cachedStreams)
    }

    /// Takes in the next page of the log.
    ///
    /// - Returns: how far the views are now; `lag` 0 when there was nothing more.
    /// - Throws: `LogFailure` or `ViewFailure`, `.stopped` among them; the views then stand where they stood before.
    package func step() throws -> Progress {
        let head = try reader.head()
        if let reason = try reasonToRebuild(head) {
            let result = try Rebuild(store: store, open: open).run { _ in !isStopping() }
            cache.removeAll()
            checkpoint = try store.checkpoint()
            return Progress(
                position: checkpoint.position, head: head.position, rowsWritten: result.rows, rebuilt: reason)
        }
        let page = try reader.page(.all, .forward, from: checkpoint.position, limit: pageSize)
        guard let last = page.last, let chain = try reader.chain(at: last.position) else {
            return Progress(position: checkpoint.position, head: head.position, rowsWritten: 0, rebuilt: nil)
        }
        let reached = Checkpoint(position: last.position, chain: chain)
        let written: Int?
        do {
            let rows = try fold(page, upTo: last.position)
            written = try store.write { db in
                // A tool beside the serving node writes to the same file: rows that were folded up to an earlier position
                // than the file's would put its tickets back.
                guard try ViewStore.checkpoint(on: db) == checkpoint else { return nil }
                let writer = try RowWriter(store.views, on: db)
                for one in rows { try writer.replace(one) }
                try writer.finish()
                try ViewStore.setCheckpoint(reached, on: db)
                return writer.rowsWritten
            }
        } catch {
            // The cache is ahead of the tables now.
            cache.removeAll()
            throw ViewFailure.from(error, "write views")
        }
        if written == nil {
            // Somebody else's rows may hold events that the cache lacks.
            cache.removeAll()
            checkpoint = try store.checkpoint()
        } else {
            checkpoint = reached
        }
        return Progress(
            position: checkpoint.position, head: max(head.position, last.position), rowsWritten: written ?? 0,
            rebuilt: nil)
    }

    /// Whether the log is more than so many events ahead, or all views are to be made anew.
    package func isFarBehind(by events: Int64) throws -> Bool {
        let head = try reader.head()
        return try head.position - checkpoint.position > events || reasonToRebuild(head) != nil
    }

    /// Steps until the views hold `position`, or the log's end at the time of the call.
    ///
    /// - Parameter reached: told after each step what the views hold by then.
    package func catchUp(to position: Int64? = nil, reached: (Int64) -> Void = { _ in }) throws {
        let head = try reader.head()
        let goal = position ?? head.position
        // Views of another log may stand above the end of this one, and are no nearer to it for that.
        var isOther = try reasonToRebuild(head) != nil
        while isOther || checkpoint.position < goal {
            let before = checkpoint
            let progress = try step()
            if checkpoint == before { return }
            isOther = false
            reached(progress.position)
        }
    }

    /// The log may have been restored or exchanged under the views: they must hang on its chain.
    private func reasonToRebuild(_ head: LogHead) throws -> String? {
        let here = try reader.chain(at: checkpoint.position)
        if here != checkpoint.chain {
            let found = here?.description ?? "no such position"
            return "the views' root at \(checkpoint.position) is \(checkpoint.chain), the log's is \(found)"
        }
        if checkpoint.position == 0, head.position > ViewRunner.bulkLag {
            return "the views are empty and the log holds \(head.position) events"
        }
        return nil
    }

    private func fold(_ page: [StoredEvent], upTo position: Int64) throws -> [StreamRows] {
        var order: [StreamName] = []
        var fresh: [StreamName: [Event]] = [:]
        var new: Set<StreamName> = []
        for stored in page {
            if fresh[stored.event.stream] == nil { order.append(stored.event.stream) }
            if stored.streamVersion == 1 { new.insert(stored.event.stream) }
            fresh[stored.event.stream, default: []].append(stored.event)
            // What was folded of the rows as they were is folded anew.
            guard let changed = Healed(stored.event)?.stream ?? BodyChange(stored.event)?.stream else { continue }
            cache.set(nil, of: changed)
            if fresh[changed] == nil { order.append(changed) }
            fresh[changed, default: []] += []
        }
        var rows: [StreamRows] = []
        for stream in order where store.views.folds.contains(where: { $0.category == stream.category }) {
            let added = fresh[stream] ?? []
            let isNew = new.contains(stream)
            if let one = try folded(stream, with: added, isNew: isNew, upTo: position) { rows.append(one) }
        }
        return rows
    }

    /// The rows of a stream, from what is kept of it or else from its history.
    ///
    /// - Parameter isNew: these are all of its events.
    private func folded(
        _ stream: StreamName, with fresh: [Event], isNew: Bool, upTo position: Int64
    ) throws -> StreamRows? {
        var known: StreamRows?
        cache.update(stream) { kept in
            guard var streams = kept.take(), streams.count + fresh.count <= store.views.streamLimit,
                streams.add(fresh)
            else { return }
            known = store.views.rows(of: stream, kept: streams)
            if known != nil { kept = streams }
        }
        if let known { return known }
        let events = isNew ? fresh : try history(of: stream, upTo: position)
        guard let kept = store.views.kept(of: stream, events: events) else {
            return store.views.rows(of: stream, events: events)
        }
        cache.set(kept, of: stream)
        return store.views.rows(of: stream, kept: kept) ?? store.views.rows(of: stream, events: events)
    }

    private func history(of stream: StreamName, upTo position: Int64) throws -> [Event] {
        var events: [Event] = []
        var from: Int64 = 0
        while true {
            let page = try reader.page(.stream(stream), .forward, from: from, limit: 1_000)
            events += page.filter { $0.position <= position }.map(\.event)
            let isWhole = page.count < 1_000 || events.count > store.views.streamLimit
            guard !isWhole, let last = page.last, last.position < position else { break }
            from = last.position
        }
        return Array(events.prefix(store.views.streamLimit + 1))
    }
}
