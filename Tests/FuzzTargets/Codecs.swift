// The readers of the wire and the log: what they take has one form, and writing it gives the same bytes.

import Events
import Replication

extension FuzzTarget {
    /// A frame that is read is written as it came; one with a packed body says the same when it is written without packing.
    static let frame: @Sendable ([UInt8]) throws -> Void = { bytes in
        guard let frame = read({ try Frame(bytes) }), frame.message != nil else { return }
        let isPacked = bytes[5] & 1 == 1
        try Broken.unless(isPacked || frame.bytes == bytes, "a frame that is written other than it was read")
        // A packed body may be longer than fits a frame that is not packed.
        guard frame.bytes.count <= 65_536 else { return }
        try Broken.unless(try Frame(frame.bytes) == frame, "a frame that reads back as another")
        let packed = frame.bytes(compressing: true)
        try Broken.unless(packed.count <= frame.bytes.count, "a frame that packing made longer")
        try Broken.unless(try Frame(packed) == frame, "a packed frame that reads back as another")
    }

    /// Canonical bytes are just that, and an event goes out as a line and comes back.
    static let event: @Sendable ([UInt8]) throws -> Void = { bytes in
        guard let event = read({ try Event(canonicalBytes: bytes) }) else { return }
        try Broken.unless(event.canonicalBytes == bytes, "an event that is written other than it was read")
        try Broken.unless(event.computedHash == event.hash, "an event with another hash than its bytes have")
        // Only canonical JSON comes back as it was: the log checks none of it.
        guard isCanonical(event.body.bytes ?? []), isCanonical(Array(event.actor.text.utf8)) else { return }
        let again: Event
        do throws(DecodeError) { again = try Event(exportLine: event.exportLine) } catch {
            throw Broken(description: "an event whose line is refused: \(error.message)")
        }
        try Broken.unless(again == event, "an event that comes back from its line as another")
    }

    /// What is read has a canonical form that reads as the same value and is its own canonical form.
    static let json: @Sendable ([UInt8]) throws -> Void = { bytes in
        let foreign = read { try JSONReader.read(bytes, numbers: .text) }
        guard let value = read({ try JSONReader.read(bytes) }) else { return }
        try Broken.unless(foreign != nil, "JSON of integers that is none as foreign JSON")
        let canonical = value.canonicalBytes
        try Broken.unless(canonical.count <= 6 * bytes.count, "a canonical form that is longer than escapes explain")
        try Broken.unless(try JSONReader.read(canonical) == value, "JSON that reads back as another value")
        try Broken.unless(try JSONReader.read(canonical).canonicalBytes == canonical, "two canonical forms of a value")
    }

    /// An event that comes in by a line is one that the log and the wire can read again.
    static let line: @Sendable ([UInt8]) throws -> Void = { bytes in
        guard let event = read({ try Event(exportLine: bytes) }) else { return }
        let again: Event
        do throws(DecodeError) { again = try Event(canonicalBytes: event.canonicalBytes) } catch {
            throw Broken(description: "a line whose event cannot be read again: \(error.message)")
        }
        try Broken.unless(again == event, "a line whose event reads back as another")
        try Broken.unless(try Event(exportLine: event.exportLine) == event, "an event that its own line does not give")
    }

    /// A box names its person or is refused; what was sealed opens; nothing else does.
    static let sealed: @Sendable ([UInt8]) throws -> Void = { bytes in
        let key = try Seeds.key()
        if let person = read({ try Sealing.person(in: bytes) }) {
            try Broken.unless(try PersonID(person.text) == person, "a person whose name is none")
        }
        let opened = read { try Sealing.open(bytes, key: key, command: Seeds.command) }
        try Broken.unless(opened == nil || (try Seeds.isOwn(bytes)), "a box that opens and was never sealed")
        guard let members = read({ try JSONReader.readObject(bytes) }) else { return }
        let box = try Seeds.box(of: members)
        try Broken.unless(box.count == Sealing.size(of: members), "a box of another size than was said")
        let again = try Sealing.open(box, key: key, command: Seeds.command)
        try Broken.unless(again == members, "a box that opens as something else")
    }

    /// Each name that is read from text gives a text that reads as the same name.
    static let name: @Sendable ([UInt8]) throws -> Void = { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        try again(text) { try NodeID($0) }
        try again(text) { try Origin($0) }
        try again(text) { try EventID($0) }
        try again(text) { try StreamName($0) }
        try again(text) { try CommandID($0) }
        try again(text) { try FeedName($0) }
        try again(text) { try PersonID($0) }
        if let stream = read({ try StreamName(text) }) {
            try Broken.unless("\(stream.category)/\(stream.key)" == text, "a stream's name that is not its two parts")
        }
        if let bytes = Hexadecimal.bytes(text) {
            try Broken.unless(Hexadecimal.text(bytes) == text.lowercased(), "hexadecimal text of other bytes")
        }
    }

    private static func again<Name: Equatable & CustomStringConvertible>(
        _ text: String, _ parse: (String) throws -> Name
    ) throws {
        guard let name = read({ try parse(text) }) else { return }
        try Broken.unless(read { try parse(name.description) } == name, "\(Name.self) \(text) that is not read again")
        try Broken.unless(name.description.utf8.count <= 256, "\(Name.self) \(text) that fits no field")
    }

    private static func isCanonical(_ bytes: [UInt8]) -> Bool {
        read { try JSONReader.read(bytes).canonicalBytes } == bytes
    }
}
