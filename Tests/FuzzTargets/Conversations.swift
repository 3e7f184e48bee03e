// Both desks of replication over a log in memory, told whatever the other side might say: frame by frame, each behind a
// length of two bytes.

import Events
import Replication
import Simulation
import Tickets

extension FuzzTarget {
    /// Frames that one input holds at most.
    private static let mostFrames = 32

    private static func frames(_ bytes: [UInt8]) -> [[UInt8]] {
        var reader = ByteReader(bytes)
        var frames: [[UInt8]] = []
        while frames.count < mostFrames, let length = read({ try reader.integer(UInt16.self) }) {
            frames.append(Array(read { try reader.raw(min(Int(length), reader.remaining)) } ?? []))
        }
        return frames
    }

    /// An enrolled node may say what it likes: the centre goes on, and what it answers can be read.
    static let hub: @Sendable ([UInt8]) throws -> Void = { _ = try saidByHub($0) }

    /// - Returns: the kinds of what it said.
    package static func saidByHub(_ bytes: [UInt8]) throws -> Set<UInt8> {
        let node = try NodeID(Seeds.street)
        let log = try Seeds.restoredCentreLog()
        var desk = HubDesk(
            random: Ones(), vault: try Seeds.vault(Seeds.centrePerson), signer: try Seeds.signer(),
            blobs: BlobDesk(
                node: log.origin.node, isHub: true, store: try Seeds.blobs(Seeds.centrePhoto), naming: TicketBlobs()),
            bases: HubBases(longPast: 1) { $0.count < 3 })
        let ports = [FeedName.common: "7410", .node(node): "7411"]
        try desk.start(process: log.origin, ports: ports, reader: log.reader, now: moment(0))
        let said = try converse(frames(bytes), from: .node(node), with: &desk, log)
        try Broken.unless(desk.peers.count <= 1, "a session of a node that said nothing")
        try Broken.unless(desk.peers.allSatisfy { $0.cursors.count <= 2 }, "a cursor of a feed that is not the node's")
        try Broken.unless(desk.peers.allSatisfy { $0.outbox >= 0 }, "a number of events below 0")
        return said
    }

    /// The hub may say what it likes: the street goes on, and what it answers can be read.
    static let street: @Sendable ([UInt8]) throws -> Void = { _ = try saidByStreet($0) }

    /// - Returns: the kinds of what it said.
    package static func saidByStreet(_ bytes: [UInt8]) throws -> Set<UInt8> {
        let node = try NodeID(Seeds.street)
        let log = try Seeds.streetLog()
        var desk = StreetDesk(
            node: node, seed: 1, keys: (try Seeds.vault(Seeds.streetPerson), try NodeID("centre")),
            blobs: BlobDesk(node: node, isHub: false, store: try Seeds.blobs(Seeds.streetPhoto), naming: TicketBlobs()))
        try desk.start(process: log.origin, ports: [:], reader: log.reader, now: moment(0))
        let said = try converse(frames(bytes), from: .hub, with: &desk, log)
        try Broken.unless(desk.lag >= 0 && desk.outbox >= 0, "a number of rows or events below 0")
        return said
    }

    /// One turn for each frame, as `NodeMachine` makes them, and some without.
    private static func converse(
        _ frames: [[UInt8]], from sender: Sender, with desk: inout some Desk, _ log: MemoryLog
    ) throws -> Set<UInt8> {
        var said: Set<UInt8> = []
        // The first turn says hello, where that is to be said: nobody listens to an answer before.
        for (turn, frame) in ([nil] + frames + [nil, nil]).enumerated() {
            // Two turns in a second; the last one is after every limit.
            let now = moment(turn <= frames.count ? Int64(turn + 1) * 500 : Int64(turn + 1) * 30_000)
            if let frame { try desk.receive(frame, from: sender, reader: log.reader, now: now) }
            try desk.tick(reader: log.reader, now: now)
            _ = desk.received(in: "node")
            if desk.hasStorageWork { try log.write { transaction in _ = try desk.store(transaction, now: now) } }
            try desk.committed(reader: log.reader, now: now)
            for outgoing in desk.takeOutgoing() { if let kind = try look(at: outgoing) { said.insert(kind) } }
            _ = (desk.takeAlarms(), desk.takeLinkChanges(), desk.takeApplications(), desk.peers, desk.confirmed)
            _ = (desk.link, desk.blobs)
        }
        return said
    }

    /// - Returns: the kind of the frame; nil when it is none.
    private static func look(at outgoing: Outgoing) throws -> UInt8? {
        switch outgoing {
        case .answer(_, let frame), .send(_, let frame), .publish(_, let frame):
            try Broken.unless(try Frame(frame).message != nil, "an answer that says nothing")
            return frame[4]
        case .subscribe(let ports):
            try Broken.unless(ports.count <= 64, "\(ports.count) ports to listen to")
            return nil
        }
    }

    private static func moment(_ milliseconds: Int64) -> Moment {
        Moment(wall: Seeds.instant + milliseconds, steady: milliseconds)
    }
}

/// Every session is number 1, so that frames of the corpus belong to it.
struct Ones: RandomNumberGenerator, Sendable {
    func next() -> UInt64 { 1 }
}
