import Events
import Testing

/// Commands and their ids: what is a repeat, whose, and what it was about.
extension LogContract {
    static let commandCases: [Case] = [
        Case("the log's end from memory is its reader's, inside a transaction, after it, and after one that was lost") {
            contract in
            let log = try contract.centre()
            struct Lost: Error {}
            #expect(try log.head == log.reader.head())
            try log.put(command(1), ["ticket/1"])
            #expect(try log.head == log.reader.head() && log.head.position == 1)
            #expect(throws: Lost.self) {
                try log.write { transaction in
                    _ = try transaction.append(request(command(2), ["ticket/1", "ticket/2"]))
                    #expect(try log.head == log.reader.head() && log.head.position == 3)
                    throw Lost()
                }
            }
            #expect(try log.head == log.reader.head() && log.head.position == 1)
        },
        Case("two actors, or types, that only look the same are stored as they are, each with its own bytes") {
            contract in
            let log = try contract.centre()
            var number = 0
            var written: [[UInt8]] = []
            for (one, other) in [("\u{6797}", "\u{F9F4}"), ("\u{E9}", "e\u{301}")] {
                for name in [one, other, one] {
                    number += 1
                    let actor = Actor(account: name, role: "agent", unit: "320507")
                    written += [Array(actor.text.utf8), Array("ticket.\(name)".utf8)]
                    var request = try request(command(number), ["ticket/1"], type: "ticket.\(name)")
                    request.actor = actor
                    guard case .appended = try log.write({ try $0.append(request) }) else { throw Unexpected(number) }
                }
            }
            let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
            #expect(events.flatMap { [Array($0.actor.text.utf8), Array($0.type.name.utf8)] } == written)
            #expect(events.allSatisfy { $0.chained(to: $0.previous).hash == $0.hash })
        },
        Case("names that came with a lost transaction come anew, and nothing is remembered of them") { contract in
            let log = try contract.centre(audience: ScriptedAudience())
            func put(_ letters: [String]) throws {
                try log.write { transaction in
                    for (number, letter) in letters.enumerated() {
                        var request = try request(
                            CommandID(derivedFrom: letter, String(number)), ["ticket/\(letter)"],
                            type: "move.-.\(letter)")
                        request.actor = Actor(account: letter, role: "agent", unit: "320507")
                        guard case .appended = try transaction.append(request) else { throw Unexpected(letter) }
                    }
                    if letters.count > 2 { throw Interrupted() }
                }
            }
            #expect(throws: Interrupted.self) { try put(["a", "b", "c", "c"]) }
            try put(["c", "a"])
            let events = try log.reader.page(.all, .forward, from: 0, limit: 10).map(\.event)
            #expect(events.map(\.type.name) == ["move.-.c", "move.-.a"])
            #expect(events.map(\.actor.account) == ["c", "a"])
            #expect(events.map(\.stream.text) == ["ticket/c", "ticket/a"])
            #expect(events.allSatisfy { $0.computedHash == $0.hash })
        },
        Case("a command that yielded nothing keeps what it was about") { contract in
            let log = try contract.centre()
            var request = try request(command(1), [])
            request.about = "ticket/1 ticket.signed"
            #expect(try log.write { try $0.append(request) } == .appended([]))
            #expect(
                try log.reader.outcome(of: command(1)) == CommandOutcome(stored: [], about: "ticket/1 ticket.signed"))
            let stored = try log.put(command(2), ["ticket/1"])
            #expect(try log.reader.outcome(of: command(2)) == CommandOutcome(stored: stored))
            #expect(try log.reader.outcome(of: command(2))?.about == "ticket/1 ticket.noted")
        },
        Case("what was not there is there once it is appended, in one transaction, and not after that is lost") {
            contract in
            let log = try contract.centre()
            struct Lost: Error {}
            func twice() throws {
                _ = try log.write { transaction in
                    #expect(try log.reader.outcome(of: command(1)) == nil)
                    #expect(try log.reader.outcome(of: command(1)) == nil)
                    let first = try transaction.append(request(command(1), ["ticket/1"]))
                    guard case .appended(let stored) = first else { throw Unexpected(first) }
                    #expect(try log.reader.outcome(of: command(1)) == CommandOutcome(stored: stored))
                    #expect(try transaction.append(request(command(1), ["ticket/1"])) == .repeated(stored))
                    #expect(try log.reader.outcome(of: command(2)) == nil)
                    _ = try transaction.append(request(command(2), []))
                    #expect(try log.reader.outcome(of: command(2))?.stored.isEmpty == true)
                    throw Lost()
                }
            }
            #expect(throws: Lost.self) { try twice() }
            #expect(try log.reader.outcome(of: command(1)) == nil)
            #expect(try log.reader.outcome(of: command(2)) == nil)
            #expect(throws: Lost.self) { try twice() }
        },
        Case("what another node wrote under the id of a timer does not keep the timer from writing") { contract in
            let log = try contract.centre()
            var taken = try contract.foreign(stream: "ticket/1")
            taken.command = command(1)
            taken = taken.chained(to: .zero)
            _ = try log.write { try $0.ingest([taken], dense: true, receivedAt: Timestamp(milliseconds: 5)) }
            var timer = try request(command(1), ["ticket/1"])
            timer.actor = Actor(system: "overdue", rule: "1")
            guard case .appended(let first) = try log.write({ try $0.append(timer) }) else {
                throw Unexpected("a foreign event stood for the timer's")
            }
            #expect(try log.write { try $0.append(timer) } == .repeated(first), "its own is a repeat")
            // A person's command that came by another node is the same command.
            let person = try log.write { try $0.append(request(command(1), ["ticket/1"])) }
            guard case .repeated(let earlier) = person else { throw Unexpected(person) }
            #expect(earlier.map(\.event.id) == [taken.id])
        },
        Case("a second event of an origin under one command and index is refused, and takes no other along") {
            contract in
            let log = try contract.centre()
            var events = try contract.foreignRun(count: 4)
            events[1].command = events[0].command
            events[1] = events[1].chained(to: events[0].hash)
            let outcomes = try log.write { transaction in
                _ = try transaction.append(request(command(1), ["new/1"]))
                let outcomes = try transaction.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 5))
                _ = try transaction.append(request(command(2), ["new/2"]))
                return outcomes
            }
            guard case .stored = outcomes[0], case .broken(events[1].id, _) = outcomes[1], case .stored = outcomes[2],
                case .stored = outcomes[3]
            else { throw Unexpected(outcomes) }
            let all = try log.reader.page(.all, .forward, from: 0, limit: 10)
            #expect(all.map(\.position) == [1, 2, 3, 4, 5])
            #expect(all.map(\.event.stream.text) == ["new/1", "ticket/1", "ticket/3", "ticket/4", "new/2"])
            #expect(try log.put(command(3), ["new/1"]).map(\.event.id.sequence) == [3])
        },
    ]
}
