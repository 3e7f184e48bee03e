import Events
import Replication
import Simulation
import Testing

/// How many frames of the hub a street misses: each PUB and what is sent to it alone are numbered apart.
@Suite("Frames that did not come") struct LostFramesTests {
    @Test("frames of three numberings in turns are no loss; a step in one of them is")
    func numberings() throws {
        let street = try NodeID("street1")
        let log = MemoryLog(node: street, incarnation: Incarnation(1), audience: NoAudience())
        let now = Moment(wall: Timestamp(milliseconds: 1_795_000_000_000), steady: 0)
        var desk = StreetDesk(node: street, seed: 1)
        try desk.start(process: log.origin, ports: [:], reader: log.reader, now: now)
        func hear(_ number: UInt32, _ message: Message) throws {
            let frame = Frame(number: number, message: message)
            try desk.receive(frame.bytes(compressing: false), from: .hub, reader: log.reader, now: now)
        }
        func hint(_ feed: FeedName) -> Message {
            .hint(feed: feed, head: FeedCursor(fseq: 0, chain: .zero), hub: Incarnation(1), clock: now.wall)
        }
        for step in 0..<10 as Range<UInt32> {
            try hear(1 + step, hint(.node(street)))
            try hear(7_000 + step, hint(.common))
            try hear(90 + step, .pong(session: 1, clock: now.wall))
        }
        #expect(desk.link?.lost == 0)
        try hear(13, hint(.node(street)))
        #expect(desk.link?.lost == 2)
        // Another opening of the hub numbers anew.
        try hear(1, hint(.node(street)))
        #expect(desk.link?.lost == 2)
        #expect(desk.takeAlarms().isEmpty)
    }
}
