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

    private let folder: TemporaryFolder
    private let centre: NodeID
    private let street: NodeID
    private let now = Timestamp(milliseconds: 1)

    init() throws {
        folder = try TemporaryFolder()
        centre = try NodeID("centre")
        street = try NodeID("street1")
    }

    private func open(_ kind: Kind) throws -> any KeyVault {
        switch kind {
        case .disk: try Vault(path: folder.path + "/vault.sqlite")
        case .memory: MemoryVault()
        }
    }

    private func box(_ ticket: Int, _ person: Int) throws -> Box {
        let digits = String(person, radix: 16)
        return Box(
            stream: try StreamName("ticket/\(ticket)"),
            person: try PersonID("person/" + String(repeating: "0", count: 32 - digits.count) + digits))
    }

    private func key(_ number: UInt8) throws -> PersonKey {
        try #require(PersonKey(bytes: Array(repeating: number, count: 32)))
    }

    private func place(_ fseq: Int64) -> FeedCursor {
        FeedCursor(fseq: fseq, chain: ChainValue(high: 1, low: UInt64(fseq)))
    }

    private func note(_ vault: any KeyVault, _ changes: [BoxChange], at fseq: Int64, isAnew: Bool = false) throws {
        try vault.note(changes, to: place(fseq), holder: centre, isAnew: isAnew)
    }

    private func wanted(_ vault: any KeyVault, of holder: NodeID? = nil, below: Int64 = .max, limit: Int = 10) throws
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
        try vault.keep([VaultPerson(person: boxes[3].person, key: key(4))], at: now)
        #expect(try vault.held(boxes[3].person) == .here(key(4)))
        #expect(try wanted(vault) == [boxes[4], boxes[2], boxes[1], boxes[0]])
        // The same box again is one box, and the newest.
        try note(vault, [.came(boxes[0], author: street)], at: 8)
        #expect(try wanted(vault) == [boxes[0], boxes[4], boxes[2], boxes[1]])
        // Another key for the same person changes nothing.
        try vault.keep([VaultPerson(person: boxes[3].person, key: key(9))], at: now)
        #expect(try vault.held(boxes[3].person) == .here(key(4)))
    }

    @Test("without a holder a box is wanted of its author", arguments: Kind.allCases)
    func author(_ kind: Kind) throws {
        let vault = try open(kind)
        try vault.note([.came(try box(1, 1), author: street)], to: place(1), holder: nil, isAnew: false)
        #expect(try wanted(vault, of: street) == [box(1, 1)])
        #expect(try wanted(vault, of: centre) == [])
    }

    @Test("what leaves takes its keys along, unless another ticket needs them", arguments: Kind.allCases)
    func leave(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two, both) = (try box(1, 1), try box(2, 2), try box(1, 3))
        let alsoTwo = try box(2, 3)
        try note(vault, [one, two, both, alsoTwo].map { .came($0, author: centre) }, at: 4)
        try vault.keep(
            [VaultPerson(person: one.person, key: key(1)), VaultPerson(person: both.person, key: key(3))], at: now)
        try note(vault, [.left(one.stream)], at: 5)
        #expect(try vault.held(one.person) == .absent)
        #expect(try vault.held(both.person) == .here(key(3)))
        #expect(try wanted(vault) == [two])
        try note(vault, [.left(two.stream)], at: 6)
        #expect(try vault.held(both.person) == .absent)
        #expect(try wanted(vault) == [])
        // And back.
        try note(vault, [.came(one, author: centre)], at: 7)
        #expect(try wanted(vault) == [one])
    }

    @Test("all boxes can be forgotten and noted anew; keys stay", arguments: Kind.allCases)
    func anew(_ kind: Kind) throws {
        let vault = try open(kind)
        let (one, two) = (try box(1, 1), try box(2, 2))
        try note(vault, [.came(one, author: centre), .came(two, author: centre)], at: 4)
        try vault.keep([VaultPerson(person: one.person, key: key(1))], at: now)
        try note(vault, [.came(one, author: centre)], at: 2, isAnew: true)
        #expect(try vault.place() == place(2))
        #expect(try wanted(vault) == [])
        #expect(try vault.held(one.person) == .here(key(1)))
    }

    /// Destroys a person's key and makes one, as each kind of vault does it.
    private func erase(_ vault: any KeyVault, _ person: PersonID) throws {
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
        try vault.keep([VaultPerson(person: one.person, key: key(1))], at: now)
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
    private func made(_ vault: any KeyVault) throws -> PersonID {
        var random = SystemRandomNumberGenerator()
        if let memory = vault as? MemoryVault {
            let person = PersonID(random: &random)
            memory.make(person, try key(7))
            return person
        }
        let disk = try #require(vault as? Vault)
        let command = CommandID(derivedFrom: "call")
        let request = Vault.Request(command: command, lookups: ["mobile:13800000000"], mentioned: [])
        let person = try #require(try disk.people(for: [request], at: now, random: &random).first).person
        disk.keep([(person, command)])
        return person
    }

    @Test("an own key stays until the centre has it, then goes with what finds its person", arguments: Kind.allCases)
    func own(_ kind: Kind) throws {
        let vault = try open(kind)
        let person = try made(vault)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: street)], at: 1)
        #expect(try wanted(vault) == [])
        #expect(try vault.unshared(limit: 10) == [])
        try note(vault, [.left(box.stream)], at: 2)
        #expect(try vault.held(person) != .absent)
        #expect(try vault.unshared(limit: 10) == [box])
        try vault.shared([person])
        #expect(try vault.held(person) == .absent)
        #expect(try vault.unshared(limit: 10) == [])
        if let disk = vault as? Vault { #expect(try disk.find("mobile:13800000000") == []) }
    }

    @Test("an own key that the centre has stays as long as its ticket", arguments: Kind.allCases)
    func shared(_ kind: Kind) throws {
        let vault = try open(kind)
        let person = try made(vault)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: street)], at: 1)
        try vault.shared([person])
        #expect(try vault.held(person) != .absent)
        try note(vault, [.left(box.stream)], at: 2)
        #expect(try vault.held(person) == .absent)
    }

    @Test("a key that a command of this node still needs stays, whoever else has it and whatever leaves")
    func used() throws {
        let vault = try Vault(path: folder.path + "/vault.sqlite")
        var random = SystemRandomNumberGenerator()
        let request = Vault.Request(command: CommandID(derivedFrom: "call"), lookups: [], mentioned: [])
        let person = try #require(try vault.people(for: [request], at: now, random: &random).first).person
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: centre)], at: 1)
        try vault.shared([person])
        try note(vault, [.left(box.stream)], at: 2)
        #expect(try vault.held(person) != .absent)
    }

    @Test("a vault from before keys travelled opens, and its keys are its own")
    func older() throws {
        let path = folder.path + "/vault.sqlite"
        let person: PersonID
        do { person = try made(try Vault(path: path)) }
        try Connection(path: path, mode: .readWrite).execute(
            "DROP TABLE boxes; DROP TABLE boxPlace; ALTER TABLE keys DROP COLUMN isShared;")
        let vault = try Vault(path: path)
        #expect(try vault.key(of: person) != nil)
        let box = Box(stream: try StreamName("ticket/1"), person: person)
        try note(vault, [.came(box, author: street), .left(box.stream)], at: 2)
        #expect(try vault.unshared(limit: 10) == [box])
    }
}
