/// Finds what a command came to: the writer's and the readers' one way to tell a repeat.

import Events

struct CommandLookup {
    private let byCommand, empty: Statement
    private let rows: EventRows

    init(_ connection: Connection, rows: EventRows) throws(LogFailure) {
        self.rows = rows
        byCommand = try connection.prepare(
            "SELECT \(EventColumns.list) FROM events WHERE command = ?1 ORDER BY position")
        empty = try connection.prepare("SELECT about FROM emptyCommands WHERE command = ?1")
    }

    /// - Returns: nil when the command was never appended.
    func outcome(of command: CommandID) throws(LogFailure) -> CommandOutcome? {
        byCommand.bind(1, command)
        var found: [StoredEvent] = []
        try byCommand.forEach { row throws(LogFailure) in found.append(try rows.read(row)) }
        if !found.isEmpty { return CommandOutcome(stored: found) }
        empty.bind(1, command)
        defer { empty.reset() }
        return try empty.step() ? CommandOutcome(stored: [], about: empty.text(0)) : nil
    }
}
