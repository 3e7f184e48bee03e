// When a node looks at its tickets again, and what time has made due there.

import Events
import Replication
import Tickets

extension NodeMachine {
    func startTimers() {
        do {
            try timers.start(source)
        } catch {
            readWholeLog(error)
        }
    }

    /// Finds the timers without the views.
    private func readWholeLog(_ error: any Error) {
        alarms.append(.alarm("the views cannot say which tickets have timers, so the whole log is read", error))
        timers.startFromLog()
    }

    /// A few more tickets from before the start; when the views cannot name them, the log is gone through instead.
    func seedTimers(_ now: Moment) throws -> (tickets: [StreamName], damage: LogFailure?) {
        do {
            return try timers.seed(source, log.reader)
        } catch  where !(error is LogFailure) {
            readWholeLog(error)
            return ([], nil)
        }
    }

    /// Sets when to look at a ticket again; only the owner's node looks.
    func schedule(_ ticket: StreamName, _ now: Timestamp) throws {
        guard ticket.category == "ticket" else { return }
        if let again = damaged[ticket], now < again { return timers.set(ticket, at: again) }
        if let damage = try damage({ try look(at: ticket, now) }) { pass(over: ticket, damage, now: now) }
    }

    private func look(at ticket: StreamName, _ now: Timestamp) throws {
        let fold = try core.standing(ticket, log.reader)
        guard fold.state.exists, fold.state.ownerNode ?? core.centre == core.node else {
            timers.set(ticket, at: nil)
            return
        }
        let line = links.line(to: fold.state.holderNode)
        let refused = timers.refused(ticket, version: Int64(fold.standing.count))
        let next = TicketPolicies.next(
            fold.state, of: ticket, rules: core.rules, after: now, line: line, without: refused)
        timers.set(ticket, at: next)
    }

    /// Performs the next of what time has made due for a ticket, against the state after the one before.
    ///
    /// - Parameter done: what was performed in this turn.
    /// - Returns: whether there may be more.
    func fire(
        _ ticket: StreamName, besides done: inout Set<CommandID>, in transaction: any LogTransaction, now: Timestamp
    ) throws -> Bool {
        let fold = try core.standing(ticket, log.reader)
        let version = Int64(fold.standing.count)
        done.formUnion(timers.refused(ticket, version: version))
        guard fold.state.ownerNode ?? core.centre == core.node,
            let firing = TicketPolicies.due(
                fold.state, of: ticket, rules: core.rules, now: now, line: links.line(to: fold.state.holderNode)
            ).first(where: { done.insert($0.id).inserted })
        else { return false }
        let command = NodeCommand(
            id: firing.id, ticket: ticket, wish: firing.command,
            actor: Actor(system: firing.policy, rule: core.rules.version))
        switch try core.perform(command, in: transaction, reader: log.reader, now: now) {
        case .success(let reply):
            // Done before, and still due: it did not take effect, and would be tried for ever.
            if reply.isRepeat { timers.refuse(firing.id, of: ticket, version: version) }
        case .failure(let refusal):
            timers.refuse(firing.id, of: ticket, version: version)
            alarms.append(.alarm("timer \(firing.policy) of \(ticket)", refusal))
        }
        return true
    }
}
