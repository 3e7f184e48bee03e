/// A step of a ticket as a request asks for it: alone, or one of many.

import Events
import Node
import Privacy
import Texts
import Tickets

struct AskedStep {
    var command: NodeCommand
    let person: PersonData?
    private let kind: TicketEventKind

    /// - Parameters:
    ///   - ticket: nil for a step that makes one.
    ///   - waits: whether a number in it that is not found is looked up again when the views have come up to the log.
    init(
        _ call: APICall, ticket: StreamName?, kind: TicketEventKind, waits: Bool = true, _ ports: ServerPorts
    ) async throws {
        var body = try call.optional("body", \.object, "an object") ?? JSONObject()
        // A name that cannot be read is refused where the step's fields are.
        if kind == .mergedInto, let typed = body["into"]?.string {
            let other = try await ports.ticket(numbered: typed, waits: waits) ?? (try? StreamName(asked: typed))
            body["into"] = .string(other?.text ?? typed)
        }
        body = try ports.attached(body)
        command = NodeCommand(
            id: call.id, ticket: ticket,
            wish: TicketCommand(kind, body, occurredAt: try call.instant("occurredAt")), actor: call.actor)
        command.expectedVersion = call.expectedVersion
        person = try call.person()
        self.kind = kind
        command.wantsTicket = !call.isMinimal || givesHolder
    }

    private var givesHolder: Bool { kind.rule.holder == .grants }

    /// Whether it makes a ticket.
    var registers: Bool { kind == .registered }

    /// The number by which the ticket is shown, where that is another than its own; nil otherwise.
    func shownNumber(_ reply: CommandReply, _ ports: ServerPorts) -> String? {
        // The views cannot have a ticket that was not there before this command.
        registers && !reply.isRepeat ? nil : ports.shownNumber(of: reply.ticket)
    }

    /// What whoever gave the command should know of what came of it.
    func notices(_ reply: CommandReply, _ ports: ServerPorts) -> [Words] {
        let undelivered = givesHolder ? reply.fold.flatMap { ports.undelivered($0.state) } : nil
        return [undelivered?.words].compactMap(\.self)
    }
}
