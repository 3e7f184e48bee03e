import Events
import Foundation
import Log
import Node
import Replication
import Testing
import Tickets
import ZeroMQ

@testable import Runtime

/// Whoever hands a command in hears what came of it, whatever fails behind the commit.
@Suite("Answers of the loop") struct AnswerTests {
    private struct Refused: Error {}

    /// Sockets that let nobody in any more.
    private struct StuckDoor: Transport {
        final class State { var isStuck = false }
        let state: State

        func start() {}
        func admit(_ members: [Member]) throws -> [FeedName: String] {
            if state.isStuck { throw Refused() }
            return [:]
        }
        func wait(wakeUp: WakeUp, milliseconds: Int) {}
        func receive(limit: Int) -> [Received] { [] }
        func send(_ outgoing: [Outgoing]) {}
        func takeAlarms() -> [Words] { [] }
        func stop() {}
    }

    /// Lines that take their time, while others hand commands in.
    private struct BusyLine: Transport {
        final class State { var receiving: () throws -> Void = {} }
        let state: State

        func start() {}
        func admit(_ members: [Member]) -> [FeedName: String] { [:] }
        func wait(wakeUp: WakeUp, milliseconds: Int) {}
        func receive(limit: Int) throws -> [Received] {
            try state.receiving()
            return []
        }
        func send(_ outgoing: [Outgoing]) {}
        func takeAlarms() -> [Words] { [] }
        func stop() {}
    }

    @Test("a command that comes while the lines are read, and happened then, is not of the future")
    func whileReceiving() throws {
        let folder = try TemporaryFolder()
        let centre = try NodeID("centre")
        let line = BusyLine.State()
        let node = try TestLoop(
            centre, centre: centre, in: folder.path, desk: NoDesk(), transport: BusyLine(state: line))
        var said: Timestamp?
        line.receiving = {
            let began = TestClock().moment().wall
            while TestClock().moment().wall <= began + 2 {}
            let fields: JSONObject = ["channel": .string("hotline"), "matter": .string("路灯不亮")]
            let happened = TestClock().moment().wall
            said = happened
            let wish = TicketCommand(.registered, fields, occurredAt: happened)
            try node.add(.ticket(nil, wish), as: "agent")
        }
        try node.loop.turn()
        #expect(try #require(node.lastAnswer).get().isRecorded)
        // A turn whose time is before it would have it happen then: a client's clock may be a little ahead.
        let stored = try #require(try node.log.reader.page(.all, .backward, from: .max, limit: 1).first)
        #expect(stored.event.occurredAt == said)
    }

    @Test("what is committed is answered as committed, also when the node then ends because nobody can be let in")
    func admission() throws {
        let folder = try TemporaryFolder()
        let centre = try NodeID("centre")
        let door = StuckDoor.State()
        let node = try TestLoop(
            centre, centre: centre, in: folder.path, desk: NoDesk(), transport: StuckDoor(state: door))
        door.isStuck = true
        let hash = Digest.sha256(Array("0123456789abcdef".utf8)).description
        let expires = TestClock().moment().wall + 60_000
        try node.add(.node(NodeID("street1"), .invite(secretHash: hash, expiresAt: expires)))
        #expect(throws: Refused.self) { try node.loop.turn() }
        let reply = try #require(node.lastAnswer).get()
        #expect(reply.isRecorded && !reply.isRepeat)
        #expect(try node.log.reader.head().position == reply.position)
    }
}
