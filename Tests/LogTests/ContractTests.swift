import Events
import Log
import LogContract
import Simulation
import Testing

@Suite("The log's contract") struct ContractTests {
    @Test("SQLite, and each log that a case leaves verifies", arguments: LogContract.cases)
    func sqlite(_ contractCase: LogContract.Case) throws {
        let folder = try TemporaryFolder()
        var opened = 0
        var audiences: [any Audience] = []
        let contract = LogContract { node, incarnation, audience in
            opened += 1
            audiences.append(audience)
            return try SQLiteLog(
                path: folder.path + "/log\(opened).sqlite", node: node, incarnation: Incarnation(incarnation),
                audience: audience)
        }
        try contractCase.run(contract)
        for (number, audience) in audiences.enumerated() {
            let report = try Verifier.verify(path: folder.path + "/log\(number + 1).sqlite", audience: audience)
            #expect(report.problems.isEmpty, "\(report.problems)")
        }
    }

    @Test("memory", arguments: LogContract.cases)
    func memory(_ contractCase: LogContract.Case) throws {
        let contract = LogContract { MemoryLog(node: $0, incarnation: Incarnation($1), audience: $2) }
        try contractCase.run(contract)
    }
}
