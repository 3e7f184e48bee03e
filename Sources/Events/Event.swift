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
package struct Event: Sendable, Equatable {
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

    package var id: EventID
    package var hlc: HybridTime
    package var stream: StreamName
    package var type: EventType
    package var basis: Basis
    package var actor: Actor
    package var occurredAt: Timestamp
    package var recordedAt: Timestamp
    package var command: CommandID
    /// The place among the events of one command, from 0.
    package var index: UInt16
    package var causation: EventID?
    package var correlation: StreamName?
    /// Canonical JSON text, UTF-8.
    package var body: [UInt8]
    package var sealed: [UInt8]?
    /// The hash of the origin's event before; of a new incarnation, the last hash of the one before it.
    package var previous: Digest
    package var algorithm: HashAlgorithm
    package var hash: Digest

    package init(
        id: EventID, hlc: HybridTime, stream: StreamName, type: EventType, basis: Basis, actor: Actor,
        occurredAt: Timestamp, recordedAt: Timestamp, command: CommandID, index: UInt16, causation: EventID?,
        correlation: StreamName?, body: [UInt8], sealed: [UInt8]?, previous: Digest,
        algorithm: HashAlgorithm = .sha256, hash: Digest = .zero
    ) {
        self.id = id
        self.hlc = hlc
        self.stream = stream
        self.type = type
        self.basis = basis
        self.actor = actor
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.command = command
        self.index = index
        self.causation = causation
        self.correlation = correlation
        self.body = body
        self.sealed = sealed
        self.previous = previous
        self.algorithm = algorithm
        self.hash = hash
    }

    /// The order for showing and for additive events: `(hlc, origin, sequence)`.
    ///
    /// It respects causality.
    package static func precedes(_ left: Event, _ right: Event) -> Bool {
        left.hlc == right.hlc ? left.id < right.id : left.hlc < right.hlc
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
