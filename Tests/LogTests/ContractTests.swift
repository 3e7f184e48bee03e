import Events
import LogContract
import Simulation
import Testing

@testable import Log

@Suite("The log's contract") struct ContractTests {
    @Test("SQLite, and the feeds that a case leaves are those that its events ask for", arguments: LogContract.cases)
    func sqlite(_ contractCase: LogContract.Case) throws {
        let folder = try TemporaryFolder()
        var opened = 0
        var audiences: [any Audience] = []
        let contract = LogContract { log, position, what in
            let connection = try Connection(path: try #require(log as? SQLiteLog).path, mode: .readWrite)
            let change =
                switch what {
                case .body: "body = '{\"rot\":1}'"
                case .noBody: "body = NULL"
                case .hash: "hash = zeroblob(32)"
                case .shortHash: "hash = x'07'"
                case .back(let event): "body = '\(String(decoding: event.body.bytes ?? [], as: UTF8.self))'"
                }
            try connection.execute("UPDATE events SET \(change) WHERE position = \(position)")
        } open: { node, incarnation, audience in
            opened += 1
            audiences.append(audience)
            return try SQLiteLog(
                path: folder.path + "/log\(opened).sqlite", node: node, incarnation: Incarnation(incarnation),
                audience: audience)
        }
        try contractCase.run(contract)
        for (number, audience) in audiences.enumerated() {
            let report = try Verifier.verify(path: folder.path + "/log\(number + 1).sqlite", audience: audience)
            // Some cases write rows and chains that no node does.
            let found = report.problems.filter { ["feedRows", "letGo", "membership"].contains($0.table) }
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test("memory", arguments: LogContract.cases)
    func memory(_ contractCase: LogContract.Case) throws {
        let contract = LogContract { log, position, what in
            try #require(log as? MemoryLog).rot(at: position) {
                switch what {
                case .body: $0.body = .here(Array("{\"rot\":1}".utf8))
                case .noBody: $0.body = .letGo
                case .hash, .shortHash: $0.hash = .zero
                case .back(let event): $0 = event
                }
            }
        } open: {
            MemoryLog(node: $0, incarnation: Incarnation($1), audience: $2)
        }
        try contractCase.run(contract)
    }
}
