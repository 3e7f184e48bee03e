/// A street's CURVE pairs, one of which may be exchanged while it runs (密钥轮换).

package import ZeroMQ

/// Where a street's pairs lie.
package protocol KeyRing: Sendable {
    /// The pairs that the centre may let in, the one to use first in front; at least one.
    func pairs() throws -> [CurveKeys]
    /// The centre let this pair in: it is the node's from now on, and what it replaces may go.
    func adopt(_ pair: CurveKeys) throws
}

/// One pair for ever.
package struct OneKey: KeyRing {
    private let pair: CurveKeys

    package init(_ pair: CurveKeys) { self.pair = pair }
    package func pairs() -> [CurveKeys] { [pair] }
    package func adopt(_ pair: CurveKeys) {}
}

/// Which of a street's pairs it connects with: the first of the ring, and another one when the centre is silent.
struct KeyChoice {
    /// What is connected with.
    private(set) var pair: CurveKeys
    private var pairs: [CurveKeys]
    private let ring: any KeyRing
    private let patience: Duration
    /// When the ring was looked at, and when the centre was last heard under this pair, or it was taken up.
    private var lookedAt: ContinuousClock.Instant
    private var heardAt: ContinuousClock.Instant
    /// The centre was heard under this pair, and the ring knows.
    private var isAdopted = false

    private static let look = Duration.seconds(1)

    /// - Parameter patience: how long the centre may be silent before another pair is tried; more than the 5 s between PINGs.
    init(_ ring: any KeyRing, patience: Duration, now: ContinuousClock.Instant) throws {
        self.ring = ring
        self.patience = patience
        pairs = try ring.pairs()
        guard let first = pairs.first else { throw NoKeys() }
        pair = first
        lookedAt = now
        heardAt = now
    }

    /// The centre answered under this pair.
    mutating func heard(now: ContinuousClock.Instant) throws {
        heardAt = now
        guard !isAdopted else { return }
        isAdopted = true
        try ring.adopt(pair)
    }

    /// Whether another pair is to be connected with from now on.
    mutating func changes(now: ContinuousClock.Instant) throws -> Bool {
        guard now - lookedAt >= KeyChoice.look else { return false }
        lookedAt = now
        let before = pairs
        pairs = try ring.pairs()
        guard let first = pairs.first else { throw NoKeys() }
        if pairs != before, first != pair { return take(first, now) }
        guard now - heardAt >= patience, let place = pairs.firstIndex(of: pair), pairs.count > 1 else { return false }
        return take(pairs[(place + 1) % pairs.count], now)
    }

    private mutating func take(_ other: CurveKeys, _ now: ContinuousClock.Instant) -> Bool {
        pair = other
        heardAt = now
        isAdopted = false
        return true
    }
}

/// A ring must have a pair.
struct NoKeys: Error {}
