import Events
import Node
import Rules
import Testing
import Tickets

@Suite("The rule book behind decisions") struct BookRulesTests {
    /// Monday 23 November 2026 in China.
    private func at(_ hour: Int64, _ minute: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_795_363_200_000 + (hour * 60 + minute) * 60_000)
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
