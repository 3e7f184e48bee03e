/// A node as one synchronous machine: commands and frames in, one transaction a turn, answers and frames out.
///
/// Knows no socket, clock, disk or thread (`docs/architecture.md`, rule 10): the node's loop gives it the time and
/// what its sockets brought, the simulator gives it the same from a seed. What a turn answers and sends left its
/// transaction first.

package import Events
package import Replication

package final class NodeMachine {
    /// What came of a turn.
    package struct Turn {
        /// One answer a command, in their order.
        package var answers: [Result<CommandReply, any Error>]
        /// Why the turn's transaction was lost; everything in it is to be sent again.
        package var failure: (any Error)?
        /// Whether the log grew.
        package var isAdvanced: Bool
    }

    private let log: any EventLog
    private let core: NodeCore
    private var desk: any Desk

    package init(log: any EventLog, core: NodeCore, desk: any Desk) {
        self.log = log
        self.core = core
        self.desk = desk
    }

    package var reader: any EventReader { log.reader }
    package var isUp: Bool { desk.isUp }
    package var outbox: Int64 { desk.outbox }
    package var lag: Int64 { desk.lag }
    package var peers: [Peer] { desk.peers }

    /// - Parameter ports: where each feed is published; a hub's.
    package func start(ports: [FeedName: String], now: Moment) throws {
        try desk.start(process: log.origin, ports: ports, reader: log.reader, now: now)
    }

    /// Takes a frame; what it asks for is done in the next turn.
    package func receive(_ frame: [UInt8], from peer: NodeID?, now: Moment) throws {
        try desk.receive(frame, from: peer, reader: log.reader, now: now)
    }

    /// Does what waits, in one transaction; when it throws nothing more can be done here, and nothing was acknowledged.
    package func turn(_ commands: [NodeCommand], now: Moment) throws -> Turn {
        try desk.tick(reader: log.reader, now: now)
        let before = try log.reader.head().position
        var turn = Turn(answers: [], failure: nil, isAdvanced: false)
        turn.answers.reserveCapacity(commands.count)
        if !commands.isEmpty || desk.hasStorageWork {
            do {
                try log.write { transaction in
                    for command in commands {
                        let result = try core.perform(command, in: transaction, reader: log.reader, now: now.wall)
                        turn.answers.append(result.mapError { $0 })
                    }
                    for event in try desk.store(transaction, now: now) { core.take([event], into: event.stream) }
                }
            } catch {
                core.forget()
                try desk.storageFailed(now: now, reader: log.reader)
                turn.answers = commands.map { _ in .failure(error) }
                turn.failure = error
                return turn
            }
        }
        try desk.committed(reader: log.reader, now: now)
        turn.isAdvanced = try log.reader.head().position > before
        return turn
    }

    package func takeOutgoing() -> [Outgoing] { desk.takeOutgoing() }
    package func takeAlarms() -> [String] { desk.takeAlarms() }
}
