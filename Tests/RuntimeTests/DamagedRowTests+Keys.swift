import Events
import Testing
import Tickets

@testable import Log
@testable import Node
@testable import Replication

/// Keys of callers when a row with a box is damaged: that box waits, and no other.
extension DamagedRowTests {
    /// A call, and who made it.
    private func sealed(_ number: Int, _ vault: Vault) throws -> (command: NodeCommand, person: PersonID) {
        var random = SystemRandomNumberGenerator()
        var command = register(number)
        let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
        try vault.keep([one], at: moment(0).wall, needed: false)
        command.sealed = try Sealing.seal(
            ["name": .string("王")], of: one.person, key: one.key, command: command.id, random: &random)
        return (command, one.person)
    }

    /// A pair whose centre has the keys of four calls, and whose street has the calls.
    private func calls(_ vault: Vault) throws -> (pair: Pair, persons: [PersonID], position: Int64) {
        let pair = Pair(
            centre: try open(centre, 1, vault: vault), street: try open(street, 1), node: street, moment: moment)
        var persons: [PersonID] = []
        for number in 1...4 {
            let (command, person) = try sealed(number, vault)
            _ = try pair.perform(command, at: pair.centre)
            persons.append(person)
        }
        try pair.run(milliseconds: 5_000)
        return (pair, persons, try position(of: 2, pair.street))
    }

    @Test(
        "a row that rots before its box was looked for holds back that key alone, until it is healed",
        arguments: [("origin = 4711", false), ("sealed = x'00'", true), ("hash = x'00'", true)])
    func boxOfRottenRow(change: String, saysItsEvent: Bool) throws {
        let there = try Vault(path: folder.path + "/centre-vault.sqlite")
        var persons: [PersonID] = []
        var position: Int64 = 0
        try {
            let (_, called, place) = try calls(there)
            (persons, position) = (called, place)
        }()
        try rot(street, at: position, change)
        let here = try Vault(path: folder.path + "/street-vault.sqlite")
        let pair = Pair(
            centre: try open(centre, 2, vault: there), street: try open(street, 2, vault: here), node: street,
            moment: moment)
        // What the centre gives back is lost for a while.
        pair.onGive = { _ in [] }
        try pair.run(milliseconds: 5_000)
        // The third follows the rotten one, by whose hash it is read.
        #expect(try here.key(of: persons[0]) != nil && here.key(of: persons[3]) != nil, "\(pair.alarms)")
        #expect(try here.key(of: persons[1]) == nil)
        // Calls that come later bring their keys, too.
        let (command, later) = try sealed(5, there)
        _ = try pair.perform(command, at: pair.centre)
        try pair.run(milliseconds: 3_000)
        #expect(try here.key(of: later) != nil)
        pair.onGive = { $0 }
        try pair.run(milliseconds: 130_000)
        // Nobody can be asked for a row that does not say which event it held.
        guard saysItsEvent else { return }
        #expect(try healings(pair.street).map(\.position) == [position])
        for person in persons { #expect(try here.key(of: person) != nil, "\(pair.alarms)") }
    }

    @Test(
        "a row that names no stream holds back no other's box; healed it is looked at again, or by the next start",
        arguments: [true, false], [true, false])
    func boxOfNoStream(isFeed: Bool, restarts: Bool) throws {
        let there = try Vault(path: folder.path + "/centre-vault.sqlite")
        let (pair, persons, _) = try calls(there)
        let machine = isFeed ? pair.street : pair.centre
        let position = try position(of: 2, machine)
        let event = try #require(try machine.reader.page(.all, .forward, from: position - 1, limit: 1).first).event
        try rot(isFeed ? street : centre, at: position, "stream = stream + 4711")
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        func start() -> KeyExchange {
            var exchange = KeyExchange(
                node: isFeed ? street : centre, boxes: isFeed ? .feed(.node(street), from: centre) : .log, vault: vault)
            exchange.opened(isFeed ? centre : street, session: 1)
            return exchange
        }
        var exchange = start()
        func wanted() throws -> Set<PersonID> {
            Set(try vault.wanted(of: centre, below: .max, limit: 10).map(\.box.person))
        }
        for time in 1...3 {
            let now = moment(pair.time + Int64(time) * 50)
            _ = exchange.turn(reader: machine.reader, rows: 0, now: now) { _, _ in true }
        }
        #expect(try wanted() == Set([persons[0], persons[2], persons[3]]))
        let alarms = exchange.takeAlarms().map(\.description)
        #expect(alarms.count { $0.contains("until its row is healed") } == 1, "\(alarms)")
        try rot(isFeed ? street : centre, at: position, "stream = stream - 4711")
        if restarts { exchange = start() } else { try exchange.healed([event], machine.reader) }
        for time in 4...6 {
            let now = moment(pair.time + Int64(time) * 50)
            _ = exchange.turn(reader: machine.reader, rows: 0, now: now) { _, _ in true }
        }
        #expect(try wanted() == Set(persons))
    }
}
