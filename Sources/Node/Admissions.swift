// Who is let in: the node book of the running centre, the applications that wait for their transaction, and whether the
// sockets have to hear of a change.

import Events
import Replication

struct Admissions {
    private(set) var book: NodeBook
    /// The members are not what the transport was last told.
    private var isChanged = true
    /// Applications of this turn that the book would take, with the command that does.
    private(set) var waiting: [(application: Application, command: NodeCommand)] = []
    private var number = 0

    init(centre: NodeID) { book = NodeBook(centre: centre) }

    /// Reads what the log has; also after a lost transaction.
    mutating func load(_ reader: any EventReader, centre: NodeID) throws {
        book = try NodeBook(reader: reader, centre: centre)
        waiting = []
        isChanged = true
    }

    mutating func take(_ event: Event) {
        guard event.stream.category == NodeBook.category else { return }
        book.take(event)
        isChanged = true
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
    mutating func takeMembers() -> [Member]? {
        guard isChanged else { return nil }
        isChanged = false
        return book.all.map { member in
            Member(
                node: member.node, slot: member.slot, key: member.state == .enrolled ? member.key : nil,
                revokedKey: member.state == .revoked ? member.key : nil, isInvited: member.state == .invited)
        }
    }
}
