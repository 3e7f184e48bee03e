// Blobs at a street's desk: while the line is free of rows, so that no blob delays an event.

package import Events

extension StreetDesk {
    package var blobs: BlobStatus { blobDesk?.status ?? BlobStatus() }

    private var isFree: Bool { session?.isIdle ?? false }

    /// - Returns: whether it is about a blob, and taken.
    mutating func takeBlob(_ message: Message, _ reader: any EventReader, _ now: Moment) throws -> Bool {
        switch message {
        case .blobs(let id, _):
            guard session?.heard(id, now) == true else { return true }
            let isFree = isFree
            try blobDesk?.receive(message, from: nil, isFree: isFree, reader: reader, now: now)
            return true
        case _: return false
        }
    }

    mutating func exchangeBlobs(_ reader: any EventReader, _ now: Moment) throws {
        let lines = session?.session.map { [BlobDesk.Line(peer: nil, session: $0, isFree: isFree)] } ?? []
        try blobDesk?.turn(lines, reader: reader, now: now)
        for (_, message) in blobDesk?.takeOutgoing() ?? [] { send(message) }
        alarms += blobDesk?.takeAlarms() ?? []
        for damage in blobDesk?.takeDamage() ?? [] { try rotten.note(damage, reader) }
    }
}
