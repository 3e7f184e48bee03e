/// The views: how fast they are made from the log, and how fast they answer.

import Events
import Foundation
import Log
import Node
import Projections
import Tickets

struct ViewRows {
    let bench: Bench
    private static let log = "tickets.sqlite"
    private static let units = ["320507001", "320507002", "320507003"]

    func run() throws {
        let tickets =
            bench.isQuick ? min(bench.tickets, 20_000) : bench.isLong ? max(bench.tickets, 1_000_000) : bench.tickets
        let log = try TicketLog(
            path: bench.path(ViewRows.log), tickets: tickets, within: bench.isLong ? .seconds(1_200) : .seconds(75))
        let views = ViewSet.gridline(centre: log.centre)
        let path = log.path
        let mix = "\(log.events) events of \(log.tickets) tickets, \(log.bodyBytes / max(1, log.events))-byte bodies"
        var rebuilds: [Int] = []
        var texts: [Int] = []
        var scans: [Int] = []
        var byStream: [Int] = []
        var processor: [Int] = []
        var parts = ""
        for _ in 0..<(bench.isLong ? 1 : bench.rounds) {
            try bench.remove("views.sqlite")
            let scan = try RawReference(bench: bench).scan(path)
            scans.append(scan.byPosition)
            byStream.append(scan.byStream)
            let before = processorTime()
            var folded = before
            let result = try RebuildFile(path: bench.path("views.sqlite"), views: views, workers: 2) {
                try SQLiteReader(path: path)
            }.run { progress in
                if progress.phase == .text, folded == before { folded = processorTime() }
                return true
            }
            processor.append((folded - before).microseconds * 1_000 / log.events)
            guard result.texts == log.tickets else { throw BenchFailure("\(result.texts) of \(log.tickets) tickets") }
            rebuilds.append(eventRate(log.events, result.folding + result.indexing))
            texts.append(eventRate(result.texts, result.indexingText))
            parts = "last: folding \(result.folding), indexes and sums \(result.indexing)"
        }
        bench.report.add(
            Row(
                name: "rebuild", work: "rebuild of all views but full text", unit: .perSecond, value: rebuilds.median,
                reference: ("SELECT * of the log in C", scans.median), goal: .atLeast(500_000),
                firstIssue: .atLeast(200_000),
                note: "2 workers; \(mix); \(parts); \(processor.median) ns of processor time an event; C reads the log "
                    + "stream by stream at \(byStream.median)/s"))
        bench.report.add(
            Row(
                name: "rebuild", work: "full-text index", unit: .perSecond, value: texts.median, reference: nil,
                goal: .atLeast(10_000), note: "tickets a second, one thread"))
        try answers(log, views)
        try bench.remove("views.sqlite")
        try bench.remove(ViewRows.log)
    }

    private func answers(_ log: TicketLog, _ views: ViewSet) throws {
        let store = try ViewStore(path: bench.path("views.sqlite"), views: views, unusable: .refuse)
        defer { close(store) }
        var random = Seeded(3)
        var page = Times()
        var list = Times()
        var next = Times()
        var search = Times()
        let rounds = bench.isQuick ? 50 : 500
        let readers = ReaderPool(path: log.path)
        let words = ["电梯故障", "占道经营", "偷排污水", "拖欠", "扬尘 洒水", "井盖 安全隐患", "公交站台", "消防通道", "安元路77号"]
        for round in 0..<rounds {
            var filter = TicketFilter()
            filter.holderUnit = ViewRows.units.randomElement(using: &random)
            if round.isMultiple(of: 2) { filter.statuses = [.closed] }
            let first = try list.measure { try store.tickets(filter) }
            if let cursor = first.next { _ = try next.measure { try store.tickets(filter, after: cursor) } }
            let word = words.randomElement(using: &random) ?? ""
            let found = try search.measure { try store.search(word) }
            for item in [first.items, found.items].compactMap({ $0.randomElement(using: &random) }) {
                // As the server does for the ticket page: a reader of the pool, the whole stream folded.
                try page.measure { try readers.read { _ = try NodeCore.read(item.stream, centre: log.centre, $0) } }
            }
        }
        let how = "in \(log.tickets) tickets, p50"
        let rows: [(String, Times, Int)] = [
            ("ticket page, p99", page, 5_000), ("list of a unit, p99", list, 5_000), ("next page, p99", next, 5_000),
            ("search, p99", search, 20_000),
        ]
        for (work, times, goal) in rows {
            bench.report.add(
                Row(
                    name: "pages", work: work, unit: .microseconds, value: times.percentile(990), reference: nil,
                    goal: .atMost(goal), note: "\(times.count) \(how) \(times.percentile(500)) µs"))
        }
    }

    private func close(_ store: ViewStore) {
        do { try store.close() } catch { print("could not close \(store.path): \(error)") }
    }
}
