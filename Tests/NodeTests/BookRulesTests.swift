import Events
import Node
import Rules
import Simulation
import Testing
import Tickets

@Suite("The rule book behind decisions") struct BookRulesTests {
    /// Monday 23 November 2026 in China.
    private func at(_ hour: Int64, _ minute: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_795_363_200_000 + (hour * 60 + minute) * 60_000)
    }

    @Test("closing and the redo window count in the unit that the rules say: working days skip the weekend")
    func windows() throws {
        var limits = try RuleBook.preset("limits-shanghai-daning")
        for name in ["closing", "redoWindow"] {
            limits[name] = .object(["amount": .integer(1), "fromNextDay": .bool(false), "unit": .string("workingDays")])
        }
        var book = try RuleBook()
        let drafts = try RuleBook.drafts(publishing: limits, as: "limits", at: at(0, 0))
        let log = MemoryLog(
            node: try NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let request = AppendRequest(
            command: CommandID(derivedFrom: "rules"), actor: Actor(system: "test", rule: "1"), now: at(0, 0),
            drafts: drafts)
        guard case .appended(let stored) = try log.write({ try $0.append(request) }) else { return }
        for one in stored { try book.apply(one.event) }
        let rules = BookRules(book, nodes: [])
        // Friday 27 November, 10:00: the next working day is Monday.
        let friday = at(4 * 24 + 10, 0)
        #expect(rules.closes(after: friday) == at(7 * 24 + 10, 0))
        #expect(rules.redoEnds(after: friday) == at(7 * 24 + 10, 0))
    }

    @Test("a stop of half a working hour moves the due time by half a working hour, not by a whole one")
    func resumedToTheMinute() throws {
        let rules = BookRules(try RuleBook(limits: "limits-shanghai-daning"), nodes: [])
        var ticket = TicketState()
        ticket.kind = "help"
        func resumed(_ since: Timestamp, _ until: Timestamp) -> Timestamp {
            rules.resumed(DueInstant(at: at(10, 0)), of: ticket, since: since, until: until).at
        }
        #expect(resumed(at(9, 0), at(9, 30)) == at(10, 30))
        #expect(resumed(at(9, 0), at(9, 1)) == at(10, 1))
        // From Saturday to Sunday nobody worked, so nothing is given back.
        #expect(resumed(at(-40, 0), at(-20, 0)) == at(10, 0))
        // Over the noon break: 11:30 and an hour of work ends at 13:30.
        #expect(
            rules.resumed(DueInstant(at: at(11, 30)), of: ticket, since: at(9, 0), until: at(10, 0)).at == at(13, 30))
    }
}
