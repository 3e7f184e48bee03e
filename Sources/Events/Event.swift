/// The event: what is stored, hashed, replicated and never changed (`docs/format/log.md`).

/// Who did it (操作人): a person's account, role and unit, or a system actor such as a timer.
///
/// Kept as its canonical JSON text, because the text is what the event's hash covers and unknown fields
/// must survive. While there are no accounts, `asserted` names the token whose holder claims to be `account`.
package struct Actor: Hashable, Sendable {
    /// Canonical JSON, at most 1,024 bytes.
    package let text: String

    /// Takes stored text as it is.
    package init(text: String) { self.text = text }

    /// A person (or a program acting for one).
    package init(account: String, role: String, unit: String, device: String? = nil, asserted: String? = nil) {
        var object: JSONObject = ["account": .string(account), "role": .string(role), "unit": .string(unit)]
        object["device"] = device.map(JSON.string)
        object["asserted"] = asserted.map(JSON.string)
        text = JSON.object(object).canonicalText
    }

    /// A rule, timer or policy, with the version of the rule that made it act.
    package init(system: String, rule: String) {
        text = JSON.object(["rule": .string(rule), "system": .string(system)]).canonicalText
    }

    package var account: String? { field("account") }
    package var role: String? { field("role") }
    package var unit: String? { field("unit") }
    /// The name of the rule, timer or policy; nil for a person.
    package var system: String? { field("system") }

    package static func == (left: Actor, right: Actor) -> Bool { left.text.hasBytes(of: right.text) }
    package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }

    private func field(_ key: String) -> String? { (try? JSONReader.read(text))?.object?[key]?.string }
}

/// What the author of an event knew of its stream: per origin, the last sequence it had folded.
///
/// The author's own origin is left out: all its earlier events of the stream are known to it by
/// construction. So an event that nobody else wrote beside carries an empty basis.
package struct Basis: Hashable, Sendable {
    /// Sorted by origin, each once.
    package let entries: [EventID]

    package static let empty = Basis([])

    /// Takes the last known event of each origin; sorts them.
    package init(_ entries: [EventID]) { self.entries = entries.count > 1 ? entries.sorted() : entries }

    /// Whether the author of an event with this basis and `author` as its id knew `other`, an event of the same stream.
    package func knows(_ other: EventID, author: EventID) -> Bool {
        if other.origin == author.origin { return other.sequence < author.sequence }
        return entries.contains { $0.origin == other.origin && $0.sequence >= other.sequence }
    }
}

/// What an author wants recorded; the writer of the log stamps the rest.
package struct Draft: Sendable, Equatable {
    package var stream: StreamName
    package var type: EventType
    /// The body's members; written in canonical form, at most `Event.Limit.body` bytes.
    package var body: JSONObject
    /// When it happened; may lie before the recording (imports, late entries).
    package var occurredAt: Timestamp
    /// The event that led to this one.
    package var causation: EventID?
    /// The case it belongs to; nil means the stream itself.
    package var correlation: StreamName?
    /// Sealed personal data, see `docs/format/log.md`, "sealed"; nil for none.
    package var sealed: [UInt8]?

    package init(
        stream: StreamName, type: EventType, body: JSONObject, occurredAt: Timestamp,
        causation: EventID? = nil, correlation: StreamName? = nil, sealed: [UInt8]? = nil
    ) {
        self.stream = stream
        self.type = type
        self.body = body
        self.occurredAt = occurredAt
        self.causation = causation
        self.correlation = correlation
        self.sealed = sealed
    }
}

/// An event as every node stores it: immutable, hashed, chained to its origin's event before.
///
/// Its fields stand once in memory, whoever holds it: an event passes through a dozen hands between line and disk, and a copy is
/// one reference. A change to a field makes new ones.
package struct Event: Sendable {
    /// Limits that a writer enforces and a reader relies on, in bytes.
    package enum Limit {
        /// A body's canonical JSON.
        package static let body = 48 * 1024
        /// Sealed personal data.
        package static let sealed = 8 * 1024
        /// An actor's canonical JSON.
        package static let actor = 1024
        /// Origins in a basis: as many as the canonical bytes of a whole event can hold.
        package static let basis = 1_280
        /// The canonical bytes of a whole event: with a feed row around it, it fits a message of 64 KiB.
        package static let canonical = 63 * 1024
    }

    private struct Fields: Sendable, Equatable {
        var id: EventID
        var hlc: HybridTime
        var stream: StreamName
        var type: EventType
        var basis: Basis
        var actor: Actor
        var occurredAt: Timestamp
        var recordedAt: Timestamp
        var command: CommandID
        var index: UInt16
        var causation: EventID?
        var correlation: StreamName?
        var body: EventBody
        var sealed: [UInt8]?
        var previous: Digest
        var algorithm: HashAlgorithm
        var hash: Digest
    }

    private final class Storage: Sendable {
        let fields: Fields
        /// Whether `hash` was computed over these very fields, here, in this process.
        let isProven: Bool

        init(_ fields: Fields, isProven: Bool) {
            self.fields = fields
            self.isProven = isProven
        }
    }

    private var storage: Storage

    package init(
        id: EventID, hlc: HybridTime, stream: StreamName, type: EventType, basis: Basis, actor: Actor,
        occurredAt: Timestamp, recordedAt: Timestamp, command: CommandID, index: UInt16, causation: EventID?,
        correlation: StreamName?, body: [UInt8], sealed: [UInt8]?, previous: Digest,
        algorithm: HashAlgorithm = .sha256, hash: Digest = .zero
    ) {
        self.init(
            id: id, hlc: hlc, stream: stream, type: type, basis: basis, actor: actor, occurredAt: occurredAt,
            recordedAt: recordedAt, command: command, index: index, causation: causation, correlation: correlation,
            body: .here(body), sealed: sealed, previous: previous, algorithm: algorithm, hash: hash)
    }

    /// - Parameter isProven: whether the caller computed `hash` over the canonical bytes of just these fields.
    package init(
        id: EventID, hlc: HybridTime, stream: StreamName, type: EventType, basis: Basis, actor: Actor,
        occurredAt: Timestamp, recordedAt: Timestamp, command: CommandID, index: UInt16, causation: EventID?,
        correlation: StreamName?, body: EventBody, sealed: [UInt8]?, previous: Digest, algorithm: HashAlgorithm,
        hash: Digest, isProven: Bool = false
    ) {
        storage = Storage(
            Fields(
                id: id, hlc: hlc, stream: stream, type: type, basis: basis, actor: actor, occurredAt: occurredAt,
                recordedAt: recordedAt, command: command, index: index, causation: causation, correlation: correlation,
                body: body, sealed: sealed, previous: previous, algorithm: algorithm, hash: hash),
            isProven: isProven)
    }

    package var id: EventID {
        get { storage.fields.id }
        set { change { $0.id = newValue } }
    }
    package var hlc: HybridTime {
        get { storage.fields.hlc }
        set { change { $0.hlc = newValue } }
    }
    package var stream: StreamName {
        get { storage.fields.stream }
        set { change { $0.stream = newValue } }
    }
    package var type: EventType {
        get { storage.fields.type }
        set { change { $0.type = newValue } }
    }
    package var basis: Basis {
        get { storage.fields.basis }
        set { change { $0.basis = newValue } }
    }
    package var actor: Actor {
        get { storage.fields.actor }
        set { change { $0.actor = newValue } }
    }
    package var occurredAt: Timestamp {
        get { storage.fields.occurredAt }
        set { change { $0.occurredAt = newValue } }
    }
    package var recordedAt: Timestamp {
        get { storage.fields.recordedAt }
        set { change { $0.recordedAt = newValue } }
    }
    package var command: CommandID {
        get { storage.fields.command }
        set { change { $0.command = newValue } }
    }
    /// The place among the events of one command, from 0.
    package var index: UInt16 {
        get { storage.fields.index }
        set { change { $0.index = newValue } }
    }
    package var causation: EventID? {
        get { storage.fields.causation }
        set { change { $0.causation = newValue } }
    }
    package var correlation: StreamName? {
        get { storage.fields.correlation }
        set { change { $0.correlation = newValue } }
    }
    package var body: EventBody {
        get { storage.fields.body }
        set { change { $0.body = newValue } }
    }
    package var sealed: [UInt8]? {
        get { storage.fields.sealed }
        set { change { $0.sealed = newValue } }
    }
    /// The hash of the origin's event before; of a new incarnation, the last hash of the one before it.
    package var previous: Digest {
        get { storage.fields.previous }
        set { change { $0.previous = newValue } }
    }
    package var algorithm: HashAlgorithm {
        get { storage.fields.algorithm }
        set { change { $0.algorithm = newValue } }
    }
    package var hash: Digest {
        get { storage.fields.hash }
        set { change { $0.hash = newValue } }
    }

    /// A copy with the hash computed over its fields.
    package func hashed() -> Event {
        var event = self
        var fields = storage.fields
        fields.hash = computedHash
        event.storage = Storage(fields, isProven: true)
        return event
    }

    /// Whether the hash is that of the fields; not without the body, of which it says nothing.
    ///
    /// Computed once: not again for what was read from a line or made here.
    package var isWhole: Bool { storage.isProven || body.isHere && computedHash == hash }

    private mutating func change(_ change: (inout Fields) -> Void) {
        var fields = storage.fields
        change(&fields)
        storage = Storage(fields, isProven: false)
    }

    /// The order for showing and for additive events: `(hlc, origin, sequence)`.
    ///
    /// It respects causality.
    package static func precedes(_ left: Event, _ right: Event) -> Bool {
        left.hlc == right.hlc ? left.id < right.id : left.hlc < right.hlc
    }
}

extension Event: Equatable {
    package static func == (left: Event, right: Event) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }
}

/// An event with what this log alone knows of it.
///
/// Never read by a fold or a view's contents.
package struct StoredEvent: Sendable, Equatable {
    package var event: Event
    /// The order in which this log learned of it: gap-free from 1.
    package var position: Int64
    package var receivedAt: Timestamp
    /// The place in its stream here, from 1.
    package var streamVersion: Int64

    package init(event: Event, position: Int64, receivedAt: Timestamp, streamVersion: Int64) {
        self.event = event
        self.position = position
        self.receivedAt = receivedAt
        self.streamVersion = streamVersion
    }
}
