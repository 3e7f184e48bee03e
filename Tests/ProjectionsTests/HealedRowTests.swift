import Events
import GRDB
import Log
import Testing

@testable import Projections

/// Views over a log with a rotten row: what they made of it, or could not, is made anew when it is healed.
@Suite("Views of healed rows") struct HealedRowTests {
    private let log: DiskLog

    init() throws {
        log = try DiskLog()
        var workload = NoteWorkload(seed: 7)
        try workload.run(200, into: log)
    }

    private func store(_ name: String = "views.sqlite") throws -> ViewStore {
        try ViewStore(path: log.folder.path + "/" + name, views: .notes())
    }

    private func tamper(_ sql: String) throws {
        try DatabaseQueue(path: log.path).write { try $0.execute(sql: sql) }
    }

    private func heal(_ stored: StoredEvent) throws {
        let healing = try log.log.write {
            try $0.heal(stored.event, at: stored.position, now: Timestamp(milliseconds: 9))
        }
        guard case .healed = healing else {
            Issue.record("\(healing)")
            return
        }
    }

    /// Two rows of different streams with other bodies.
    private func rows() throws -> (row: StoredEvent, other: StoredEvent) {
        let all = try log.log.reader.page(.category("note"), .forward, from: 0, limit: 10_000)
        let row = try #require(all.dropFirst(20).first)
        let other = try #require(
            all.first {
                $0.event.stream != row.event.stream && $0.event.type == row.event.type
                    && $0.event.body != row.event.body
            })
        return (row, other)
    }

    private func rebuilt(_ name: String) throws -> ViewCertificate {
        let path = log.folder.path + "/" + name
        _ = try RebuildFile(path: path, views: .notes(), open: log.open).run()
        return try store(name).certificate()
    }

    @Test("what was folded of a rotten row is folded anew, cached or not", arguments: [100_000, 0])
    func folded(cached: Int) throws {
        let good = try rebuilt("good.sqlite")
        let (row, other) = try rows()
        try tamper(
            """
            UPDATE events SET body = (SELECT body FROM events WHERE position = \(other.position))
            WHERE position = \(row.position)
            """)
        let live = try ViewRunner(store: store(), pageSize: 1_000, cachedStreams: cached, open: log.open)
        try live.catchUp()
        #expect(try live.store.certificate().content != good.content, "the rot shows in no view")
        try heal(row)
        try live.catchUp()
        #expect(try live.store.certificate().content == good.content)
        #expect(try live.store.certificate() == rebuilt("again.sqlite"))
    }

    @Test("views that stand still at a row go on when it is healed")
    func stoodStill() throws {
        let good = try rebuilt("good.sqlite")
        let (row, _) = try rows()
        try tamper("UPDATE events SET actor = 4711 WHERE position = \(row.position)")
        let live = try ViewRunner(store: store(), pageSize: 10, cachedStreams: 1_000, open: log.open)
        #expect(throws: LogFailure.self) { try live.catchUp() }
        #expect(try live.store.checkpoint().position < row.position)
        try heal(row)
        try live.catchUp()
        #expect(try live.store.certificate().content == good.content)
        #expect(try live.store.certificate() == rebuilt("again.sqlite"))
    }
}
