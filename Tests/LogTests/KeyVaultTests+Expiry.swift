import Events
import Testing

@testable import Log

/// The vault's contract of keys that expire, and come back.
extension KeyVaultTests {
    /// That a ticket was ended by an event.
    private func end(_ box: Box, _ sequence: Int64 = 1) -> KeyExpired {
        let origin = Origin(node: centre, incarnation: Incarnation(1))
        return KeyExpired(box: box, ended: EventID(origin: origin, sequence: sequence))
    }

    private func standing(_ vault: any KeyVault) throws -> [Box: Bool] {
        let found = try vault.standing(above: 0, limit: 10)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.box, $0.isExpired) })
    }

    private func keep(_ vault: any KeyVault, _ persons: [PersonID: UInt8]) throws {
        let keys = try persons.map { VaultPerson(person: $0, key: try key($1)) }
        try vault.keep(keys, at: now, needed: true)
    }

    @Test(
        "an expired box is neither wanted nor needed, and its key goes when the centre has said that it has it",
        arguments: Kind.allCases)
    func expires(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two, three) = (try box(1, 1), try box(2, 2), try box(3, 3))
        try note(vault, [one, two, three].map { .came($0, author: centre) }, at: 3)
        try keep(vault, [one.person: 1])
        #expect(try !vault.isExpired(nil))
        // Said before, it says nothing of what the centre has now.
        try vault.shared([one.person])
        try vault.expire([end(one), end(two)])
        #expect(try vault.isExpired(nil) && vault.isExpired(one.stream) && !vault.isExpired(three.stream))
        #expect(try standing(vault) == [one: true, two: true, three: false])
        #expect(try wanted(vault) == [three])
        #expect(try vault.held(one.person) == .here(key(1)), "the centre may have lost it")
        #expect(try leaving(vault) == [one])
        #expect(try vault.gone(limit: 10) == [], "it is not told before it went")
        try vault.shared([one.person, two.person])
        #expect(try vault.held(one.person) == .absent)
        #expect(try leaving(vault) == [])
        #expect(try vault.gone(limit: 10) == [end(one)], "of a key that was never here nothing is told")
        #expect(try vault.keep([VaultPerson(person: one.person, key: key(1))], at: now, needed: true) == [])
        // Its row comes again, as in a feed that has a further sealed event of the same person.
        try note(vault, [.came(one, author: centre)], at: 4)
        #expect(try wanted(vault) == [three])
        #expect(try standing(vault)[one] == true)
        let all = try vault.standing(above: 0, limit: 10)
        #expect(try vault.standing(above: 0, limit: 2) == Array(all.prefix(2)))
        #expect(try vault.standing(above: all[1].number, limit: 10) == Array(all.dropFirst(2)))
        try vault.told([end(one)])
        #expect(try vault.gone(limit: 10) == [])
        #expect(try standing(vault)[one] == true)
    }

    @Test("a key stays as long as another ticket of that person needs it", arguments: Kind.allCases)
    func needsAnother(_ kind: Kind) throws {
        let vault = try open(kind)
        let (old, new) = (try box(1, 1), try box(2, 1))
        try note(vault, [old, new].map { .came($0, author: centre) }, at: 2)
        try keep(vault, [old.person: 1])
        try vault.expire([end(old)])
        #expect(try leaving(vault) == [])
        try vault.shared([old.person])
        #expect(try vault.held(old.person) == .here(key(1)))
        #expect(try vault.gone(limit: 10) == [])
        try vault.expire([end(new, 2)])
        #expect(try leaving(vault) == [old, new])
        try vault.shared([old.person])
        #expect(try vault.held(old.person) == .absent)
        #expect(try vault.gone(limit: 1) == [end(old)])
        #expect(try vault.gone(limit: 10) == [end(old), end(new, 2)])
    }

    @Test("a ticket that goes on has its box needed again, and wanted where the key went", arguments: Kind.allCases)
    func revives(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [one, two].map { .came($0, author: centre) }, at: 2)
        try keep(vault, [one.person: 1, two.person: 2])
        try vault.expire([end(one), end(two)])
        try vault.shared([two.person])
        try vault.revive([one.stream, two.stream])
        #expect(try standing(vault) == [one: false, two: false])
        #expect(try wanted(vault) == [two])
        #expect(try leaving(vault) == [])
        try vault.shared([one.person])
        #expect(try vault.held(one.person) == .here(key(1)))
        #expect(try vault.gone(limit: 10) == [end(two)], "it went, and that is told also when it comes back")
        try keep(vault, [two.person: 2])
        #expect(try vault.held(two.person) == .here(key(2)))
        #expect(try wanted(vault) == [])
        // And over again, by another event.
        try vault.expire([end(one, 5)])
        try vault.shared([one.person])
        #expect(try Set(vault.gone(limit: 10)) == [end(two), end(one, 5)])
    }

    @Test("what left is not expired, whichever came first, and of neither is anything told", arguments: Kind.allCases)
    func leftAndExpired(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [one, two].map { .came($0, author: centre) }, at: 2)
        try keep(vault, [one.person: 1, two.person: 2])
        try vault.expire([end(one)])
        try note(vault, [.left(one.stream), .left(two.stream)], at: 4)
        try vault.expire([end(two)])
        #expect(try standing(vault) == [:])
        #expect(try !vault.isExpired(nil))
        try vault.revive([one.stream, two.stream])
        #expect(try wanted(vault) == [])
        try vault.shared([one.person, two.person])
        #expect(try vault.held(one.person) == .absent && vault.held(two.person) == .absent)
        #expect(try vault.gone(limit: 10) == [])
        try note(vault, [.came(one, author: centre)], at: 5)
        #expect(try wanted(vault) == [one])
    }

    @Test(
        "where a feed goes on behind an earlier row, what was expired has left until it comes again",
        arguments: Kind.allCases)
    func expiredAnew(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [one, two].map { .came($0, author: centre) }, at: 2)
        try keep(vault, [one.person: 1, two.person: 2])
        try vault.expire([end(one), end(two)])
        try vault.shared([two.person])
        try vault.note([.came(two, author: centre)], to: place(1), holder: centre, isAnew: true)
        #expect(try standing(vault) == [two: false])
        #expect(try leaving(vault) == [one])
        #expect(try vault.gone(limit: 10) == [end(two)])
        try vault.shared([one.person])
        #expect(try vault.held(one.person) == .absent)
        #expect(try vault.gone(limit: 10) == [end(two)])
    }

    @Test("who is erased stays erased, expired or not, and comes back with no ticket", arguments: Kind.allCases)
    func erasedAndExpired(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [one, two].map { .came($0, author: centre) }, at: 2)
        try keep(vault, [one.person: 1, two.person: 2])
        try vault.expire([end(one), end(two)])
        try vault.shared([one.person])
        for box in [one, two] { try erase(vault, box.person) }
        #expect(try vault.gone(limit: 10) == [end(one)], "the other was destroyed, and did not expire")
        try vault.revive([one.stream, two.stream])
        #expect(try wanted(vault) == [] && leaving(vault) == [])
        #expect(try vault.held(one.person) == .erased && vault.held(two.person) == .erased)
    }

    @Test("the key of a call that a command still needs does not expire; with another its lookups go")
    func expiresAtDisk() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        let person = try made(vault)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: street)], at: 1)
        #expect(try vault.held(for: box) != .absent)
        try vault.expire([end(box)])
        #expect(try vault.held(for: box) == .absent, "whoever looks finds no key, while it waits for the centre's word")
        var random = SystemRandomNumberGenerator()
        let request = Vault.Request(
            command: CommandID(derivedFrom: "again"), lookups: ["mobile:13800000000"], mentioned: [])
        #expect(try vault.people(for: [request], at: now, random: &random).first?.get().person == person)
        #expect(try leaving(vault) == [])
        try vault.shared([person])
        #expect(try vault.held(person) != .absent)
        vault.keep([(person, request.command)])
        try vault.shared([person])
        #expect(try vault.held(person) == .absent)
        #expect(try vault.find("mobile:13800000000") == [])
        #expect(try vault.held(for: box) == .absent)
        // Also in another process.
        #expect(try vault.gone(limit: 10) == [end(box)])
    }
}
