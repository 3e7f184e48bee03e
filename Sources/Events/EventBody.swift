/// What an event says, as far as a log has it: a street lets go what others wrote in tickets that left it
/// (`docs/decisions/0027-purge-after-leave.md`).

package enum EventBody: Hashable, Sendable {
    /// Canonical JSON text, UTF-8.
    case here([UInt8])
    /// This log has let it go, with its box, since the stream left the node's feed; id, envelope, hash and chain stand.
    case letGo
    /// It was let go, the stream is this node's again, and nobody who was asked gives it back.
    case missing

    /// The text; nil when it is not here.
    package var bytes: [UInt8]? { if case .here(let bytes) = self { bytes } else { nil } }
    package var isHere: Bool { bytes != nil }
}

extension Event {
    /// What a node's own records say: nil when the body is not here, or no object.
    ///
    /// Not for tickets, whose body may be gone by right: who reads those looks at each case of `body`.
    package var record: JSONObject? { body.bytes.flatMap { try? JSONReader.readObject($0) } }

    /// A copy as a log has it that has let the body go.
    package func withoutBody(_ body: EventBody = .letGo) -> Event {
        var event = self
        event.body = body
        event.sealed = nil
        return event
    }
}
