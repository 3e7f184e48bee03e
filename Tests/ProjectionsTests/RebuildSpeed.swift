import Events
import Foundation
import Log
import Testing
import Tickets

@testable import Projections

/// Prints the speed of a rebuild; run with `GRIDLINE_BENCH_TICKETS=20000 swift test -c release -Xswiftc
/// -enable-testing --filter RebuildSpeed`.
///
/// Asserts only that the result is whole.
@Suite("Speed of a rebuild") struct RebuildSpeed {
    static let tickets = ProcessInfo.processInfo.environment["GRIDLINE_BENCH_TICKETS"].flatMap(Int.init)

    @Test("prints events and texts a second", .enabled(if: tickets != nil))
    func rebuild() throws {
        let count = RebuildSpeed.tickets ?? 0
        let log = try DiskLog()
        try fill(log, tickets: count)
        let head = try log.log.reader.head().position
        let clock = ContinuousClock()
        let reader = try log.open()
        let scan = try clock.measure {
            var position: Int64 = 0
            while let last = try reader.page(.all, .forward, from: position, limit: 10_000).last {
                position = last.position
            }
        }
        print("scan: \(rate(Int(head), scan)) events/s")
        let views = ViewSet.gridline(centre: log.log.origin.node)
        for workers in [1, 2] {
            let file = RebuildFile(
                path: log.folder.path + "/b\(workers).sqlite", views: views, workers: workers, open: log.open)
            let result = try file.run()
            print(
                """
                \(workers) workers: \(result.events) events, folding \(result.folding), indexing \(result.indexing), \
                \(rate(result.events, result.folding + result.indexing)) events/s; \
                text \(result.texts) in \(result.indexingText), \(rate(result.texts, result.indexingText)) tickets/s
                """)
            #expect(result.events <= Int(head))
        }
        let store = try ViewStore(path: log.folder.path + "/b2.sqlite", views: views)
        #expect(store.opening == .kept)
        var filter = TicketFilter()
        filter.holderUnit = TicketWorkload.units[1]
        filter.statuses = [.dispatched, .inHand]
        for (name, body) in [
            ("list, all", { _ = try store.tickets() }), ("list, a unit's", { _ = try store.tickets(filter) }),
            ("search", { _ = try store.search("占道经营") }), ("certificate", { _ = try store.certificate() }),
        ] as [(String, () throws -> Void)] {
            try body()
            print("\(name): \(try clock.measure(body))")
        }
        let live = try ViewStore(path: log.folder.path + "/live.sqlite", views: views)
        let runner = try ViewRunner(store: live, open: log.open)
        let few = min(head, 40_000)
        if head <= 50_000 {
            let took = try clock.measure { try runner.catchUp(to: few) }
            print("live: \(rate(Int(few), took)) events/s")
        }
    }

    private func rate(_ count: Int, _ duration: Duration) -> Int {
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        return count * 1_000_000 / max(1, Int(microseconds))
    }

    /// Lives of ten events, interleaved as days bring them: 50 tickets are at work at a time.
    private func fill(_ log: DiskLog, tickets: Int) throws {
        let node = log.log.origin.node.text
        let life: [TicketEventKind] = [
            .registered, .queuedForDispatch, .dispatched, .signed, .firstContactMade, .progressNoted, .replySubmitted,
            .finished,
            .callbackRecorded, .closed,
        ]
        var random = Seeded(9)
        for first in stride(from: 0, to: tickets, by: 50) {
            for (step, kind) in life.enumerated() {
                let drafts = try (first..<min(tickets, first + 50)).map { number -> Draft in
                    let at = 1_764_000_000_000 + Int64(first * 10 + step) * 60_000
                    var body: JSONObject = ["text": .string("已联系当事人，情况属实，正在协调处理，预计三日内完成。")]
                    if kind == .registered {
                        let matter = (0..<5).map { _ in TicketWorkload.matters.randomElement(using: &random) ?? "" }
                        body = [
                            "channel": .string("phone"), "matter": .string(matter.joined(separator: "，")),
                            "title": .string(matter[0]), "number": .string("2611\(10_000_000 + number)"),
                            "kind": .string("complaint"),
                            "category": .array([.string("城市管理"), .string("市容\(number % 40)")]),
                            "place": .object([
                                "area": .string(TicketWorkload.units[number % 3]), "text": .string("元和街道\(number)号"),
                            ]),
                        ]
                    } else if kind == .dispatched {
                        body = [
                            "lead": .string(TicketWorkload.units[number % 3]), "leadNode": .string(node),
                            "due": .object(["at": .integer(at + 86_400_000)]),
                        ]
                    }
                    return Draft(
                        stream: try StreamName("ticket/\(number)"), type: EventType(kind.typeName), body: body,
                        occurredAt: Timestamp(milliseconds: at))
                }
                try log.put(drafts, command: "fill \(first) \(step)", at: 1_764_000_000_000 + Int64(first * 10 + step))
            }
        }
    }
}
