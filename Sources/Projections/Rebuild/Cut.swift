/// Which events a replay sees.

package import Events

package enum Cut: Sendable, Equatable {
    /// All of the log, up to its end when the replay starts.
    case everything
    /// Events that had happened by an instant, inclusive, whenever this log learned of them ("as of").
    case occurred(by: Timestamp)
    /// Events that this log held when it ended at a position ("known at"): a prefix of its own order of arrival.
    case known(at: Int64)

    /// What was known at an instant: the prefix that ends with the last position received at or before it.
    ///
    /// A clock that was set back makes `receivedAt` fall somewhere; the prefix still holds every position up to
    /// that last one, since a log never forgets.
    package static func known(by instant: Timestamp, in reader: any EventReader) throws(LogFailure) -> Cut {
        let span = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: instant.milliseconds + 1)
        let last = try reader.page(.time(.receivedAt, span), .backward, from: .max, limit: 1).first
        return .known(at: last?.position ?? 0)
    }

    /// Whether it sees an event.
    package func sees(_ stored: StoredEvent) -> Bool {
        switch self {
        case .everything: true
        case .occurred(let instant): stored.event.occurredAt <= instant
        case .known(let position): stored.position <= position
        }
    }

    /// Those of the events that it sees, among what lies before its end.
    func seen(_ events: [Event]) -> [Event] {
        if case .occurred(let instant) = self { events.filter { $0.occurredAt <= instant } } else { events }
    }

    /// The last position it sees of a log that ends at `head`.
    func end(_ head: Int64) -> Int64 {
        if case .known(let position) = self { min(max(0, position), head) } else { head }
    }

    /// The form in a file's `meta` and in certificates.
    package var text: String {
        switch self {
        case .everything: "everything"
        case .occurred(let instant): "occurredBy \(instant.milliseconds)"
        case .known(let position): "knownAt \(position)"
        }
    }
}
