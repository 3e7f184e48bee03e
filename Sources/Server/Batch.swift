/// Many commands in one request (`docs/http.md`, Many at once): what a city's platform pushes by the thousand.
///
/// Each is what it would be alone: its own key, actor, rights and answer, and one that is refused takes no other with it. They
/// stand together in the loop's queue, in their order, so that a turn or two commit them all; the request is answered when
/// the last of them is on the disk.

import Events
import HTTPTypes
import Hummingbird
import Node
import Texts
import Tickets

enum Batch {
    /// Commands of one request: as many as one turn of the loop does without keeping others waiting.
    static let limit = 500
    /// Bytes of its body: 4 KiB a command.
    static let bodyLimit = 2 << 20

    private static let members = ["body", "key", "occurredAt", "person", "step", "ticket", "version"]

    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.post("commands") { request, _ in try await perform(request, ports) }
    }

    private static func perform(_ request: Request, _ ports: ServerPorts) async throws -> Response {
        let commands = try commands(of: try await APICall.object(request, upTo: bodyLimit))
        try await awaitNumbers(in: commands, ports)
        var steps: [Result<AskedStep, any Error>] = []
        for command in commands {
            do { steps.append(.success(try await step(command, ports))) } catch { steps.append(.failure(error)) }
        }
        let asked = steps.compactMap { try? $0.get() }
        var replies = await ports.submitAll(asked.map { ($0.command, $0.person) })[...]
        let language = request.language
        let answers = steps.enumerated().map { place, step -> JSON in
            do {
                let step = try step.get()
                guard let reply = try replies.popFirst()?.get() else {
                    preconditionFailure("a command without an answer")
                }
                return answer(reply, to: step, ports, language)
            } catch {
                let (problem, status) = ProblemAnswers.reading(error, ports)
                return API.json(
                    problem, status, instance: "\(request.uri.path)#/commands/\(place)", language: language)
            }
        }
        return API.respond(.object(["answers": .array(answers)]), .ok, language: language)
    }

    private static func commands(of body: JSONObject) throws(BadRequest) -> [JSON] {
        if let stranger = body.members.first(where: { $0.key != "commands" }) {
            throw .unknownMember(stranger.key, ["commands"])
        }
        guard let member = body["commands"] else { throw .missing("commands") }
        guard let commands = member.array, (1...limit).contains(commands.count) else {
            throw .malformed(member: "commands", rule: "a list of 1 to \(limit) commands")
        }
        return commands
    }

    // MARK: - One command

    private static func step(_ command: JSON, _ ports: ServerPorts) async throws -> AskedStep {
        guard let object = command.object else {
            throw BadRequest.malformed(member: "commands", rule: "a list of objects")
        }
        let call = try APICall(object, members: members)
        let name = try call.optional("ticket", \.string, FieldShape.text.rule)
        let step = try call.optional("step", \.string, FieldShape.text.rule)
        var asked: AskedStep
        switch (name, step) {
        case (nil, nil), (nil, TicketEventKind.registered.rawValue):
            asked = try await AskedStep(call, ticket: nil, kind: .registered, waits: false, ports)
            // For its number.
            asked.command.wantsTicket = true
        case (let name?, let step?):
            let kind = try API.kind(ofStep: step)
            let ticket = try await ports.ticket(called: name, waits: false)
            asked = try await AskedStep(call, ticket: ticket, kind: kind, waits: false, ports)
        case (nil, _?): throw BadRequest.missing("ticket")
        case (_?, nil): throw BadRequest.missing("step")
        }
        return asked
    }

    /// Waits once until the views hold the log's end when one of the tickets is named by a number that they do not hold.
    ///
    /// A wait for each of them would be as long as all together.
    private static func awaitNumbers(in commands: [JSON], _ ports: ServerPorts) async throws {
        for command in commands {
            for typed in [command.object?["ticket"], command.object?["body"]?.object?["into"]] {
                guard let typed = typed?.string, let (number, place) = TicketNumber.read(typed) else { continue }
                guard try ports.tickets(number, place).isEmpty else { continue }
                return try await AtLeast.wait(for: try ports.head(), in: .views, ports)
            }
        }
    }

    /// What a single command's answer says, without the ticket; of a new ticket with its number.
    private static func answer(
        _ reply: CommandReply, to step: AskedStep, _ ports: ServerPorts, _ language: Language
    ) -> JSON {
        var bare = reply
        bare.fold = nil
        var object = API.object(of: bare, notices: step.notices(reply, ports), language)
        if step.registers {
            let number = step.shownNumber(reply, ports) ?? reply.fold?.state.number
            object["number"] = number.map(JSON.string)
        }
        object["status"] = .integer(Int64(API.status(of: reply).code))
        return .object(object)
    }
}
