/// The timers of a node (定时器): which of its tickets to look at when, and the commands that time makes due.
///
/// Only hints stand here: what is due is decided from the ticket as the log folds it, and whether it may be done by the
/// same decision as any command. So a restart that begins with an empty heap only looks again, and a view that lags
/// only delays.

package import Events
import Tickets

/// Finds the tickets that clocks may run for, when a node starts.
package protocol TimerSource {
    /// - Parameter ticket: exclusive; nil from the beginning.
    /// - Returns: up to `limit` tickets that were dispatched or closed to it and may still have a timer, in order; an empty
    ///   list after the last.
    func ticketsWithClocks(after ticket: StreamName?, limit: Int) throws -> [StreamName]

    /// Up to which position of the log that answer is complete.
    func position() throws -> Int64
}

/// No tickets from before the start.
package struct NoTimers: TimerSource {
    package init() {}
    package func ticketsWithClocks(after ticket: StreamName?, limit: Int) -> [StreamName] { [] }
    package func position() -> Int64 { .max }
}

struct TicketTimers {
    private enum Seeding {
        case source(after: StreamName?, position: Int64)
        case log(above: Int64)
        case done
    }

    private var heap = TimerHeap()
    private var seeding: Seeding = .done
    /// Timers of a ticket that were refused, with the version it had: tried again when it changes.
    private struct Refusals {
        var version: Int64
        var timers: Set<CommandID> = []
    }
    private var refusals: [StreamName: Refusals] = [:]

    /// Bounds of one turn, so that people's commands never wait long.
    enum Limit {
        static let seeded = 64
        static let scanned = 500
        static let fired = 64
        static let refused = 10_000
    }

    func isDue(_ now: Timestamp) -> Bool { heap.isDue(now) }

    mutating func start(_ source: any TimerSource) throws {
        // Rules and clock may be others now.
        refusals = [:]
        seeding = .source(after: nil, position: try source.position())
    }

    /// Without a source: every ticket of the log is looked at.
    mutating func startFromLog() { seeding = .log(above: 0) }

    /// Takes up a few more tickets from before the start.
    ///
    /// - Returns: tickets to look at, and the damage in the log that was passed over.
    mutating func seed(
        _ source: any TimerSource, _ reader: any EventReader
    ) throws -> (tickets: [StreamName], damage: LogFailure?) {
        switch seeding {
        case .done: return ([], nil)
        case .source(let last, let position):
            let found = try source.ticketsWithClocks(after: last, limit: Limit.seeded)
            seeding = found.last.map { .source(after: $0, position: position) } ?? .log(above: position)
            return (found, nil)
        case .log(let above):
            // What the views had not seen when the node started.
            let page = try reader.readable(.category("ticket"), .forward, from: above, limit: Limit.scanned)
            seeding = page.next.map { .log(above: $0) } ?? .done
            return (Set(page.events.map(\.event.stream)).sorted(), page.damage)
        }
    }

    mutating func set(_ ticket: StreamName, at: Timestamp?) { heap.set(ticket, at: at) }

    mutating func take(_ now: Timestamp) -> [StreamName] { heap.take(until: now, limit: Limit.fired) }

    mutating func refuse(_ timer: CommandID, of ticket: StreamName, version: Int64) {
        if refusals.count >= Limit.refused { refusals.removeAll() }
        let before = refusals[ticket].flatMap { $0.version == version ? $0 : nil }
        var refusal = before ?? Refusals(version: version)
        refusal.timers.insert(timer)
        refusals[ticket] = refusal
    }

    /// The timers that are not to be tried on a ticket as it is.
    func refused(_ ticket: StreamName, version: Int64) -> Set<CommandID> {
        refusals[ticket].map { $0.version == version ? $0.timers : [] } ?? []
    }
}
