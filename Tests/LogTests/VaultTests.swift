import Events
import Testing

@testable import Log

/// Damage in the vault is said: what is passed over in silence makes a new person of a known one.
@Suite("Vault") struct VaultTests {
    private static let number = "mobile:13800000000"
    private let folder: TemporaryFolder
    private let path: String
    private let person: PersonID

    /// A vault that knows one caller.
    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/vault.sqlite"
        let vault = try Vault(path: path)
        let command = CommandID(derivedFrom: "first")
        person = try VaultTests.people(vault, command).person
        vault.keep([(person, command)])
        #expect(try VaultTests.people(vault, CommandID(derivedFrom: "second")).person == person)
    }

    @discardableResult
    private static func people(_ vault: Vault, _ command: CommandID) throws -> VaultPerson {
        var random = SystemRandomNumberGenerator()
        let request = Vault.Request(command: command, lookups: [number], mentioned: [])
        return try #require(
            try vault.people(for: [request], at: Timestamp(milliseconds: 1), random: &random).first
        ).get()
    }

    private func damaged(_ sql: String) throws -> Vault {
        try Connection(path: path, mode: .readWrite).execute(sql)
        return try Vault(path: path)
    }

    @Test("a damaged lookup makes no new person of a known caller, and is named to whoever looks for him")
    func lookup() throws {
        let vault = try damaged("UPDATE lookups SET person = 'person/'")
        let damage = LogFailure.corrupt(
            table: "lookups", position: 0, detail: "a person in vault.sqlite is malformed")
        #expect(throws: damage) { try VaultTests.people(vault, CommandID(derivedFrom: "third")) }
        #expect(throws: damage) { try vault.find(VaultTests.number) }
        // Everybody else is served.
        #expect(try vault.find("mobile:13900000000") == [])
        #expect(try vault.key(of: person) != nil)
    }

    @Test("a damaged key is no missing one")
    func key() throws {
        let vault = try damaged("UPDATE keys SET key = x'00'")
        let damage = LogFailure.corrupt(table: "keys", position: 0, detail: "a key in vault.sqlite is malformed")
        #expect(throws: damage) { try vault.key(of: person) }
        #expect(throws: damage) { try VaultTests.people(vault, CommandID(derivedFrom: "third")) }
    }
}
