/// Keys of persons are where they are needed and nowhere else: at the centre, at the streets whose feed has the ticket as long as
/// it has not been over for too long, and after an erasure at no node, each of which has said so.

package import Events
import Node
import Tickets

extension Cluster {
    func keyFindings(_ hub: SimulatedNode) throws -> [String] {
        var found: [String] = []
        var needed: [NodeID: Set<PersonID>] = [:]
        var all: Set<PersonID> = []
        /// What a street wrote and its feed never had has not left it.
        var kept: [NodeID: Set<PersonID>] = [:]
        /// Whose term ends about now: here or gone.
        var ending: [NodeID: Set<PersonID>] = [:]
        let erased = try erasures()
        for ticket in try tickets(at: hub.id) {
            let members = try streets.filter { try nodes[$0]?.needs(ticket, hub) == true }
            for event in try hub.log.reader.page(.stream(ticket), .forward, from: 0, limit: 10_000).map(\.event) {
                guard let sealed = event.sealed else { continue }
                let person = try Sealing.person(in: sealed)
                all.insert(person)
                needed[hub.id, default: []].insert(person)
                for street in members {
                    switch try term(of: ticket, at: street) {
                    case .runs: needed[street, default: []].insert(person)
                    case .ends: ending[street, default: []].insert(person)
                    case .isOver: break
                    }
                }
                let author = event.id.origin.node
                let rows = try hub.log.reader.rows(of: .node(author), above: 0, limit: 10_000)
                if !rows.contains(where: { $0.stream == ticket }) {
                    kept[author, default: []].insert(person)
                }
            }
        }
        for node in self.all {
            for person in all.sorted(by: { $0.text < $1.text }) {
                let held = try node.vault.held(person)
                if erased.contains(person) {
                    if held != .erased { found.append("\(node.id) still has \(person), who is erased") }
                } else if needed[node.id]?.contains(person) == true {
                    if held == .absent { found.append("\(node.id) lacks the key of \(person)") }
                } else if ending[node.id]?.contains(person) == true {
                    continue
                } else if held != .absent, kept[node.id]?.contains(person) != true {
                    found.append("\(node.id) has the key of \(person), which it does not need")
                }
            }
        }
        for person in erased.sorted(by: { $0.text < $1.text }) {
            let stream = try StreamName(person.text)
            let said = try hub.log.reader.page(.stream(stream), .forward, from: 0, limit: 1_000).map(\.event)
                .filter { $0.type == Erasure.destroyed }.map(\.id.origin.node)
            if said.sorted() != self.all.map(\.id).sorted() {
                found.append("\(person) is said to be destroyed by \(said.sorted())")
            }
        }
        return found
    }

    private enum Term { case runs, ends, isOver }

    /// Milliseconds from the end of a term until the key is surely gone: a look each minute, and offers until the centre has answered.
    private static let termEnds: Int64 = 180_000

    /// Whether a street still keeps the keys of a ticket that it has, told by the fold and not by the events as they came.
    private func term(of ticket: StreamName, at street: NodeID) throws -> Term {
        guard let node = nodes[street], let hub = nodes[centre] else { return .runs }
        let fold = try hub.fold(ticket)
        guard !fold.state.status.isOpen,
            let end = fold.entries.last(where: { $0.effect.isEffective && $0.record.kind?.rule.to?.isOpen == false })
        else { return .runs }
        let due = end.record.event.recordedAt + Int64(node.keyDays) * 86_400_000
        let now = self.now + node.clockError
        if now < due { return .runs }
        return now < due + Cluster.termEnds ? .ends : .isOver
    }

    private func erasures() throws -> Set<PersonID> {
        var persons: Set<PersonID> = []
        guard let hub = nodes[centre] else { return [] }
        try Erasure.all(in: hub.log.reader, centre: centre) { persons.formUnion($0) }
        return persons
    }

    /// The centre erases somebody who called about a ticket that it has; nothing when there is none.
    ///
    /// - Parameter place: which of the tickets, modulo their number.
    /// - Returns: who; nil when nobody called.
    @discardableResult
    package func eraseCaller(ofTicket place: Int) throws -> PersonID? {
        guard let hub = nodes[centre] else { return nil }
        let known = try tickets(at: centre)
        guard !known.isEmpty else { return nil }
        let events = try hub.log.reader.page(.stream(known[place % known.count]), .forward, from: 0, limit: 100)
        guard let sealed = events.lazy.compactMap(\.event.sealed).first else { return nil }
        let person = try Sealing.person(in: sealed)
        hub.waiting.append(
            NodeCommand(
                id: CommandID(derivedFrom: "erase", String(seed), person.text),
                .record([
                    Draft(
                        stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string("本人要求")],
                        occurredAt: now)
                ]), actor: Actor(account: "admin", role: "securityAdmin", unit: "centre")))
        return person
    }
}
