/// Bounds of what is kept of a forked origin: an origin that forked once may go on so for ever, and what shows how it did is kept first
/// (`docs/format/log.md`, 6).

package enum Quarantine {
    /// Events of one origin that come under ids of others; above it they are refused, and only counted.
    package static let events: Int64 = 256
    /// Their bytes together; the one that would be above it is not kept.
    package static let bytes: Int64 = 4 << 20

    /// Whether one more of so many bytes is kept.
    ///
    /// - Parameter kept: what of its origin is there.
    package static func hasRoom(for size: Int, beside kept: (events: Int64, bytes: Int64)) -> Bool {
        kept.events < events && kept.bytes + Int64(size) <= bytes
    }
}
