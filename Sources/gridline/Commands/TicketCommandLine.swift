import ArgumentParser
import Events
import Foundation
import NIOHTTP1
import Server
import Texts
import Tickets

/// `gridline ticket`: a ticket's whole life at a running node, from a shell.
struct TicketCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket",
        abstract: said("List, count, show, open tickets and take every step of their life, at a running node."),
        subcommands: [
            ListTickets.self, CountTickets.self, ListConflicts.self, ShowTicket.self, OpenTicket.self, StepTicket.self,
            FetchTicket.self, TicketSteps.self,
        ])
}

/// Which node, and what is printed.
struct NodeOptions: ParsableArguments {
    @Argument(
        help: said("The folder of a running node, or its URL; for a URL GRIDLINE_TOKEN holds the text of keys/token."))
    var node: String
    @Flag(help: said("Print the node's answer as JSON.")) var json = false

    func client() throws -> NodeClient { try NodeClient.at(node) }
    /// Of what the node says in an answer: English for what a program reads.
    var language: Language { json ? .english : Talk.language }
}

/// Who does it, and how safely.
struct ActorOptions: ParsableArguments {
    @Option(help: said("The acting account. Default: the shell's user.")) var account: String?
    @Option(help: said("Its role: agent, dispatcher, clerk …")) var role: String
    @Option(help: said("Its unit's code.")) var unit: String
    @Option(help: said("The command's id, a UUID: the same one again does nothing twice.")) var key: String?

    var actor: JSONObject {
        [
            "account": .string(account ?? ProcessInfo.processInfo.userName), "role": .string(role),
            "unit": .string(unit),
        ]
    }

    func commandID() throws -> CommandID {
        if let key { return try UsageProblem.of { try CommandID(key) } }
        var random = SystemRandomNumberGenerator()
        return CommandID(at: SystemClock().now(), random: &random)
    }
}

extension NodeOptions {
    /// Asks the node to do something that is no step of a ticket.
    ///
    /// - Parameter members: of the body, beside the actor.
    /// - Returns: its answer, which is printed already when it was wanted as JSON: then nil.
    func post(_ path: String, _ members: JSONObject = [:], as actor: ActorOptions) async throws -> JSONObject? {
        var body = members
        body["actor"] = .object(actor.actor)
        let answer = try await client().call(
            .POST, path, body: body, key: actor.commandID(), language: language)
        guard json else { return answer }
        Output.json(answer)
        return nil
    }
}

struct ShowTicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: said("Show a ticket with its complete history, now or as it was."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The ticket's name or number.")) var ticket: String
    @Option(help: said("As of what had happened by this time; without a zone it is the node's.")) var at: String?
    @Option(help: said("As this node knew it at this time; without a zone it is the node's.")) var knownAt: String?
    @Option(help: said("Waits until the node holds this position, two seconds at most.")) var atLeast: Int64?

    func run() async throws {
        let client = try node.client()
        let at = try await client.time(at, option: "--at")
        let knownAt = try await client.time(knownAt, option: "--known-at")
        let query = NodeClient.query(
            [("at", at), ("knownAt", knownAt), ("atLeast", atLeast.map(String.init))].compactMap { name, value in
                value.map { (name, $0) }
            })
        let answer = try await client.call(.GET, NodeClient.path(of: ticket) + (query.isEmpty ? "" : "?\(query)"))
        guard !node.json else { return Output.json(answer) }
        let text = try await client.answerText()
        for fact in ShowTicket.facts(of: answer, text) { Output.plain(fact) }
        for entry in (answer["history"]?.array ?? []).compactMap(\.object) {
            Output.plain(ShowTicket.line(entry, text))
        }
        let conflicts = answer["conflicts"]?.array?.count ?? 0
        if conflicts > 0 { Output.plain("\(text.texts[.conflicts])\t\(conflicts)") }
        if answer["needsUpgrade"]?.bool == true { Output.plain(text.texts[.needsUpgradeNotice]) }
        if answer["letGo"]?.bool == true { Output.plain(text.texts[.letGoNotice]) }
        if answer["missing"] != nil { Output.plain(text.texts[.missingNotice]) }
    }

    /// The lines above the history: what there is, each under its name.
    static func facts(of answer: JSONObject, _ text: AnswerText) -> [String] {
        let isLatenessOpen = answer["overdueUnconfirmed"]?.bool == true
        let facts: [(TextKey, String?)] = [
            (.ticket, answer["ticket"]?.string), (.number, answer["number"]?.string),
            (.status, answer["letGo"]?.bool == true ? text.texts[.letGo] : text.status(answer["status"])),
            (.unit, answer["lead"]?.string),
            (.due, text.time(answer["dueAt"])), (.decisionDue, text.time(answer["decisionDueAt"])),
            (.lateness, isLatenessOpen ? text.texts[.lateUnconfirmed] : nil),
            (.matter, answer["matter"]?.string), (.reply, answer["reply"]?.string),
        ]
        return facts.compactMap { name, value in value.map { ShownText.row([text.texts[name], $0]) } }
    }

    /// A line of the history.
    static func line(_ entry: JSONObject, _ text: AnswerText) -> String {
        let event = text.texts.event(named: entry["type"]?.string ?? "")
        let effect = text.texts.effect(code: entry["effect"]?.string ?? "")
        return ShownText.row([text.time(entry["occurredAt"]) ?? "", event, entry["actor"]?.string ?? "", effect])
    }
}

struct OpenTicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "open", abstract: said("Register a ticket."))
    @OptionGroup var node: NodeOptions
    @OptionGroup var actor: ActorOptions
    @Option(
        parsing: .unconditionalSingleValue, help: said("A field, name=value; `ticket steps registered` lists them."))
    var set: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: said(
            """
            name=, phone=, idNumber= or address= of the caller; sealed. Others on this machine see it in the list of \
            processes: use --person-file.
            """))
    var person: [String] = []
    @Option(
        help: said(
            """
            A file with lines name=, phone=, idNumber= and address= of the caller, or a JSON object of them; - reads \
            stdin. This way names stand in no list of processes.
            """))
    var personFile: String?
    @OptionGroup var files: FileOptions

    func run() async throws {
        let block = try PersonText.block(lines: person, file: personFile)
        let client = try node.client()
        let fields = try await client.fields(set, of: .registered)
        var body: JSONObject = [
            "actor": .object(actor.actor),
            "body": .object(try await files.added(to: fields, of: .registered, client)),
        ]
        body["person"] = block.map(JSON.object)
        let answer = try await client.call(.POST, "/api/v1/tickets", body: body, key: actor.commandID())
        report(answer, node.json)
    }
}

struct StepTicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "do",
        abstract: said("Take a step: signed, dispatched, replySubmitted … (`ticket steps` lists them)."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The ticket's name or number.")) var ticket: String
    @Argument(help: said("The step.")) var step: String
    @OptionGroup var actor: ActorOptions
    @Option(parsing: .unconditionalSingleValue, help: said("A field, name=value; a list by repeating it.")) var set:
        [String] = []
    @Option(help: said("Only if the ticket still has this version.")) var version: Int64?
    @Option(help: said("When it happened, if not now; without a zone it is the node's.")) var occurredAt: String?
    @OptionGroup var files: FileOptions

    func run() async throws {
        guard let kind = TicketEventKind(rawValue: step) else {
            throw CommandProblem(
                message: "\"\(step)\" is no step of a ticket", hint: "see `gridline ticket steps`", isUsage: true)
        }
        guard kind != .registered else {
            throw CommandProblem(
                message: "a ticket is registered by no step of it", hint: "use `gridline ticket open`", isUsage: true)
        }
        let client = try node.client()
        let fields = try await client.fields(set, of: kind)
        var body: JSONObject = [
            "actor": .object(actor.actor), "body": .object(try await files.added(to: fields, of: kind, client)),
        ]
        if let occurredAt {
            let instant = try await client.instant(occurredAt, option: "--occurred-at")
            body["occurredAt"] = .integer(instant.milliseconds)
        }
        let answer = try await client.call(
            .POST, "\(NodeClient.path(of: ticket))/\(step)", body: body, key: actor.commandID(),
            version: version.map { "\"\($0)\"" }, language: node.language)
        report(answer, node.json)
    }
}

struct FetchTicket: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: said("Ask the centre for a ticket that this street has lost with its disk."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The ticket's name.")) var ticket: String
    @OptionGroup var actor: ActorOptions

    func run() async throws {
        guard let answer = try await node.post("\(NodeClient.path(of: ticket))/fetch", as: actor) else { return }
        let isHere = answer["state"]?.string == "here"
        let line: Words = isHere ? "the ticket is here" : "the centre was asked; the ticket comes with the line"
        Output.text(line)
    }
}

extension NodeClient {
    /// The body that fields make, times without a zone read on the node's clock.
    fileprivate func fields(_ texts: [String], of kind: TicketEventKind) async throws -> JSONObject {
        let offset = try FieldText.needsZone(texts, of: kind) ? try await offsetMinutes() : 0
        return try FieldText.body(texts, of: kind, offsetMinutes: offset)
    }
}

private func report(_ answer: JSONObject, _ json: Bool) {
    guard !json else { return Output.json(answer) }
    Output.text(AnswerText.report(of: answer))
    for notice in (answer["notices"]?.array ?? []).compactMap(\.string) { Talk.line("Note: \(notice)") }
}

struct TicketSteps: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steps", abstract: said("List the steps of a ticket's life, or the fields of one."))
    @Argument(help: said("A step.")) var step: String?
    @Flag(help: said("Print as JSON.")) var json = false

    func run() throws {
        guard let step else {
            let names = TicketEventKind.allCases.map(\.rawValue)
            if json {
                Output.json(["steps": .array(names.map(JSON.string))])
            } else {
                let texts = PageTexts(Talk.language)
                for kind in TicketEventKind.allCases { Output.plain("\(kind.rawValue)\t\(texts.event(kind))") }
            }
            return
        }
        guard let kind = TicketEventKind(rawValue: step) else {
            throw CommandProblem(
                message: "\"\(step)\" is no step of a ticket", hint: "see `gridline ticket steps`", isUsage: true)
        }
        guard !json else { return Output.json(TicketSteps.json(of: kind)) }
        for field in TicketFields.of(kind) {
            let need: Words = field.isRequired ? "must" : "may"
            Output.text("\(field.name)\t\(need)\t\(field.shape.rule)\t\(field.meaning)")
        }
    }

    /// As `docs/cli-json.md` has it.
    static func json(of kind: TicketEventKind) -> JSONObject {
        let fields = TicketFields.of(kind).map { field in
            JSON.object([
                "meaning": .string(field.meaning.description), "name": .string(field.name),
                "required": .bool(field.isRequired), "rule": .string(field.shape.rule.description),
            ])
        }
        return ["fields": .array(fields), "step": .string(kind.rawValue)]
    }
}
