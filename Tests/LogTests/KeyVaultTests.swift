import Events
import Simulation
import Testing

@testable import Log

/// What travels of keys, on the vault of the disk and on the one in memory that the simulator uses.
@Suite("Keys that travel: the vault's contract") struct KeyVaultTests {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case disk, memory
        var testDescription: String { rawValue }
    }

    let folder: TemporaryFolder
    let centre: NodeID
    let street: NodeID
    let now = Timestamp(milliseconds: 1)

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        street = try NodeID("street1")
    }

    func open(_ kind: Kind) throws -> any KeyVault {
        switch kind {
        case .disk: try Vault(path: folder.path + "/vault.sqlite")
        case .memory: MemoryVault()
        }
    }

    func box(_ ticket: Int, _ person: Int) throws -> Box {
        let digits = String(person, radix: 16)
        return Box(
            stream: try StreamName("ticket/\(ticket)"),
            person: try PersonID("person/" + String(repeating: "0", count: 32 - digits.count) + digits))
    }

    func key(_ number: UInt8) throws -> PersonKey {
        try #require(PersonKey(bytes: Array(repeating: number, count: 32)))
    }

    func place(_ fseq: Int64) -> FeedCursor {
        FeedCursor(fseq: fseq, chain: ChainValue(high: 1, low: UInt64(fseq)))
    }

    func note(_ vault: any KeyVault, _ changes: [BoxChange], at fseq: Int64, isAnew: Bool = false) throws {
        try vault.note(changes, to: place(fseq), holder: centre, isAnew: isAnew)
    }

    func wanted(_ vault: any KeyVault, of holder: NodeID? = nil, below: Int64 = .max, limit: Int = 10) throws
        -> [Box]
    { try vault.wanted(of: holder ?? centre, below: below, limit: limit).map(\.box) }

    @Test("what is lacking is wanted, the newest first, in pages, until it comes", arguments: Kind.allCases)
    func wants(_ kind: Kind) throws {
        let vault = try open(kind)
        #expect(try vault.place() == nil)
        let boxes = try (1...5).map { try box($0, $0) }
        try note(vault, boxes.map { .came($0, author: street) }, at: 7)
        #expect(try vault.place() == place(7))
        let first = try vault.wanted(of: centre, below: .max, limit: 2)
        #expect(first.map(\.box) == [boxes[4], boxes[3]])
        let last = try #require(first.last)
        #expect(try wanted(vault, below: last.number) == [boxes[2], boxes[1], boxes[0]])
        #expect(try wanted(vault, of: street) == [])
        try vault.keep([VaultPerson(person: boxes[3].person, key: key(4))], at: now, needed: false)
        #expect(try vault.held(boxes[3].person) == .here(key(4)))
        #expect(try wanted(vault) == [boxes[4], boxes[2], boxes[1], boxes[0]])
        // The same box again is one box, and the newest.
        try note(vault, [.came(boxes[0], author: street)], at: 8)
        #expect(try wanted(vault) == [boxes[0], boxes[4], boxes[2], boxes[1]])
        // Another key for the same person changes nothing.
        try vault.keep([VaultPerson(person: boxes[3].person, key: key(9))], at: now, needed: false)
        #expect(try vault.held(boxes[3].person) == .here(key(4)))
    }

    @Test("without a holder a box is wanted of its author", arguments: Kind.allCases)
    func author(_ kind: Kind) throws {
        let vault = try open(kind)
        try vault.note([.came(try box(1, 1), author: street)], to: place(1), holder: nil, isAnew: false)
        #expect(try wanted(vault, of: street) == [box(1, 1)])
        #expect(try wanted(vault, of: centre) == [])
    }

    func leaving(_ vault: any KeyVault) throws -> [Box] {
        try vault.leaving(above: 0, limit: 10).map(\.box)
    }

    @Test(
        "the key of what left goes when the centre has said that it has it, unless another ticket needs it",
        arguments: Kind.allCases)
    func leave(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two, both) = (try box(1, 1), try box(2, 2), try box(1, 3))
        let alsoTwo = try box(2, 3)
        try note(vault, [one, two, both, alsoTwo].map { .came($0, author: centre) }, at: 4)
        let come = [(one.person, UInt8(1)), (both.person, 3)]
        let keys = try come.map { VaultPerson(person: $0, key: try key($1)) }
        #expect(try vault.keep(keys, at: now, needed: true) == [one.person, both.person])
        // Said while the ticket was here, it says nothing of what the centre has when it leaves.
        try vault.shared([one.person])
        try note(vault, [.left(one.stream)], at: 5)
        #expect(try vault.held(one.person) == .here(key(1)))
        #expect(try leaving(vault) == [one])
        try vault.shared([one.person, both.person])
        #expect(try vault.held(one.person) == .absent)
        #expect(try vault.held(both.person) == .here(key(3)))
        #expect(try wanted(vault) == [two])
        try note(vault, [.left(two.stream)], at: 6)
        #expect(try wanted(vault) == [])
        #expect(try leaving(vault) == [both, alsoTwo])
        let first = try #require(try vault.leaving(above: 0, limit: 1).first)
        #expect(try vault.leaving(above: first.number, limit: 10).map(\.box) == [alsoTwo])
        try vault.shared([both.person])
        #expect(try vault.held(both.person) == .absent)
        #expect(try leaving(vault) == [])
        // And back.
        try note(vault, [.came(one, author: centre)], at: 7)
        #expect(try wanted(vault) == [one])
    }

    @Test("a key that no box here needs is not kept where that is asked for", arguments: Kind.allCases)
    func needed(_ kind: Kind) throws {
        let vault = try open(kind)
        let one = try box(1, 1)
        let come = [VaultPerson(person: one.person, key: try key(1))]
        #expect(try vault.keep(come, at: now, needed: true) == [])
        #expect(try vault.held(one.person) == .absent)
        try note(vault, [.came(one, author: centre), .left(one.stream)], at: 2)
        #expect(try vault.keep(come, at: now, needed: true) == [])
        #expect(try vault.held(one.person) == .absent)
        #expect(try vault.keep(come, at: now, needed: false) == [one.person])
        #expect(try vault.held(one.person) == .here(key(1)))
    }

    @Test("what one holder has not can be asked of the others", arguments: Kind.allCases)
    func others(_ kind: Kind) throws {
        let vault = try open(kind)
        let boxes = try (1...3).map { try box($0, $0) }
        for (number, box) in boxes.enumerated() {
            try vault.note(
                [.came(box, author: number == 1 ? street : centre)], to: place(Int64(number)), holder: nil,
                isAnew: false)
        }
        #expect(try vault.wanted(exceptOf: street, below: .max, limit: 10).map(\.box) == [boxes[2], boxes[0]])
        #expect(try vault.wanted(exceptOf: centre, below: .max, limit: 10).map(\.box) == [boxes[1]])
        let newest = try #require(try vault.wanted(exceptOf: street, below: .max, limit: 1).first)
        #expect(try vault.wanted(exceptOf: street, below: newest.number, limit: 10).map(\.box) == [boxes[0]])
    }

    @Test("where a feed goes on behind an earlier row all has left that does not come again", arguments: Kind.allCases)
    func anew(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two, three) = (try box(1, 1), try box(2, 2), try box(3, 3))
        try note(vault, [one, two, three].map { .came($0, author: centre) }, at: 4)
        try vault.keep(
            [VaultPerson(person: one.person, key: key(1)), VaultPerson(person: two.person, key: key(2))], at: now,
            needed: true)
        try note(vault, [.came(one, author: centre)], at: 2, isAnew: true)
        #expect(try vault.place() == place(2))
        #expect(try wanted(vault) == [])
        #expect(try vault.held(two.person) == .here(key(2)))
        #expect(try leaving(vault) == [two])
        try vault.shared([one.person, two.person])
        #expect(try vault.held(one.person) == .here(key(1)))
        #expect(try vault.held(two.person) == .absent)
        // Down to its beginning.
        try vault.note([], to: nil, holder: centre, isAnew: true)
        #expect(try vault.place() == nil)
        #expect(try leaving(vault) == [one])
    }

    @Test("at the centre, whose log came from a backup, all boxes are forgotten; keys stay", arguments: Kind.allCases)
    func forgotten(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [.came(one, author: centre), .came(two, author: centre)], at: 4)
        try vault.keep([VaultPerson(person: one.person, key: key(1))], at: now, needed: false)
        try vault.note([], to: place(2), holder: nil, isAnew: true)
        #expect(try wanted(vault) == [] && leaving(vault) == [])
        #expect(try vault.held(one.person) == .here(key(1)))
    }

    /// Destroys a person's key and makes one, as each kind of vault does it.
    func erase(_ vault: any KeyVault, _ person: PersonID) throws {
        try (vault as? Vault)?.erase([person], at: now)
        (vault as? MemoryVault)?.erase([person])
    }

    @Test("what was destroyed is not asked for, and does not come back", arguments: Kind.allCases)
    func erased(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [.came(one, author: centre)], at: 1)
        try erase(vault, one.person)
        #expect(try wanted(vault) == [])
        try vault.keep([VaultPerson(person: one.person, key: key(1))], at: now, needed: false)
        #expect(try vault.held(one.person) == .erased)
        try note(vault, [.left(one.stream), .came(one, author: centre)], at: 2)
        #expect(try vault.held(one.person) == .erased)
        #expect(try wanted(vault) == [])
        // Before anything of the person came.
        try erase(vault, two.person)
        try note(vault, [.came(two, author: centre)], at: 3)
        #expect(try wanted(vault) == [])
    }

    /// A person whose call this node took.
    func made(_ vault: any KeyVault) throws -> PersonID {
        var random = SystemRandomNumberGenerator()
        if let memory = vault as? MemoryVault {
            let person = PersonID(random: &random)
            memory.make(person, try key(7))
            return person
        }
        let disk = try #require(vault as? Vault)
        let command = CommandID(derivedFrom: "call")
        let request = Vault.Request(command: command, lookups: ["mobile:13800000000"], mentioned: [])
        let person = try #require(try disk.people(for: [request], at: now, random: &random).first).get().person
        disk.keep([(person, command)])
        return person
    }

    @Test("an own key stays until the centre has it, then goes with what finds its person", arguments: Kind.allCases)
    func own(_ kind: Kind) throws {
        let vault = try open(kind)
        let person = try made(vault)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try vault.shared([person])
        #expect(try vault.held(person) != .absent, "its ticket is not even in the feed yet")
        try note(vault, [.came(box, author: street)], at: 1)
        #expect(try wanted(vault) == [])
        #expect(try leaving(vault) == [])
        try note(vault, [.left(box.stream)], at: 2)
        #expect(try vault.held(person) != .absent)
        #expect(try leaving(vault) == [box])
        try vault.shared([person])
        #expect(try vault.held(person) == .absent)
        #expect(try leaving(vault) == [])
        if let disk = vault as? Vault { #expect(try disk.find("mobile:13800000000") == []) }
    }

    @Test("whoever looks into a ticket that has left finds no key, whether it is still here or not")
    func looked() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        let person = try made(vault)
        let one = Box(stream: try StreamName("ticket/1"), person: person)
        let two = Box(stream: try StreamName("ticket/2"), person: person)
        #expect(try vault.held(for: one) != .absent, "a call that is not confirmed")
        try note(vault, [.came(one, author: street), .came(two, author: street)], at: 2)
        try note(vault, [.left(one.stream)], at: 3)
        #expect(try vault.held(for: one) == .absent)
        #expect(try vault.held(for: two) != .absent)
        // Nobody knows yet whether this one left.
        try note(vault, [], at: 1, isAnew: true)
        #expect(try vault.held(for: two) != .absent)
        try erase(vault, person)
        #expect(try vault.held(for: two) == .erased)
    }

    @Test("a key that a command of this node still needs stays, whoever else has it and whatever leaves")
    func used() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        var random = SystemRandomNumberGenerator()
        let request = Vault.Request(command: CommandID(derivedFrom: "call"), lookups: [], mentioned: [])
        let person = try #require(try vault.people(for: [request], at: now, random: &random).first).get().person
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: centre)], at: 1)
        try note(vault, [.left(box.stream)], at: 2)
        #expect(try leaving(vault) == [])
        try vault.shared([person])
        #expect(try vault.held(person) != .absent)
        vault.keep([(person, request.command)])
        try note(vault, [], at: 3)
        #expect(try leaving(vault) == [box], "now nothing needs it")
    }

    @Test("a vault from before keys travelled opens, one with a column that is not used any more as well")
    func older() throws {
        let path = folder.path + "/vault.sqlite"
        let person: PersonID
        do { person = try made(try Vault(path: path)) }
        try Connection(path: path, mode: .readWrite).execute(
            "DROP TABLE boxes; DROP TABLE boxPlace; ALTER TABLE keys ADD COLUMN isShared INTEGER NOT NULL DEFAULT 0")
        let vault = try Vault(path: path)
        #expect(try vault.key(of: person) != nil)
        try vault.confirm { _ in true }
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: street), .left(box.stream)], at: 2)
        #expect(try leaving(vault) == [box])
    }
}
