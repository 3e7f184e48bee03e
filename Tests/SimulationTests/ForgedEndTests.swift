import Events
import Simulation
import Testing

@testable import Replication

/// Which rows that streets put aside a hub looks through: those that end in its own signature, also after a restart.
@Suite("Ends of feeds that a hub signed, or did not") struct ForgedEndTests {
    private let centre: NodeID
    private let street: NodeID
    private let hubLog: MemoryLog
    private let signer = FeedSigner()
    private let now = Moment(wall: Timestamp(milliseconds: 1_795_000_000_000), steady: 0)

    init() throws {
        centre = try NodeID("centre")
        street = try NodeID("street1")
        hubLog = MemoryLog(node: centre, incarnation: Incarnation(1), audience: NoAudience())
    }

    /// A street's word that it put rows of a feed aside, the last of which somebody signed.
    private func word(of feed: FeedName, signedBy signer: FeedSigner?, as signed: FeedName? = nil) throws -> Event {
        let end = FeedCursor(fseq: 9, chain: ChainValue(high: 1, low: 9))
        let head = try signer?.sign(
            end, of: signed ?? feed, by: Origin(node: centre, incarnation: Incarnation(7)), at: now.wall)
        let rewind = Rewind(feed: feed, common: FeedCursor(fseq: 3, chain: .zero), last: end, head: head)
        let log = MemoryLog(node: street, incarnation: Incarnation(2), audience: NoAudience())
        guard case .appended(let stored) = try log.write({ try $0.append(rewind.request(at: street, now: now.wall)) }),
            let event = stored.first?.event
        else { throw NothingStored() }
        return event
    }

    private struct NothingStored: Error {}

    /// What a hub asks the street when it hears this.
    private func question(_ event: Event) throws -> (question: RepairMessage?, alarms: [Words]) {
        var repair = HubRepair(signer: signer)
        try repair.start(process: hubLog.origin, reader: hubLog.reader)
        repair.noticed(event, hubLog.reader)
        return (repair.ask(street, now: now), repair.takeAlarms())
    }

    @Test("rows behind the hub's own signature are recalled")
    func own() throws {
        let event = try word(of: .node(street), signedBy: signer)
        let (asked, alarms) = try question(event)
        #expect(asked == .recall(rewind: event.id, above: 3))
        #expect(alarms.isEmpty)
    }

    @Test("another's signature, one for another feed, or none brings an alarm and nothing else")
    func forged() throws {
        for event in try [
            word(of: .node(street), signedBy: FeedSigner()), word(of: .node(street), signedBy: nil),
            word(of: .node(street), signedBy: signer, as: .common),
        ] {
            let (asked, alarms) = try question(event)
            #expect(asked == nil)
            #expect(alarms.count == 1)
        }
    }

    @Test("a feed that is not the street's is nothing that it could have put aside")
    func foreign() throws {
        let (asked, _) = try question(try word(of: .node(NodeID("street2")), signedBy: signer))
        #expect(asked == nil)
    }

    @Test("what was not looked through to its end is looked through after a restart, what was is not")
    func restart() throws {
        let event = try word(of: .node(street), signedBy: signer)
        _ = try hubLog.write { try $0.ingest([event], dense: true, receivedAt: now.wall) }
        func asked() throws -> RepairMessage? {
            var repair = HubRepair(signer: signer)
            try repair.start(process: hubLog.origin, reader: hubLog.reader)
            return repair.ask(street, now: now)
        }
        #expect(try asked() == .recall(rewind: event.id, above: 3))
        let record = Reclaimed(rewind: event.id, feed: .node(street), events: 0, unsigned: 0, problem: nil)
        _ = try hubLog.write { try $0.append(record.request(of: street, now: now.wall)) }
        #expect(try asked() == nil)
    }
}
