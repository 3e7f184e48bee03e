// What hub and street say when one of them lost something that the other has (`docs/format/wire.md`, kinds 24 to 28).

package import Events

package enum RepairMessage: Sendable, Equatable {
    /// The hub asks for rows that a street put aside, above a row.
    ///
    /// - rewind: the street's event that says so.
    case recall(rewind: EventID, above: Int64)
    /// These rows, an event in them by its id and hash; none when there are no more.
    case recalled(rewind: EventID, rows: [WireRow])
    /// Events that are lacking, by their ids.
    case want([EventID])
    /// - first: the first that was asked for.
    case give(first: EventID, [Event])
    /// The signed end of a feed.
    case head(FeedName, SignedHead)
}

extension RepairMessage {
    /// Events that are asked for at once.
    static let wantLimit = 256

    var kind: Message.Kind {
        switch self {
        case .recall: .recall
        case .want: .want
        case .head: .head
        case .recalled: .recalled
        case .give: .give
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .recall(let rewind, let above):
            writer.eventID(rewind)
            writer.integer(above)
        case .recalled(let rewind, let rows):
            writer.eventID(rewind)
            writer.rows(rows)
        case .want(let ids):
            writer.integer(UInt16(ids.count))
            for id in ids { writer.eventID(id) }
        case .give(let first, let events):
            writer.eventID(first)
            writer.events(events)
        case .head(let feed, let head):
            writer.string8(feed.text)
            writer.cursor(head.cursor)
            writer.origin(head.hub)
            writer.integer(head.clock.milliseconds)
            writer.raw(head.signature)
        }
    }

    init(_ kind: Message.Kind, from reader: inout ByteReader) throws(DecodeError) {
        switch kind {
        case .recall: self = .recall(rewind: try reader.eventID(), above: try reader.number())
        case .recalled: self = .recalled(rewind: try reader.eventID(), rows: try reader.rows())
        case .want:
            var ids: [EventID] = []
            for _ in 0..<(try reader.count(RepairMessage.wantLimit)) { ids.append(try reader.eventID()) }
            self = .want(ids)
        case .give: self = .give(first: try reader.eventID(), try reader.events())
        case _:
            self = .head(
                try reader.feed(),
                SignedHead(
                    cursor: try reader.cursor(), hub: try reader.origin(), clock: try reader.instant(),
                    signature: Array(try reader.raw(SignedHead.signatureSize))))
        }
    }
}
