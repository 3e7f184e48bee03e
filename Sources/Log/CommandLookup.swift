/// Finds what a command came to: the writer's and the readers' one way to tell a repeat.

import Events

final class CommandLookup {
    private let connection: Connection
    private let byCommand, empty: Statement
    private let rows: EventRows
    /// Whether nobody but this connection writes while it is open.
    private let isOnly: Bool
    /// What was not there when this connection had changed so many rows, which is the answer until it changes one more.
    ///
    /// Whoever decides a command asks for its repeat, and so does whoever appends it a moment later.
    private var missed: (command: CommandID, changes: Int64)?

    /// - Parameter isOnly: of the writer's connection, which the lock file keeps the only one that writes.
    init(_ connection: Connection, rows: EventRows, isOnly: Bool) throws(LogFailure) {
        self.connection = connection
        self.rows = rows
        self.isOnly = isOnly
        byCommand = try connection.prepare(
            "SELECT \(EventColumns.list) FROM events WHERE command = ?1 ORDER BY position")
        empty = try connection.prepare("SELECT about FROM emptyCommands WHERE command = ?1")
    }

    /// - Returns: nil when the command was never appended.
    func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome? {
        let changes = connection.changes
        if let missed, missed == (command, changes) { return nil }
        byCommand.bind(1, command)
        var found: [StoredEvent] = []
        try byCommand.forEach { row throws(LogFailure) in found.append(try rows.read(row)) }
        if !found.isEmpty { return CommandOutcome(stored: found) }
        empty.bind(1, command)
        defer { empty.reset() }
        if try empty.step() { return CommandOutcome(stored: [], about: empty.text(0)) }
        if isOnly { missed = (command, changes) }
        return nil
    }
}
