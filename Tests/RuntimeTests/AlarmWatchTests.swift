import Alarms
import Events
import Synchronization
import Testing

@testable import Replication
@testable import Runtime

private final class Hands: NodeClock {
    private let seconds = Mutex<Int64>(1_000)
    func moment() -> Moment {
        let now = seconds.withLock { $0 }
        return Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + now * 1_000), steady: now * 1_000)
    }
    func pass(_ span: Int64) { seconds.withLock { $0 += span } }
}

private struct Broken: Error, CustomStringConvertible { let description: String }

@Suite("The watch of a node's alarms") struct AlarmWatchTests {
    private let clock = Hands()
    private let status = SharedStatus()
    private let street: NodeID

    init() throws { street = try NodeID("street1") }

    private func watch(_ sources: [AlarmWatch.Source] = []) -> AlarmWatch {
        let clock = clock
        return AlarmWatch(
            rules: NodeAlarms.rules(AlarmLimits()),
            sources: [{ Measures.of($0, start: 1_000_000, now: clock.moment()) }] + sources, status: status,
            clock: clock)
    }

    /// Looks every five seconds for so long.
    private func look(_ watch: AlarmWatch, for seconds: Int64) {
        for _ in 0..<seconds / 5 {
            clock.pass(5)
            watch.look()
        }
    }

    private var raised: [String] { status.current.raised.map(\.alarm.rule.name) }

    @Test("a peer's lag, outbox and clock raise their alarms, say so in words, and clear them")
    func peer() throws {
        let watch = watch()
        var peer = Peer(node: street, cursors: [:], outbox: 20_000, heardAt: 0, clockOffset: 130_000)
        peer.behind = 30_000
        peer.behindSince = 600_000
        let seen = peer
        status.update { one in
            one.members = [street]
            one.peers = [seen]
        }
        look(watch, for: 60)
        // One peer alone says nothing of the centre's own clock.
        #expect(raised.sorted() == ["peerClock", "peerLagEvents", "peerLagSeconds", "peerOutboxEvents"])
        let since = try #require(status.current.raised.first { $0.alarm.rule.name == "peerLagSeconds" }).since
        #expect(since == Timestamp(milliseconds: 1_795_000_000_000 + 1_005_000))
        #expect(
            status.current.alarms.contains { $0.description.hasPrefix("node street1 has not confirmed 30000 rows") })
        #expect(status.current.alarmCount == 4)
        status.update { $0.peers[0] = Peer(node: street, cursors: [:], outbox: 0, heardAt: 0, clockOffset: 0) }
        look(watch, for: 5)
        #expect(raised == [])
        #expect(status.current.alarms.filter { $0.description.hasPrefix("no longer so: ") }.count == 4)
    }

    @Test("when most clocks are off, it is the centre's own that is wrong")
    func ownClock() throws {
        let watch = watch()
        let nodes = try ["a", "b", "c"].map { try NodeID($0) }
        status.update { one in
            one.members = Set(nodes)
            one.peers = zip(nodes, [70_000, 65_000, -500]).map {
                Peer(node: $0, cursors: [:], outbox: 0, heardAt: 0, clockOffset: $1)
            }
        }
        look(watch, for: 60)
        #expect(raised == ["hubClock"])
    }

    @Test("a line that is down: raised at its time, gone with the line's return, and with the node's membership")
    func line() throws {
        let watch = watch()
        let now = clock.moment().wall
        status.update { one in
            one.members = [street]
            one.linesDown = [street: now + -590_000]
        }
        look(watch, for: 10)
        #expect(raised == [])
        look(watch, for: 5)
        #expect(raised == ["linkLost"])
        status.update { $0.members = [] }
        look(watch, for: 65)
        #expect(raised == [])
        #expect(status.current.alarms.last?.description.hasPrefix("no longer known: the line to node street1") == true)
    }

    @Test("a line that stays down for a day becomes critical, unless somebody sees to it; who does is said once")
    func seenTo() throws {
        let watch = watch()
        let other = try NodeID("street2")
        let down = clock.moment().wall
        status.update { one in
            one.members = [street, other]
            one.linesDown = [street: down, other: down]
        }
        look(watch, for: 700)
        #expect(watch.acknowledge("linkLost", ["node": "street1"], by: "wang") == "wang")
        // At once, not with the next look.
        #expect(status.current.raised.compactMap(\.alarm.acknowledgedBy) == ["wang"])
        #expect(watch.acknowledge("linkLost", ["node": "street1"], by: "li") == "wang")
        #expect(watch.acknowledge("linkLost", ["node": "street3"], by: "li") == nil)
        #expect(watch.acknowledge("lineDown", [:], by: "li") == nil)
        #expect(
            status.current.alarms.count { $0.description.hasPrefix("wang sees to it: the line to node street1") } == 1)
        look(watch, for: 24 * 3_600)
        let severities = status.current.raised.map { "\($0.alarm.series["node"] ?? "") \($0.alarm.severity)" }
        #expect(severities == ["street2 critical", "street1 warning"])
        #expect(status.current.raised.map(\.alarm.acknowledgedBy) == [nil, "wang"])
    }

    @Test("a street: its lag, its outbox and its line, each by its own age")
    func ofStreet() {
        let watch = watch()
        var link = HubLink()
        link.outboxSince = 900_000
        link.lagSince = 1_000_000
        let seen = link
        status.update { one in
            one.link = seen
            one.outbox = 3
        }
        look(watch, for: 505)
        #expect(raised.sorted() == ["lagSeconds", "outboxSeconds"])
        look(watch, for: 110)
        // Never heard: the line counts as down since the start.
        #expect(raised.sorted() == ["lagSeconds", "lineDown", "outboxSeconds"])
        status.update { $0.isLinked = true }
        look(watch, for: 5)
        #expect(raised.sorted() == ["lagSeconds", "outboxSeconds"])
    }

    @Test("what is not known has no sample")
    func unknown() {
        let now = clock.moment()
        #expect(Measures.of(NodeLoop.Status(), start: 0, now: now) == [])
        var status = NodeLoop.Status()
        status.members = [street]
        #expect(Measures.of(status, start: 0, now: now) == [], "a node that never had a session has no figures")
        status.peers = [Peer(node: street, cursors: [:], outbox: 0, heardAt: 0, clockOffset: 500_000)]
        status.linesDown = [street: now.wall]
        let metrics = Measures.of(status, start: 0, now: now).map(\.series.metric)
        #expect(!metrics.contains(Measure.peerClockSeconds), "the clock of a line that is down is not known")
        #expect(metrics.contains(Measure.peerDownSeconds) && !metrics.contains(Measure.commitMilliseconds))
    }

    @Test("a source that fails is told once for each reason, and takes no other with it")
    func failing() {
        let reason = Mutex<String?>("views stand still")
        let watch = watch([
            { _ in
                if let text = reason.withLock({ $0 }) { throw Broken(description: text) }
                return []
            }, { _ in [Sample(Measure.diskMegabytes, [:], 100)] },
        ])
        look(watch, for: 20)
        #expect(raised == ["diskLow"])
        func told() -> Int { status.current.alarms.count { $0.description.hasPrefix("some measures cannot be taken") } }
        #expect(told() == 1)
        reason.withLock { $0 = nil }
        look(watch, for: 5)
        reason.withLock { $0 = "views stand still" }
        look(watch, for: 5)
        #expect(told() == 2)
    }

    @Test("limits of the configuration are those of the rules")
    func limits() {
        var limits = AlarmLimits()
        limits[.diskMegabytes] = 7
        #expect(NodeAlarms.rules(limits).first { $0.name == "diskLow" }?.threshold == 7)
        for limit in AlarmLimit.allCases {
            #expect(limit.range.contains(limit.standard))
            for value in [limit.range.lowerBound, limit.range.upperBound] {
                var extreme = AlarmLimits()
                extreme[limit] = value
                #expect(NodeAlarms.rules(extreme).contains { $0.threshold == Int64(value) }, "\(limit)")
            }
        }
    }
}
