import Events
import Testing

@testable import Log

/// A log of ten million events answers like one of ten: no single answer goes through the events one by one.
@Suite("Single answers by index") struct IndexTests {
    private let fixture: Fixture
    private let reader: SQLiteReader
    private static let events = 3_000
    /// Small tables (origins, feeds, the end of the log) may be gone through.
    private static let small = 64

    init() throws {
        fixture = try Fixture(events: IndexTests.events)
        reader = try SQLiteReader(path: fixture.path)
    }

    @Test("what a turn of the node asks for needs no scan")
    func turn() throws {
        let head = try reader.head()
        #expect(head.position == Int64(IndexTests.events))
        let origin = try #require(try reader.originHeads().first)
        #expect(origin.sequence == Int64(IndexTests.events))
        let ticket = try StreamName("ticket/2")
        let last = try #require(try reader.page(.stream(ticket), .backward, from: .max, limit: 1).first)
        #expect(try reader.version(of: ticket) == last.streamVersion)
        #expect(try reader.outcome(of: last.event.command)?.stored == [last])
        #expect(try reader.event(last.event.id) == last)
        #expect(try reader.events(of: origin.origin, above: 2_990, limit: 100).count == 10)
        let feed = FeedName.node(try NodeID("a"))
        let end = try reader.feedHead(feed)
        #expect(try reader.rows(of: feed, above: end.fseq - 3, limit: 10).count == 3)
        #expect(try reader.membership(of: StreamName("ticket/3")) == [])
        #expect(try reader.cursor(of: feed) == nil)
        #expect(try reader.page(.all, .forward, from: 2_995, limit: 100).count == 5)
        #expect(reader.fullScanSteps <= IndexTests.small)
    }

    @Test("opening for writing needs no scan, however long the log is")
    func opening() throws {
        fixture.close()
        let log = try SQLiteLog(
            path: fixture.path, node: NodeID("centre"), incarnation: Incarnation(2), audience: FixtureAudience())
        #expect(log.fullScanSteps <= IndexTests.small)
    }
}
