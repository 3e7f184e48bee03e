import Events
import Foundation
import Testing

/// The failure cases of a line and of its ends (docs/testing.md), on real processes.
@Suite("Processes behind bad lines") struct BadLinesTests {
    @Test("a line that swallows everything: both ends get a new connection and session, and nothing is lost")
    func halfOpen() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let before = try await town.dispatch(to: street)
        try await town.inStep()
        try town.lines[0].say("hole")
        // Both write into it.
        let ticket = try await town.dispatch(to: street)
        try await street.command("signed", of: before, role: "clerk")
        try await street.until("taking its line for lost") { try await !street.isLinked() }
        #expect(try await !street.has(ticket))
        #expect(try await street.number("outbox") > 0)
        // What stood stays silent: only a new connection helps.
        try town.lines[0].say("heal")
        let took = try await town.inStep()
        print("half-open: in step \(took) after new connections were let through")
        #expect(try await street.has(ticket))
        #expect(try await town.centre.has(before, version: 4))
        try await town.agrees()
    }

    @Test(
        "a silent line that is back while the session still stands is renewed by the heartbeats, one way and the other",
        arguments: ["up", "down"])
    func oneWay(way: String) async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let before = try await town.dispatch(to: street)
        try await town.inStep()
        try town.lines[0].say("hole \(way)")
        let ticket = try await town.dispatch(to: street)
        try await street.command("signed", of: before, role: "clerk")
        // The lines that are marked now stay silent in this direction for good.
        try await street.until("taking its line for lost") { try await !street.isLinked() }
        try town.lines[0].say("heal")
        let took = try await town.inStep()
        print("silent \(way): in step \(took) after new connections were let through")
        #expect(try await street.has(ticket))
        try await town.agrees()
    }

    @Test(
        "8 kB a second with a backlog: progress without a lost session, rows and own events both ways, then live again")
    func slow() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        try await town.inStep()
        try town.lines[0].say("cut")
        let matter = String(repeating: "小区门口路灯不亮", count: 100)
        var tickets: [String] = []
        for _ in 0..<16 { tickets.append(try await town.dispatch(to: street, matter: matter)) }
        let begin = ContinuousClock.now
        try town.lines[0].say("heal")
        try town.lines[0].say("rate 8000")
        try await street.until("the first rows") { try await street.has(tickets[0], version: 3) }
        let first = ContinuousClock.now - begin
        #expect(try await street.number("lag") > 0, "the backlog takes its time")
        // People on both sides go on meanwhile.
        try await street.command("signed", of: tickets[0], role: "clerk")
        tickets.append(try await town.dispatch(to: street))
        try await street.until("its own event at the centre") { try await town.centre.has(tickets[0], version: 4) }
        let own = ContinuousClock.now - begin
        #expect(try await street.number("lag") > 0, "what a street wrote does not wait behind what it gets")
        var wasLinked = true
        try await street.until("the backlog") {
            let state = try await street.status()
            wasLinked = wasLinked && state["linked"] == .bool(true)
            return state["lag"] == .integer(0)
        }
        #expect(wasLinked, "a slow line is no lost one")
        let all = ContinuousClock.now - begin
        for ticket in tickets { try await street.until("\(ticket)") { try await street.has(ticket, version: 3) } }
        let ticket = try await town.dispatch(to: street)
        let live = try await street.until("a live event") { try await street.has(ticket) }
        print("8 kB/s: first rows \(first), own event \(own), all \(all), then live \(live)")
        #expect(live < .seconds(5))
        try town.lines[0].say("heal")
        try await town.agrees()
    }

    @Test("what is published does not come through: everything is pulled, within two seconds")
    func unpublished() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        try await town.inStep()
        try town.lines[0].say("hole down on \(town.publishing(to: 0))")
        let before = try await Applied(street)
        var times: [Duration] = []
        for _ in 0..<4 {
            let ticket = try await town.dispatch(to: street)
            times.append(try await street.until("a ticket") { try await street.has(ticket, version: 3) })
        }
        print("PUB blocked: from the commit to the street \(times)")
        for time in times { #expect(time <= .seconds(2)) }
        let after = try await applied(4 * Town.rows, since: before, at: street)
        #expect(after.live == before.live, "PUB is blocked")
        #expect(after.pulled == before.pulled + 4 * Town.rows)
        #expect(try await street.isLinked())
        try town.lines[0].say("heal")
        try town.lines[0].say("reset on \(town.publishing(to: 0))")
        try await town.inStep()
        try await town.agrees()
    }

    /// What a street has applied, once that is so many rows more: its counters are told with the turn, and views may be faster.
    private func applied(_ rows: Int64, since before: Applied, at street: ServedNode) async throws -> Applied {
        var now = before
        try await street.until("counting \(rows) rows") {
            now = try await Applied(street)
            return now.all >= before.all + rows
        }
        return now
    }

    @Test("the hub's answers do not come through: what it publishes is applied, before and after the session is lost")
    func unanswered() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let signed = try await town.dispatch(to: street)
        try await town.inStep()
        try town.lines[0].say("hole on \(town.router)")
        let before = try await Applied(street)
        let first = try await town.dispatch(to: street)
        let old = try await street.until("a ticket in the old session") { try await street.has(first, version: 3) }
        try await street.command("signed", of: signed, role: "clerk")
        try await street.until("taking its line for lost") { try await !street.isLinked() }
        let second = try await town.dispatch(to: street)
        let none = try await street.until("a ticket without a session") { try await street.has(second, version: 3) }
        print("ROUTER blocked: a live event after \(old) in the old session, after \(none) without one")
        #expect(old <= .seconds(2) && none <= .seconds(2))
        let after = try await applied(2 * Town.rows, since: before, at: street)
        #expect(after.pulled == before.pulled, "ROUTER is blocked")
        #expect(after.live == before.live + 2 * Town.rows)
        #expect(try await !street.isLinked())
        #expect(try await street.number("outbox") > 0, "nothing of the street's gets through")
        try town.lines[0].say("heal")
        try await town.inStep()
        #expect(try await town.centre.has(signed, version: 4))
        try await town.agrees()
    }
}
