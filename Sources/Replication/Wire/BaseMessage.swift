// What hub and street say of where the street's feed begins, and of tickets that sleep in it (`docs/format/wire.md`, kinds 29 to 32).

package import Events

package enum BaseMessage: Sendable, Equatable {
    /// The node has nothing of the feed.
    case rebase(FeedName)
    /// The node begins behind this row; at the first one when it is the feed's seed.
    case base(FeedName, FeedCursor)
    /// The node wants the rows of a ticket.
    case wake(StreamName)
    case woken(StreamName, Woken)

    package enum Woken: UInt8, Sendable {
        /// Its rows are in the feed.
        case inFeed = 1
        /// The node is not in its audience, or there is no such ticket: which of the two is not said.
        case notForYou = 2
    }
}

extension BaseMessage {
    var kind: Message.Kind {
        switch self {
        case .rebase: .rebase
        case .base: .base
        case .wake: .wake
        case .woken: .woken
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .rebase(let feed): writer.string8(feed.text)
        case .base(let feed, let cursor):
            writer.string8(feed.text)
            writer.cursor(cursor)
        case .wake(let stream): writer.string8(stream.text)
        case .woken(let stream, let state):
            writer.string8(stream.text)
            writer.integer(state.rawValue)
        }
    }

    init(_ kind: Message.Kind, from reader: inout ByteReader) throws(DecodeError) {
        switch kind {
        case .rebase: self = .rebase(try reader.feed())
        case .base: self = .base(try reader.feed(), try reader.cursor())
        case .wake: self = .wake(try reader.streamName())
        case _:
            let stream = try reader.streamName()
            let number: UInt8 = try reader.integer()
            guard let state = Woken(rawValue: number) else {
                throw .malformed(offset: reader.offset - 1, what: "state \(number)")
            }
            self = .woken(stream, state)
        }
    }
}
