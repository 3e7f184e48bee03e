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
                var found: [ScannedStream] = []
                for first in stride(from: Int64(1), through: last, by: Int64.Stride(width)) {
                    found += try scanner(log).all(first, through: min(last, first + width - 1), upTo: end, limit)
                }
                let events = found.flatMap(\.events)
                #expect(Set(events.map(\.id)) == Set(all.filter { $0.position <= end }.map(\.event.id)))
                for (before, after) in zip(found, found.dropFirst()) {
                    #expect((before.place.number, before.place.version) < (after.place.number, after.place.version))
                }
                var last = 0 as Int64
                var stream: StreamName?
                for event in events {
                    var whole = try #require(try log.reader.event(event.id))
                    whole.event.previous = .zero
                    #expect(event == whole.event)
                    #expect(whole.streamVersion == (event.stream == stream ? last + 1 : 1))
                    (stream, last) = (event.stream, whole.streamVersion)
                }
            }
        },
        Case("a scan passes over streams of categories that nobody asked for") { contract in
            let log = try contract.centre()
            for number in 1...30 {
                try log.put(command(number), ["ticket/\(number % 4)", "call/\(number % 3)"], at: number)
            }
            let scanner = try scanner(log)
            for category in ["ticket", "call", "none"] {
                let page = try scanner.streams(
                    of: [category], after: StreamPlace(number: 1, version: 0), through: scanner.lastStreamNumber(),
                    upTo: .max, limit: 1_000)
                let wanted = try log.reader.page(.category(category), .forward, from: 0, limit: 1_000)
                #expect(Set(page.flatMap(\.events).map(\.id)) == Set(wanted.map(\.event.id)))
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
    fileprivate func all(_ first: Int64, through last: Int64, upTo end: Int64, _ limit: Int) throws -> [ScannedStream] {
        var found: [ScannedStream] = []
        var place = StreamPlace(number: first, version: 0)
        while true {
            let page = try streams(of: ["call", "ticket"], after: place, through: last, upTo: end, limit: limit)
            found += page
            guard page.reduce(0, { $0 + $1.events.count }) == limit, let one = page.last else { return found }
            place = one.place
        }
    }
}
