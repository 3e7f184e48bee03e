/// What happens when a record comes again, what is sealed, and what is too long.

import Events
import Foundation
import Intake
import Privacy
import Testing

private let header = "id,t,u,m,s\n"

private let refetchMap = """
    source: re
    encoding: utf-8
    id: [id]
    created: {column: t, formats: ["yyyy-M-d"]}
    updated: {column: u, formats: ["yyyy-M-d"]}
    matter: m
    states:
      - {when: {s: done}, state: finished}
      - state: registered
    """

@Suite("The same record again")
struct RefetchTests {
    private func importing(_ rows: String, yaml: String = refetchMap, into history: inout MemoryHistory) throws
        -> WholeImport
    {
        let file = try TemporaryFile(Array((header + rows).utf8), name: "r.csv")
        return try IntakeTests.importing(file.path, map: try ImportMap(yaml: yaml, name: "re"), into: &history)
    }

    @Test("a later row with a new status is an update at the source's time, in the same ticket")
    func updated() throws {
        var history = MemoryHistory()
        let whole = try importing("1,2018-1-1,2018-1-1,x,new\n1,2018-1-1,2018-2-1,x,done\n", into: &history)
        #expect(whole.counts.taken == 1)
        #expect(whole.counts.updated == 1)
        #expect(Set(whole.records.map(\.ticket)).count == 1)
        let step = try #require(whole.records.last?.steps.last)
        #expect(step.type == EventType("ticket.importUpdated"))
        #expect(step.body["state"] == .string("finished"))
        #expect(step.body["content"] == nil)
        #expect(step.occurredAt == Timestamp(milliseconds: 1_517_414_400_000))
    }

    @Test("an older row that was never seen changes nothing and is counted apart")
    func outdated() throws {
        var history = MemoryHistory()
        _ = try importing("1,2018-1-1,2018-2-1,x,done\n", into: &history)
        let whole = try importing("1,2018-1-1,2018-1-1,x,new\n", into: &history)
        #expect(whole.counts.outdated == 1)
        #expect(whole.records.isEmpty)
    }

    @Test("without the source's time a change is dated by the fetch and says so, and a second run adds nothing")
    func withoutTime() throws {
        let yaml = refetchMap.split(separator: "\n").filter { !$0.hasPrefix("updated") }.joined(separator: "\n")
        var history = MemoryHistory()
        let rows = "1,2018-1-1,,x,new\n1,2018-1-1,,y,done\n"
        let whole = try importing(rows, yaml: yaml, into: &history)
        let step = try #require(whole.records.last?.steps.last)
        #expect(step.occurredAt == fetchTime)
        #expect(step.body["timeFrom"] == .string("fetch"))
        #expect(step.body["content"]?.object?["matter"] == .string("y"))
        #expect(try importing(rows, yaml: yaml, into: &history).counts.repeated == 2)
    }

    @Test("a phone in the text leaves a token in the body and the number beside it")
    func sealed() throws {
        var history = MemoryHistory()
        let whole = try importing("1,2018-1-1,,\"⟦mobile-1⟧ 138 1234 5678\",new\n", into: &history)
        let record = try #require(whole.records.first)
        #expect(record.steps[0].body["matter"] == .string("⟦mobile-1⟧ ⟦mobile-2⟧"))
        #expect(record.sealedNumbers.map(\.value) == ["13812345678"])
        #expect(record.sealedNumbers.map(\.token) == ["⟦mobile-2⟧"])
    }

    @Test("a time of intake that cannot be meant refuses its row, with column and value; other times may lie anywhere")
    func unlikelyTimes() throws {
        let yaml = refetchMap.replacing("yyyy-M-d", with: "yyyy-M-d[ H:mm:ss.f]")
        var history = MemoryHistory()
        // China's clock is eight hours ahead; the import is at 2027-01-15 16:00 there.
        let refused = [
            "0000-1-1", "1899-12-31", "1899-12-31 23:59:59.999", "2027-1-16 16:00:00.001", "2027-1-17", "9999-1-1",
        ]
        let taken = ["1900-1-1", "2018-1-1", "2027-1-16 16:00:00.000"]
        let rows = (refused + taken).enumerated().map { "\($0.offset),\($0.element),9999-1-1,m,new" }
        let whole = try importing(rows.joined(separator: "\n"), yaml: yaml, into: &history)
        #expect(whole.counts.taken == taken.count)
        #expect(whole.refused.map(\.number) == Array(1...refused.count))
        #expect(whole.counts.reasons.map(\.name) == ["badTime"])
        let last = try #require(whole.refused.last).reason
        #expect(last == .unlikelyTime(column: "t", value: "9999-1-1"))
        #expect(last.message.description.hasPrefix("t holds \"9999-1-1\""))
    }

    @Test("ids of several columns stay apart whatever is in them; those without `|` and `\\` are joined as they are")
    func ids() throws {
        let yaml = refetchMap.replacing("id: [id]", with: "id: [id, s]")
        var history = MemoryHistory()
        let rows = [
            #"x|y,2018-1-1,,m,z"#, #"x,2018-1-1,,m,y|z"#, #"x\|y,2018-1-1,,m,z"#, #"x\,2018-1-1,,m,y|z"#,
            "a,2018-1-1,,m,b",
        ]
        let whole = try importing(rows.joined(separator: "\n"), yaml: yaml, into: &history)
        #expect(whole.counts.taken == 5)
        #expect(whole.records.map(\.id) == [#"x\|y|z"#, #"x|y\|z"#, #"x\\\|y|z"#, #"x\\|y\|z"#, "a|b"])
        #expect(Set(whole.records.map(\.ticket)).count == 5)
        #expect(try importing(rows[0], into: &history).records.map(\.id) == ["x|y"])
    }

    @Test("a record above an event's size is refused, not cut")
    func tooLong() throws {
        var history = MemoryHistory()
        let whole = try importing("1,2018-1-1,,\(String(repeating: "长", count: 20_000)),new\n", into: &history)
        #expect(whole.counts.refused == 1)
        guard case .bodyTooLong(_, let limit, let longest) = try #require(whole.refused.first).reason else {
            Issue.record("refused for another reason: \(whole.refused)")
            return
        }
        #expect(limit == Event.Limit.body)
        #expect(longest == "matter")
    }

    @Test("the example in docs/import.md is a map")
    func example() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/import.md"
        ).standardized
        let text = try String(contentsOf: path, encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(try blocks.map { try ImportMap(yaml: $0, name: "docs/import.md").source } == ["street-ledger"])
    }
}
