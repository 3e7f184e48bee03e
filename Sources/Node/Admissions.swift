// Who is let in: the node book of the running centre, the applications and ends of keys that wait for their transaction, and
// whether the sockets have to hear of a change.

import Events
import Replication

struct Admissions {
    private(set) var book: NodeBook
    /// The members are not what the transport was last told.
    private var isChanged = true
    /// Applications of this turn that the book would take, with the command that does.
    private(set) var waiting: [(application: Application, command: NodeCommand)] = []
    private var number = 0
    /// Nodes with two keys, by node; of those that used the newer one, which.
    private var twoKeys: [NodeID] = []
    private var used: [NodeID: String] = [:]

    init(centre: NodeID) { book = NodeBook(centre: centre) }

    /// Reads what the log has; also after a lost transaction.
    mutating func load(_ reader: any EventReader, centre: NodeID) throws {
        book = try NodeBook(reader: reader, centre: centre)
        waiting = []
        noteChange()
    }

    private mutating func noteChange() {
        isChanged = true
        twoKeys = book.all.filter { $0.oldKey != nil }.map(\.node)
        used = used.filter { twoKeys.contains($0.key) }
    }

    mutating func take(_ event: Event) {
        guard event.stream.category == NodeBook.category else { return }
        book.take(event)
        noteChange()
    }

    /// A node said something under this key.
    mutating func note(use: KeyUse) { if twoKeys.contains(use.node) { used[use.node] = use.key } }

    /// Old keys that end now: the newer one was used, or their time is over.
    ///
    /// - Parameter isHolding: the wall clock is not believed, so that no time is over.
    mutating func takeEnding(process: Origin, now: Timestamp, isHolding: Bool) -> [NodeCommand] {
        var commands: [NodeCommand] = []
        for node in twoKeys {
            guard let member = book[node], let old = member.oldKey else { continue }
            let isUsed = used[node] == member.key
            guard isUsed || !isHolding && now >= old.endsAt else { continue }
            number += 1
            commands.append(
                NodeCommand(
                    id: CommandID(derivedFrom: "rotate", process.description, String(number)),
                    .node(node, .endKey(old.key, isUsed ? .used : .overlap)), actor: Actor(system: "rotate", rule: "1"))
            )
        }
        return commands
    }

    /// Sorts applications: what is wrong is answered without a transaction, so that strangers cost nothing but the look.
    ///
    /// - Returns: the answers that need none, with what stands in the way.
    mutating func sort(
        _ applications: [Application], process: Origin, now: Timestamp
    ) -> [(Application, refusal: NodeRefusal?)] {
        var answers: [(Application, refusal: NodeRefusal?)] = []
        for application in applications {
            let step = NodeStep.enrol(key: application.key, secret: application.secret)
            do throws(NodeRefusal) {
                guard try book.decide(step, of: application.node, now: now) != nil else {
                    answers.append((application, nil))
                    continue
                }
                number += 1
                let command = NodeCommand(
                    id: CommandID(derivedFrom: "enrol", process.description, String(number)),
                    .node(application.node, step), actor: Actor(system: "enrol", rule: "1"))
                waiting.append((application, command))
            } catch {
                answers.append((application, error))
            }
        }
        return answers
    }

    mutating func takeWaiting() -> [(application: Application, command: NodeCommand)] {
        defer { waiting = [] }
        return waiting
    }

    /// The members since the last call, when they changed.
    mutating func takeMembers(now: Timestamp) -> [Member]? {
        guard isChanged else { return nil }
        isChanged = false
        return book.all.map { member in
            Member(
                node: member.node, slot: member.slot, keys: member.keys, revokedKeys: member.revokedKeys,
                invitedFor: member.invitedFor(now: now))
        }
    }
}
