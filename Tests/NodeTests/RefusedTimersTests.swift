import Events
import Testing

@testable import Node

@Suite("Refused timers") struct RefusedTimersTests {
    private let ticket: StreamName
    private var timers = TicketTimers()
    private let warning = CommandID(derivedFrom: "warning")
    private let overdue = CommandID(derivedFrom: "overdue")

    init() throws { ticket = try StreamName("ticket/1") }

    @Test("a refusal is of one timer of a ticket as it is, and of no other")
    mutating func one() throws {
        timers.refuse(warning, of: ticket, version: 3)
        #expect(timers.refused(ticket, version: 3) == [warning])
        #expect(try timers.refused(StreamName("ticket/2"), version: 3) == [])
        timers.refuse(overdue, of: ticket, version: 3)
        #expect(timers.refused(ticket, version: 3) == [warning, overdue])
        #expect(timers.refused(ticket, version: 4) == [], "it has changed")
        timers.refuse(overdue, of: ticket, version: 4)
        #expect(timers.refused(ticket, version: 4) == [overdue])
    }

    @Test("new rules, or a clock that was set right, may make it due anew")
    mutating func anew() throws {
        timers.refuse(warning, of: ticket, version: 3)
        try timers.start(NoTimers())
        #expect(timers.refused(ticket, version: 3) == [])
    }
}
