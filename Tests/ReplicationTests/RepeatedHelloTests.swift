import Events
import Testing

@testable import Replication

/// When streets that nobody answers say HELLO again.
@Suite("HELLO that is repeated") struct RepeatedHelloTests {
    private func then(_ milliseconds: Int64) -> Moment {
        Moment(wall: Timestamp(milliseconds: milliseconds), steady: milliseconds)
    }

    @Test("streets say HELLO at once and repeat it spread out by chance, at the same times for the same seed")
    func spread() throws {
        let process = Origin(node: try NodeID("street1"), incarnation: Incarnation(5))
        /// When a session that nobody answers says HELLO, in the first milliseconds.
        func times(seed: UInt64, until end: Int64) -> [Int64] {
            var session = StreetSession(process: process, cursors: [], seed: seed, now: then(0))
            return stride(from: Int64(0), to: end, by: 5).filter { time in
                session.step(.tick, now: then(time)).contains { if case .send(.hello) = $0 { true } else { false } }
            }
        }
        let seeds = (1...100).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
        let all = seeds.map { times(seed: $0, until: 5_000) }
        #expect(all.allSatisfy { $0.first == 0 }, "the first is said at once")
        #expect(times(seed: seeds[7], until: 5_000) == all[7])
        let again = all.compactMap { $0.dropFirst().first }
        let pause = StreetSession.Limit.hello + StreetSession.Limit.backoffFirst
        #expect(again.count == 100 && again.allSatisfy { (pause * 3 / 4...pause * 5 / 4).contains($0) }, "\(again)")
        // Of a hundred at most a few within a twentieth of the time.
        let crowd = again.map { one in again.count { (one..<one + pause / 40).contains($0) } }.max() ?? 0
        #expect(crowd <= 20, "\(crowd)")
        // The pause is bounded: what is away for an hour still knocks.
        let long = times(seed: seeds[0], until: 600_000)
        let longest = zip(long, long.dropFirst()).map { $1 - $0 }.max() ?? 0
        #expect(longest <= (StreetSession.Limit.hello + StreetSession.Limit.backoffLast) * 5 / 4 + 5)
        #expect(long.count > 15)
    }
}
