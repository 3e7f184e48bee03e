// The end of a feed, signed by the hub that wrote it: whoever holds the rows before it can prove that they are the hub's
// (`docs/format/wire.md`, HEAD). Ed25519, RFC 8032.

import Crypto

package struct SignedHead: Sendable, Equatable {
    package var cursor: FeedCursor
    /// The hub's process that signed.
    package var hub: Origin
    /// When, by the hub's clock.
    package var clock: Timestamp
    /// 64 bytes.
    package var signature: [UInt8]

    package static let signatureSize = 64

    package init(cursor: FeedCursor, hub: Origin, clock: Timestamp, signature: [UInt8]) {
        self.cursor = cursor
        self.hub = hub
        self.clock = clock
        self.signature = signature
    }

    /// What is signed: `GLHD`, the feed, and everything else.
    fileprivate static func covered(_ feed: FeedName, _ cursor: FeedCursor, _ hub: Origin, _ clock: Timestamp)
        -> [UInt8]
    {
        var writer = ByteWriter(reserving: 128)
        writer.raw(Array("GLHD".utf8))
        writer.string8(feed.text)
        writer.integer(cursor.fseq)
        writer.chain(cursor.chain)
        writer.origin(hub)
        writer.integer(clock.milliseconds)
        return writer.bytes
    }

    /// A short value over all of it and the feed, by which a stored one is known to be as it was written.
    package func seal(of feed: FeedName) -> ChainValue {
        ChainValue.zero.extended(by: SignedHead.covered(feed, cursor, hub, clock) + signature)
    }
}

/// The hub's key for the ends of its feeds.
package struct FeedSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    package static let size = 32

    package init() { key = Curve25519.Signing.PrivateKey() }

    /// - Returns: nil unless the bytes are a key.
    package init?(bytes: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else { return nil }
        self.key = key
    }

    package var bytes: [UInt8] { Array(key.rawRepresentation) }

    /// - Throws: what the library throws; not with a key that it made.
    package func sign(_ cursor: FeedCursor, of feed: FeedName, by hub: Origin, at clock: Timestamp) throws -> SignedHead
    {
        let signature = try key.signature(for: SignedHead.covered(feed, cursor, hub, clock))
        return SignedHead(cursor: cursor, hub: hub, clock: clock, signature: Array(signature))
    }

    /// Whether this key signed it.
    package func signed(_ head: SignedHead, of feed: FeedName) -> Bool {
        key.publicKey.isValidSignature(
            head.signature, for: SignedHead.covered(feed, head.cursor, head.hub, head.clock))
    }
}
