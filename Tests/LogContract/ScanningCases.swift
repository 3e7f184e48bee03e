/// The contract's cases on reading by stream.

import Events
import Testing

extension LogContract {
    static let scanningCases: [Case] = [
        Case("a scan gives every event once, grouped by stream, in versions, whatever the page and the ranges") {
            contract in
            let log = try contract.centre()
            #expect(try scanner(log).lastStreamNumber() == 0)
            for number in 1...60 {
                try log.put(command(number), ["ticket/\(number * 7 % 11)", "call/\(number % 5)"], at: number)
            }
            let all = try log.reader.page(.all, .forward, from: 0, limit: 10_000)
            let last = try scanner(log).lastStreamNumber()
            for (limit, width, end) in [(1, last, Int64(40)), (7, 3, .max), (100_000, 5, .max), (16, 1, 77)] {
                var found: [ScannedEvent] = []
                for first in stride(from: Int64(1), through: last, by: Int64.Stride(width)) {
                    found += try scanner(log).all(first, through: min(last, first + width - 1), upTo: end, limit)
                }
                #expect(found.map(\.stored.position).sorted() == all.map(\.position).filter { $0 <= end })
                for (before, after) in zip(found, found.dropFirst()) {
                    #expect(
                        before.number == after.number
                            ? before.stored.event.stream == after.stored.event.stream
                                && before.stored.streamVersion < after.stored.streamVersion
                            : before.number < after.number)
                }
                for one in found {
                    var whole = try #require(try log.reader.event(one.stored.event.id))
                    whole.event.previous = .zero
                    #expect(one.stored == whole)
                }
            }
        },
        Case("the chain's value at any position is known, and nothing beyond the end") { contract in
            let log = try contract.centre()
            #expect(try scanner(log).chain(at: 0) == .zero)
            for number in 1...3 {
                try log.put(command(number), ["ticket/1"])
                #expect(try scanner(log).chain(at: Int64(number)) == log.reader.head().chain)
            }
            #expect(try scanner(log).chain(at: 4) == nil)
            #expect(try scanner(log).chain(at: 1) != scanner(log).chain(at: 2))
        },
    ]
}

private func scanner(_ log: any EventLog) throws -> any StreamScanner {
    try #require(log.reader as? any StreamScanner)
}

extension StreamScanner {
    fileprivate func all(_ first: Int64, through last: Int64, upTo end: Int64, _ limit: Int) throws -> [ScannedEvent] {
        var found: [ScannedEvent] = []
        var place = StreamPlace(number: first, version: 0)
        while found.count < 100_000 {
            let page = try streams(after: place, through: last, upTo: end, limit: limit)
            found += page
            guard page.count == limit, let one = page.last else { break }
            place = StreamPlace(number: one.number, version: one.stored.streamVersion)
        }
        return found
    }
}
