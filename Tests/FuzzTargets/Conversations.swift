// Both desks of replication over a log in memory, told whatever the other side might say: frame by frame, each behind a
// length of two bytes.

import Events
import Replication
import Simulation

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
    static let hub: @Sendable ([UInt8]) throws -> Void = { bytes in
        let node = try NodeID(Seeds.street)
        let log = try Seeds.centreLog()
        var desk = HubDesk(random: Ones())
        let ports = [FeedName.common: "7410", .node(node): "7411"]
        try desk.start(process: log.origin, ports: ports, reader: log.reader, now: moment(0))
        try converse(frames(bytes), from: .node(node), with: &desk, log)
        try Broken.unless(desk.peers.count <= 1, "a session of a node that said nothing")
        try Broken.unless(desk.peers.allSatisfy { $0.cursors.count <= 2 }, "a cursor of a feed that is not the node's")
        try Broken.unless(desk.peers.allSatisfy { $0.outbox >= 0 }, "a number of events below 0")
    }

    /// The hub may say what it likes: the street goes on, and what it answers can be read.
    static let street: @Sendable ([UInt8]) throws -> Void = { bytes in
        let node = try NodeID(Seeds.street)
        let log = try Seeds.streetLog()
        var desk = StreetDesk(node: node, seed: 1)
        try desk.start(process: log.origin, ports: [:], reader: log.reader, now: moment(0))
        try converse(frames(bytes), from: .hub, with: &desk, log)
        try Broken.unless(desk.lag >= 0 && desk.outbox >= 0, "a number of rows or events below 0")
    }

    /// One turn for each frame, as `NodeMachine` makes them, and some without.
    private static func converse(
        _ frames: [[UInt8]], from sender: Sender, with desk: inout some Desk, _ log: MemoryLog
    ) throws {
        for (turn, frame) in (frames + [nil, nil]).enumerated() {
            // Two turns in a second; the last one is after every limit.
            let now = moment(turn < frames.count ? Int64(turn + 1) * 500 : Int64(turn + 1) * 30_000)
            if let frame { try desk.receive(frame, from: sender, reader: log.reader, now: now) }
            try desk.tick(reader: log.reader, now: now)
            _ = desk.received(in: "node")
            if desk.hasStorageWork { try log.write { transaction in _ = try desk.store(transaction, now: now) } }
            try desk.committed(reader: log.reader, now: now)
            for outgoing in desk.takeOutgoing() { try look(at: outgoing) }
            _ = (desk.takeAlarms(), desk.takeLinkChanges(), desk.takeApplications(), desk.peers, desk.confirmed)
        }
    }

    private static func look(at outgoing: Outgoing) throws {
        switch outgoing {
        case .answer(_, let frame), .send(_, let frame), .publish(_, let frame):
            try Broken.unless(try Frame(frame).message != nil, "an answer that says nothing")
        case .subscribe(let ports): try Broken.unless(ports.count <= 64, "\(ports.count) ports to listen to")
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
