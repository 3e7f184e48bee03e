/// The counts of the real files, each read twice (`GRIDLINE_TEST_DATA`).

import Events
import Foundation
import Intake
import Testing

/// One real file and what an import of it must come to.
struct RealFile: CustomTestStringConvertible, Sendable {
    var map: String
    var path: String
    var rows: Int
    var taken: Int
    var repeated = 0
    var updated = 0
    /// Tickets whose last state is neither finished, merged nor closed.
    var open: Int?
    /// Tickets with a closing time.
    var closed: Int?
    /// The state, with a closing time, that every re-fetch with new content brings.
    var refetchedAs: String?

    var testDescription: String { "\(path) by \(map)" }
}

private let realFiles = [
    RealFile(
        map: "pingshan", path: "data/tickets-cn/pingshan2018_tickets.csv", rows: 6952, taken: 6952, open: 2, closed: 0),
    RealFile(
        map: "pingshan", path: "data/tickets-cn/pingshan2018_tickets.gb18030.csv", rows: 6952, taken: 6952, open: 2,
        closed: 0),
    RealFile(map: "teddy", path: "data/tickets-cn/teddy2020c_att3_hot.csv", rows: 3304, taken: 3304, open: 3304),
    RealFile(map: "teddy", path: "data/tickets-cn/teddy2020c_att4_replies.csv", rows: 2131, taken: 2131, open: 0),
    RealFile(
        map: "teddy", path: "data/tickets-cn/teddy2020c_testset_unlabelled.csv", rows: 2048, taken: 2048, open: 2048),
    RealFile(
        map: "teddy", path: "data/tickets-cn/teddy2020c_sample_labelled.csv", rows: 310, taken: 309, repeated: 0,
        updated: 1),
    RealFile(
        map: "baltimore", path: "data/311/baltimore311_sample_to_2018-03.csv", rows: 8120, taken: 8120, open: 97,
        closed: 8023),
    RealFile(map: "nyc", path: "data/311/nyc311_2024-04-15_16_before_0030.csv", rows: 848, taken: 848, closed: 256),
]

private let largeFiles = [
    RealFile(
        map: "boston-open311", path: "data/311/boston_open311_2017-07_2018-12.csv.gz", rows: 114_006, taken: 104_381,
        repeated: 9616, updated: 9,
        refetchedAs: "closed"),
    RealFile(
        map: "boston-2011", path: "data/311/boston311_full_2011-07_2011-10.csv.gz", rows: 41_827, taken: 41_827,
        open: 2459, closed: 39_368),
]

@Suite("Real files", .enabled(if: testData != nil, "GRIDLINE_TEST_DATA is not set"), .serialized)
struct RealFilesTests {
    @Test("a real file gives the counts of its description, and nothing new when read twice", arguments: realFiles)
    func counts(file: RealFile) throws { try check(file) }

    @Test("a large file, packed, gives them too", arguments: largeFiles)
    func countsOfLarge(file: RealFile) throws { try check(file) }

    private func check(_ file: RealFile) throws {
        let path = "\(try #require(testData))/\(file.path)"
        let map = try ImportMap.load(file.map)
        var history = MemoryHistory()
        let clock = ContinuousClock()
        var first = WholeImport()
        let time = try clock.measure { first = try importing(path, map: map, into: &history) }
        let steps = first.records.reduce(0) { $0 + $1.steps.count }
        FileHandle.standardError.write(Data("\(file.testDescription): \(first.counts), \(steps) steps, \(time)\n".utf8))
        #expect(first.counts.rows == file.rows)
        #expect(first.counts.taken == file.taken)
        #expect(first.counts.repeated == file.repeated)
        #expect(first.counts.updated == file.updated)
        #expect(first.counts.refused == 0, "\(first.refused.prefix(3))")
        let last = lastSteps(first.records)
        if let open = file.open {
            #expect(last.count { !["finished", "merged", "closed"].contains($0.body["state"]?.string) } == open)
        }
        if let closed = file.closed { #expect(last.count { $0.body["closedAt"] != nil } == closed) }
        if let name = file.refetchedAs {
            let updates = first.records.filter { $0.steps.first?.kind == .updated }
            #expect(updates.count == file.updated)
            #expect(
                updates.allSatisfy {
                    $0.steps.last?.body["state"]?.string == name && $0.steps.last?.body["closedAt"] != nil
                })
        }

        let again = try importing(path, map: map, into: &history)
        #expect(again.records.isEmpty)
        #expect(again.counts.repeated == file.rows)
        #expect(again.counts.taken + again.counts.updated + again.counts.outdated == 0)
    }

    @Test("the GB18030 copy gives the same bytes as the UTF-8 file")
    func encodings() throws {
        let folder = "\(try #require(testData))/data/tickets-cn"
        let map = try ImportMap.load("pingshan")
        var plain = MemoryHistory()
        var other = MemoryHistory()
        let first = try importing("\(folder)/pingshan2018_tickets.csv", map: map, into: &plain)
        let second = try importing("\(folder)/pingshan2018_tickets.gb18030.csv", map: map, into: &other)
        #expect(bytes(of: first.records) == bytes(of: second.records))
        #expect(first.records.count == 6952)
    }

    private func lastSteps(_ records: [ImportRecord]) -> [ImportStep] {
        var last: [StreamName: ImportStep] = [:]
        for record in records { last[record.ticket] = record.steps.last }
        return Array(last.values)
    }
}
