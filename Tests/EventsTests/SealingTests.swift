import Testing

@testable import Events

/// A seeded generator (SplitMix64), so that a failure can be run again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Sealed data") struct SealingTests {
    let secret: JSONObject = ["name": .string("张三"), "phone": .string("13812345678")]
    let command = CommandID(derivedFrom: "sealing")

    @Test("opens with its key in its event, and shows nothing")
    func roundTrip() throws {
        var random = Seeded(state: 1)
        let person = PersonID(random: &random)
        let key = PersonKey(random: &random)
        let sealed = try Sealing.seal(secret, of: person, key: key, command: command, random: &random)
        #expect(try Sealing.open(sealed, key: key, command: command) == secret)
        #expect(try Sealing.person(in: sealed) == person)
        for plain in ["张三", "13812345678", "phone"] { #expect(!contains(sealed, Array(plain.utf8))) }
    }

    @Test("does not open with another key, in another event, or after any flip")
    func refusals() throws {
        var random = Seeded(state: 2)
        let key = PersonKey(random: &random)
        let sealed = try Sealing.seal(
            secret, of: PersonID(random: &random), key: key, command: command, random: &random)
        let other = PersonKey(random: &random)
        #expect(throws: SealingError.self) { try Sealing.open(sealed, key: other, command: command) }
        #expect(throws: SealingError.self) { try Sealing.open(sealed, key: key, command: CommandID(derivedFrom: "x")) }
        for offset in sealed.indices {
            var bent = sealed
            bent[offset] ^= 1
            #expect(throws: (any Error).self, "flip at \(offset)") {
                try Sealing.open(bent, key: key, command: command)
            }
        }
        for count in sealed.indices {
            #expect(throws: DecodeError.self) {
                try Sealing.open(Array(sealed.prefix(count)), key: key, command: command)
            }
        }
    }

    @Test("a box is as long as it says before it is made")
    func size() throws {
        var random = Seeded(state: 3)
        let sealed = try Sealing.seal(
            secret, of: PersonID(random: &random), key: PersonKey(random: &random), command: command, random: &random)
        #expect(sealed.count == Sealing.size(of: secret))
    }

    @Test("a person has one spelling, in whatever case somebody writes the id, and a box knows no other")
    func spelling() throws {
        var random = Seeded(state: 4)
        let person = PersonID(random: &random)
        let capitals = "person/" + person.text.dropFirst(7).uppercased()
        #expect(capitals != person.text)
        #expect(try PersonID(capitals) == person)
        #expect(try PersonID(capitals).text == person.text)
        #expect(throws: IdentifierError.self) { try PersonID("PERSON/" + person.text.dropFirst(7)) }
        let key = PersonKey(random: &random)
        var sealed = try Sealing.seal(secret, of: person, key: key, command: command, random: &random)
        // The digits stand behind magic, cipher, length and `person/`.
        let letter = try #require(sealed[13..<45].firstIndex { (0x61...0x66).contains($0) })
        sealed[letter] ^= 0x20
        #expect(throws: DecodeError.self) { try Sealing.open(sealed, key: key, command: command) }
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }
}
