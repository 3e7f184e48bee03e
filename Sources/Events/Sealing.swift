// Sealed personal data: the only form in which a name, a number or an address of a person stands in the log
// (`docs/format/log.md` 9). One random key per person; destroying the key erases the person everywhere, and the
// chain stays valid because it covers the ciphertext.

import Crypto

/// A person (当事人) as the log names one: `person/` and 32 hexadecimal digits of randomness, never derived from data.
package struct PersonID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(random: inout some RandomNumberGenerator) {
        text = "person/\(random.next().hexadecimal)\(random.next().hexadecimal)"
    }

    /// Reads an id in either case: one person has one spelling, by which vault, log and boxes are compared.
    ///
    /// - Throws: `.malformed` unless the text is `person/` and 32 hexadecimal digits.
    package init(_ text: String) throws(IdentifierError) {
        let digits = text.dropFirst(7)
        guard text.hasPrefix("person/"), digits.utf8.count == 32, Hexadecimal.bytes(String(digits)) != nil else {
            throw .malformed(kind: "person id", value: text, rule: "person/ and 32 hexadecimal digits")
        }
        self.text = "person/\(digits.lowercased())"
    }

    package var description: String { text }
}

/// A person's key: 256 random bits.
package struct PersonKey: Sendable, Equatable {
    package static let size = 32
    package let bytes: [UInt8]

    package init(random: inout some RandomNumberGenerator) {
        var writer = ByteWriter(reserving: PersonKey.size)
        for _ in 0..<4 { writer.integer(random.next()) }
        bytes = writer.bytes
    }

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == PersonKey.size else { return nil }
        self.bytes = bytes
    }
}

/// What a node holds of a person's key.
package enum HeldKey: Sendable, Equatable {
    case here(PersonKey)
    /// Destroyed by an erasure (销毁): nobody can open what it sealed.
    case erased
    /// Never was here, or is here no more: another node may hold it.
    case absent

    package var key: PersonKey? { if case .here(let key) = self { key } else { nil } }
}

/// Seals and opens.
package enum Sealing {
    /// The cipher, by the number stored with each box; SM4-GCM (GB/T 32907) has 3 reserved.
    package enum Cipher: UInt8, Sendable { case aes256GCM = 1 }

    private static let magic: [UInt8] = [0x47, 0x4C, 0x53, 0x31]  // "GLS1"

    /// The bytes of a box around its ciphertext: magic, cipher, person with its length, nonce, tag, length.
    private static let frame = 4 + 1 + (1 + 39) + 12 + 16 + 4

    /// How many bytes `seal` makes of these members; an event holds `Event.Limit.sealed`.
    package static func size(of members: JSONObject) -> Int { frame + JSON.object(members).canonicalBytes.count }

    /// Seals members about one person into an event's `sealed` bytes.
    ///
    /// - Parameters:
    ///   - members: what to hide, as canonical JSON.
    ///   - command: of the event that will carry it; a box moved to another event does not open.
    ///   - random: fresh for each box; gives the nonce.
    /// - Throws: what the cipher throws for a key of the wrong size; not with a `PersonKey`.
    package static func seal(
        _ members: JSONObject, of person: PersonID, key: PersonKey, command: CommandID,
        random: inout some RandomNumberGenerator
    ) throws -> [UInt8] {
        var nonce = ByteWriter(reserving: 16)
        nonce.integer(random.next())
        nonce.integer(UInt32(truncatingIfNeeded: random.next()))
        let box = try AES.GCM.seal(
            JSON.object(members).canonicalBytes, using: SymmetricKey(data: key.bytes),
            nonce: AES.GCM.Nonce(data: nonce.bytes),
            authenticating: bound(to: person, command))
        var writer = ByteWriter()
        writer.raw(magic)
        writer.integer(Cipher.aes256GCM.rawValue)
        writer.string8(person.text)
        writer.raw(nonce.bytes)
        writer.raw(box.tag)
        writer.bytes32(Array(box.ciphertext))
        return writer.bytes
    }

    /// Whose data an event's `sealed` bytes hold.
    ///
    /// - Throws: `DecodeError` when the bytes are no sealed box.
    package static func person(in sealed: [UInt8]) throws(DecodeError) -> PersonID { try decode(sealed).person }

    /// Opens what `seal` made.
    ///
    /// - Throws: `SealingError.doesNotOpen` with the wrong key or event; `DecodeError` when the bytes are no box.
    package static func open(_ sealed: [UInt8], key: PersonKey, command: CommandID) throws -> JSONObject {
        let parts = try decode(sealed)
        let plain: [UInt8]
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: parts.nonce), ciphertext: parts.ciphertext, tag: parts.tag)
            plain = Array(
                try AES.GCM.open(
                    box, using: SymmetricKey(data: key.bytes), authenticating: bound(to: parts.person, command)))
        } catch {
            throw SealingError.doesNotOpen(person: parts.person)
        }
        return try JSONReader.readObject(plain)
    }

    private struct Parts {
        var person: PersonID
        var nonce, tag, ciphertext: [UInt8]
    }

    private static func decode(_ sealed: [UInt8]) throws(DecodeError) -> Parts {
        var reader = ByteReader(sealed)
        guard try reader.raw(4).elementsEqual(magic) else {
            throw .malformed(offset: 0, what: "a box that does not start with GLS1")
        }
        let cipher: UInt8 = try reader.integer()
        guard Cipher(rawValue: cipher) != nil else {
            throw .malformed(offset: 4, what: "cipher \(cipher), which this version does not know")
        }
        let text = try reader.string8()
        // What the box is bound to has one spelling, too.
        guard let person = try? PersonID(text), person.text == text else {
            throw .malformed(offset: 5, what: "person id \"\(text)\"")
        }
        let nonce = Array(try reader.raw(12))
        let tag = Array(try reader.raw(16))
        let ciphertext = try reader.bytes32(atMost: Event.Limit.sealed)
        guard reader.isAtEnd else { throw .trailing(offset: reader.offset, left: reader.remaining) }
        return Parts(person: person, nonce: nonce, tag: tag, ciphertext: ciphertext)
    }

    /// What a box is bound to beside its key.
    private static func bound(to person: PersonID, _ command: CommandID) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(magic)
        writer.string8(person.text)
        writer.integer(command.high)
        writer.integer(command.low)
        return writer.bytes
    }
}

/// Why a box did not open.
package enum SealingError: Problem, Equatable {
    case doesNotOpen(person: PersonID)

    package var code: String { "GL-1003" }
    package var message: Words {
        switch self {
        case .doesNotOpen(let person): "the data of \(person) does not open with this key"
        }
    }
    package var hint: Words {
        "the key is another person's, or the bytes were moved or changed; run `gridline verify`"
    }
}
