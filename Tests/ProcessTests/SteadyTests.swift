import Events
import Foundation
import Testing

/// What lines carry while nothing is wrong with them.
@Suite("Processes in steady state") struct SteadyTests {
    /// Steps of each node, one with every 25 ms at most: some tens of events a second each way.
    private static let rounds = 300
    /// Of a street's rows, those that PUB has to bring.
    private static let share = 0.99

    @Test("what is written on both sides while the lines are good is published: 99 of 100 rows are pulled by nobody")
    func published() async throws {
        let town = try await Town(streets: 3)
        var tickets: [[String]] = []
        for street in town.streets { tickets.append([try await town.dispatch(to: street)]) }
        try await town.inStep()
        var before: [Applied] = []
        for street in town.streets { before.append(try await Applied(street)) }
        let begin = ContinuousClock.now
        for round in 0..<SteadyTests.rounds {
            let place = round % town.streets.count
            let street = town.streets[place]
            // A new ticket now and then, which comes with its history; else steps of both sides on the last one.
            if round % 25 < town.streets.count {
                tickets[place].append(try await town.dispatch(to: street))
            } else if let ticket = tickets[place].last {
                try await town.centre.command(
                    "urged", of: ticket, ["text": .string("第 \(round) 次")], role: "agent")
            }
            for (street, tickets) in zip(town.streets, tickets) {
                // The one before the last is there for long.
                guard let ticket = tickets.dropLast().last ?? tickets.last else { continue }
                try await street.command(
                    "progressNoted", of: ticket, ["text": .string("第 \(round) 次到现场")], role: "clerk")
            }
            try await town.centre.child?.listen()
        }
        let took = ContinuousClock.now - begin
        try await town.inStep()
        for (street, before) in zip(town.streets, before) {
            let after = try await Applied(street)
            let (live, pulled) = (after.live - before.live, after.pulled - before.pulled)
            let share = Double(live) / Double(max(1, live + pulled))
            print("\(street.name): \(live) rows published, \(pulled) pulled in \(took): share \(share)")
            #expect(live + pulled > Int64(SteadyTests.rounds), "its own steps at least")
            #expect(share >= SteadyTests.share)
        }
        try await town.agrees()
    }
}
