import Events
import Testing

@testable import Replication

/// A street and a real hub that have much to do: all that one says is taken by the other only after a while.
private struct BusyHub {
    private let node: NodeID
    private let delay: Int64
    private(set) var session: StreetSession
    private var hub = Hub(random: SystemRandomNumberGenerator())
    private(set) var now: Int64 = 0
    /// Sessions that the hub opened, and messages of the street that it refused.
    private(set) var sessions: Set<UInt64> = []
    private(set) var refused = 0
    private var toStreet: [(due: Int64, message: Message)] = []
    private var toHub: [(due: Int64, message: Message)] = []

    init(delay: Int64) throws {
        self.delay = delay
        node = try NodeID("street1")
        session = StreetSession(
            process: Origin(node: node, incarnation: Incarnation(5)), cursors: [], seed: 1,
            now: Moment(wall: Timestamp(milliseconds: 0), steady: 0))
    }

    private var moment: Moment { Moment(wall: Timestamp(milliseconds: now), steady: now) }

    private mutating func perform(_ actions: [StreetSession.Action]) {
        for case .send(let message) in actions { toHub.append((now + delay, message)) }
    }

    private mutating func perform(_ actions: [Hub.Action]) {
        for action in actions {
            switch action {
            case .welcome(_, let id, _):
                sessions.insert(id)
                let welcome = Message.Welcome(
                    session: id, hub: Incarnation(1), clock: Timestamp(milliseconds: now), endpoints: [], heads: [],
                    have: [])
                toStreet.append((now + delay, .welcome(welcome)))
            case .send(_, let message):
                if case .refuse = message { refused += 1 }
                toStreet.append((now + delay, message))
            case _: break
            }
        }
    }

    mutating func run(seconds: Int64) {
        let end = now + seconds * 1_000
        while now < end {
            now += 50
            while let first = toHub.first, first.due <= now {
                let message = toHub.removeFirst().message
                perform(hub.step(.message(from: node, message, bytes: 100), now: moment))
            }
            perform(hub.step(.tick, now: moment))
            while let first = toStreet.first, first.due <= now {
                perform(session.step(.message(toStreet.removeFirst().message), now: moment))
            }
            perform(session.step(.tick, now: moment))
        }
    }
}

/// A hub that answers late has few sessions to open, not ever more: each would end the one before.
@Suite("A busy hub") struct BusyHubTests {
    @Test(
        "a street says hello until it is answered, and stays in the session", arguments: [200, 1_500, 4_000] as [Int64])
    func oneSession(delay: Int64) throws {
        var line = try BusyHub(delay: delay)
        line.run(seconds: 60)
        #expect(line.session.isOnline)
        #expect(line.refused == 0)
        #expect(line.sessions.count == 1)
        let first = line.session.session
        line.run(seconds: 60)
        #expect(line.session.session == first)
    }
}
