import Events
import Foundation
import Node
import Privacy
import Replication
import Testing
import Tickets
import ZeroMQ

@testable import Runtime

@Suite("The way into the loop") struct WorkQueueTests {
    private func command(_ number: Int, _ kind: TicketEventKind = .registered) -> NodeCommand {
        NodeCommand(
            id: CommandID(derivedFrom: "queue", String(number)), ticket: nil,
            wish: TicketCommand(kind, ["channel": .string("phone"), "matter": .string("路灯不亮 \(number)")]),
            actor: Actor(account: "wang", role: kind == .registered ? "agent" : "clerk", unit: "centre"))
    }

    @Test("commands that come together are answered when the last of them is, each in its place")
    func together() async throws {
        let queue = WorkQueue(wakeUp: try WakeUp())
        let commands = (1...3).map { (command: command($0), person: nil as PersonData?) }
        // Another thread is the loop.
        let loop = Thread {
            var taken: [Work] = []
            while taken.count < 3 { taken += queue.take(2) { _ in false } }
            for (place, work) in taken.enumerated().reversed() {
                let isInOrder = work.command.id == command(place + 1).id
                work.answer(.failure(Told(place: isInOrder ? place : -1)))
            }
        }
        loop.start()
        let answers = await queue.submit(commands)
        for (place, answer) in answers.enumerated() { #expect(throws: Told(place: place)) { try answer.get() } }
        #expect(answers.count == 3)
        let none = await queue.submit([])
        #expect(none.isEmpty)
    }

    private struct Told: Error, Equatable {
        let place: Int
    }

    @Test("a queue without room for all of them takes none, and so does one that is closed")
    func full() async throws {
        let queue = WorkQueue(wakeUp: try WakeUp())
        func work(_ count: Int) -> [Work] { (0..<count).map { number in Work(command: command(number)) { _ in } } }
        try queue.add(work(WorkQueue.limit - 1))
        #expect(throws: WorkRefusal.full(limit: WorkQueue.limit)) { try queue.add(work(2)) }
        try queue.add(work(1))
        #expect(queue.take(WorkQueue.limit + 1) { _ in false }.count == WorkQueue.limit)
        queue.close()
        let two = [command(1), command(2)].map { (command: $0, person: nil as PersonData?) }
        for answer in await queue.submit(two) { #expect(throws: WorkRefusal.stopping) { try answer.get() } }
    }
}
