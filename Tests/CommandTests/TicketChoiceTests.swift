import Events
import Testing
import Tickets

@testable import gridline

/// A ticket named by a number that two nodes gave.
@Suite("Which ticket a number means") struct TicketChoiceTests {
    private let number: TicketNumber

    init() throws {
        number = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 12))
    }

    private func item(_ ticket: String, _ shown: String?) -> JSONObject {
        var item: JSONObject = ["ticket": .string("ticket/\(ticket)")]
        item["number"] = shown.map(JSON.string)
        return item
    }

    @Test("one ticket is found by its number, and of two each by what it shows")
    func found() throws {
        let twins = [item("a", number.text), item("b", "\(number.text)-2"), item("c", nil), item("d", "26112301")]
        #expect(try TicketChoice.key(among: twins, number, 2) == "b")
        #expect(try TicketChoice.key(among: [twins[0], twins[2]], number, nil) == "a")
        #expect(try TicketChoice.key(among: [twins[1]], number, nil) == "b")
    }

    @Test("a number that several have alone means none, and the hint names each; one that nobody has means none")
    func ambiguous() throws {
        let twins = [item("a", number.text), item("b", "\(number.text)-2")]
        do {
            _ = try TicketChoice.key(among: twins, number, nil)
            Issue.record("one was chosen")
        } catch let problem as CommandProblem {
            #expect(problem.message.description.hasPrefix("2 tickets"))
            let hint = problem.hint.description
            #expect(hint.contains("ticket/a") && hint.contains("ticket/b shows \(number.text)-2"))
        }
        #expect(throws: CommandProblem.self) { try TicketChoice.key(among: twins, number, 3) }
        #expect(throws: CommandProblem.self) { try TicketChoice.key(among: [], number, nil) }
    }
}
