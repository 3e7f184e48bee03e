/// Numbers that people mistype, and what time makes due.

import Events
import Testing

@testable import Tickets

@Suite("Numbers")
struct NumberTests {
    @Test func `a number is read back, also with blanks and hyphens`() throws {
        let number = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 12))
        #expect(number.text.hasPrefix("2611230100012"))
        #expect(number.parts == TicketNumber.Parts(year: 26, month: 11, day: 23, node: 1, counter: 12))
        #expect(TicketNumber(number.text) == number)
        #expect(TicketNumber(number.spoken) == number)
        #expect(TicketNumber(year: 26, month: 13, day: 1, node: 1, counter: 1) == nil)
        #expect(TicketNumber(year: 26, month: 1, day: 1, node: 100, counter: 1) == nil)
        #expect(TicketNumber("١٢٣٤٥٦٧٨٩٠١٢٣٤") == nil)
    }

    @Test func `a number that two nodes gave shows -2 at the later ticket, and either is found`() throws {
        let number = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 1, counter: 12))
        var early = History(stream: StreamName(known: "ticket/0009"))
        var late = History(stream: StreamName(known: "ticket/0001"))
        let first = early.write(.registered, hour: 1, Bodies.registered())
        let second = late.write(
            .registered, at: History.street, hour: 2, Bodies.registered(owner: "street", node: History.street))
        let filings = try [early, late].map { try #require($0.fold.state.filing) }
        for filings in [filings, filings.reversed()] {
            let shown = TicketNumber.shown(number.text, of: filings)
            #expect(shown == [first.stream: number.text, second.stream: number.text + "-2"])
        }
        let read = try #require(TicketNumber.read(number.text + "-2"))
        #expect(read.number == number)
        #expect(read.place == 2)
        #expect(TicketNumber.read(number.spoken)?.place == nil)
        #expect(TicketNumber.read(number.spoken)?.number == number)
        #expect(TicketNumber.read(number.text + "-x") == nil)
    }

    @Test func `every wrong digit and every swap of neighbours is found`() throws {
        for counter in stride(from: 0, to: 100_000, by: 9_973) {
            let number = try #require(TicketNumber(year: 26, month: 11, day: 23, node: 7, counter: counter))
            let digits = Array(number.text)
            for place in digits.indices {
                for digit in "0123456789" where digit != digits[place] {
                    var wrong = digits
                    wrong[place] = digit
                    #expect(TicketNumber(String(wrong)) == nil)
                }
                guard place + 1 < digits.count, digits[place] != digits[place + 1] else { continue }
                var swapped = digits
                swapped.swapAt(place, place + 1)
                #expect(TicketNumber(String(swapped)) == nil)
            }
        }
    }
}

@Suite("Policies")
struct PolicyTests {
    private func at(_ hour: Int64) -> Timestamp { Desk.at(hour) }
    private func due(_ desk: Desk, _ hour: Int64) -> [PolicyFiring] { desk.due(hour: hour) }

    private func dispatched(_ change: (inout RoundRules) -> Void = { _ in }) throws -> Desk {
        var desk = Desk()
        change(&desk.rules)
        _ = try desk.give(.registered, hour: 0, ["channel": "phone", "matter": "噪声", "category": ["noise"]])
        _ = try desk.give(.queuedForDispatch, hour: 0)
        _ = try desk.give(.dispatched, hour: 0, ["lead": "320507001"])
        return desk
    }

    @Test func `deemed signing fires at twice the limit, always with the same id, until it is done`() throws {
        var desk = try dispatched()
        #expect(due(desk, 1).isEmpty)
        let firing = try #require(due(desk, 2).first)
        #expect(firing.command.kind == .signDeemed)
        #expect(due(desk, 3).first?.id == firing.id)
        #expect(try desk.give(.signDeemed, hour: 2) == 1)
        #expect(due(desk, 3).isEmpty)
        let off = try dispatched { $0.deemedSigningFactor = nil }
        #expect(due(off, 3).isEmpty)
    }

    @Test func `warnings come at their share of the limit, once each, then overdue once`() throws {
        var desk = try dispatched()
        _ = try desk.give(.signed, at: History.street, hour: 1, by: "li")
        #expect(due(desk, 11).isEmpty)
        #expect(due(desk, 12).map(\.command.kind) == [.preWarned])
        #expect(try desk.give(.preWarned, hour: 12, ["permille": 500]) == 1)
        #expect(due(desk, 13).isEmpty)
        #expect(due(desk, 20).map(\.command.fields["permille"]) == [800])
        #expect(due(desk, 25).map(\.command.kind) == [.overdueNoted])
        #expect(try desk.give(.overdueNoted, hour: 25) == 1)
        #expect(due(desk, 26).isEmpty)
    }

    @Test func `a suspended ticket resumes on its day, with the stop added to its due time`() throws {
        var desk = try dispatched()
        _ = try desk.give(.signed, at: History.street, hour: 1, by: "li")
        let ask: JSONObject = [
            "reasonClass": "test", "reason": "送检", "review": .integer(at(8).milliseconds),
            "promised": .integer(at(10).milliseconds),
        ]
        _ = try desk.give(.suspendAsked, at: History.street, hour: 2, by: "li", ask)
        _ = try desk.give(.suspendGranted, hour: 3, ["until": .integer(at(30).milliseconds)])
        #expect(due(desk, 29).isEmpty)
        #expect(due(desk, 30).map(\.command.kind) == [.resumed])
        _ = try desk.give(.resumed, hour: 30)
        #expect(desk.history.fold.state.due?.at == at(24 + 27))
        #expect(!due(desk, 31).map(\.command.kind).contains(.resumed))
    }
}
