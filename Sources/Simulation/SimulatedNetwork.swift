/// The lines between simulated nodes: frames on their way, and what a bad line does to them.
///
/// Worse than TCP on purpose: any frame may be lost, come twice, late, or before one that was sent earlier.

import Events

/// What a line does to what is sent over it.
package struct Weather: Sendable, Equatable {
    package var lossPerMille = 0
    package var duplicatePerMille = 0
    /// Milliseconds on the way.
    package var delay: ClosedRange<Int64> = 1...5
    /// Whether what the hub publishes arrives.
    package var isPublishing = true
    /// Whether what the hub sends to this node alone arrives.
    package var isAnswering = true
    /// Whether what this node sends arrives.
    package var isHeard = true
    /// Nothing arrives either way.
    package var isCut = false

    package static let fine = Weather()
    package static let cut = Weather(isCut: true)
    package static let stormy = Weather(lossPerMille: 150, duplicatePerMille: 80, delay: 1...1_500)

    package init(
        lossPerMille: Int = 0, duplicatePerMille: Int = 0, delay: ClosedRange<Int64> = 1...5, isPublishing: Bool = true,
        isAnswering: Bool = true, isHeard: Bool = true, isCut: Bool = false
    ) {
        self.lossPerMille = lossPerMille
        self.duplicatePerMille = duplicatePerMille
        self.delay = delay
        self.isPublishing = isPublishing
        self.isAnswering = isAnswering
        self.isHeard = isHeard
        self.isCut = isCut
    }
}

struct SimulatedNetwork {
    private struct Flight {
        var due: Timestamp
        var to: NodeID
        var from: NodeID
        var frame: [UInt8]
    }

    /// The line of each street.
    var weather: [NodeID: Weather] = [:]
    private var flights: [Flight] = []
    private var random: SeededRandom
    /// Frames sent so far, by the kind in their header (`docs/format/wire.md`).
    private(set) var sent: [UInt8: Int] = [:]
    /// The same in bytes.
    private(set) var sentBytes: [UInt8: Int] = [:]

    /// Frames that carry work: all but signs of life (HINT, PING with its ACKs, PONG); an ACK that says something new follows rows.
    var work: Int { sent.reduce(0) { [6, 8, 11, 12].contains($1.key) ? $0 : $0 + $1.value } }

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    enum Way { case direct, published }

    /// - Parameter street: whose line it is, one of the two ends.
    mutating func send(_ frame: [UInt8], from: NodeID, to: NodeID, street: NodeID, way: Way, now: Timestamp) {
        let line = weather[street] ?? .fine
        let kind = frame.count > 4 ? frame[4] : 0
        sent[kind, default: 0] += 1
        sentBytes[kind, default: 0] += frame.count
        if line.isCut || way == .published && !line.isPublishing { return }
        if way == .direct && !line.isAnswering && to == street { return }
        if !line.isHeard && from == street { return }
        if random.happens(perMille: line.lossPerMille) { return }
        for _ in 0..<(random.happens(perMille: line.duplicatePerMille) ? 2 : 1) {
            flights.append(Flight(due: now + random.integer(in: line.delay), to: to, from: from, frame: frame))
        }
    }

    /// Takes what has arrived at a node, in the order of arrival.
    mutating func arrivals(at node: NodeID, now: Timestamp) -> [(from: NodeID, frame: [UInt8])] {
        let here = flights.enumerated().filter { $0.element.to == node && $0.element.due <= now }
        guard !here.isEmpty else { return [] }
        flights.removeAll { $0.to == node && $0.due <= now }
        return here.sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            .map { ($0.element.from, $0.element.frame) }
    }

    /// A process that dies loses what its connections carried.
    mutating func forget(_ node: NodeID) { flights.removeAll { $0.to == node || $0.from == node } }
}
