import ArgumentParser
import Events
import NIOHTTP1
import Server
import Texts

/// `gridline persons`: who called (诉求人), at a running node, from a shell: looked up by number, revealed, erased.
///
/// Values go to stdout alone, and only after the node has on record who looked, and why (`docs/format/identity.md`).
struct PersonsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "persons",
        abstract: said("Find who called, reveal who called for a ticket, erase a person on every node."),
        subcommands: [FindPersons.self, RevealPersons.self, ErasePerson.self, ShowErasure.self])

    /// The path of a person, as a person named it: by its id, with `person/` or without.
    static func path(of person: String) throws -> String {
        let id = try UsageProblem.of { try PersonID(person.hasPrefix("person/") ? person : "person/" + person) }
        return "/api/v1/persons/" + id.text.dropFirst("person/".count)
    }
}

struct FindPersons: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find", abstract: said("Find the ids of persons by a phone or identity number."))
    @OptionGroup var node: NodeOptions
    @OptionGroup var actor: ActorOptions
    @Option(
        help: said(
            """
            A file with one line phone= or idNumber=, or a JSON object of it; - reads stdin. This way the number stands in \
            no list of processes.
            """))
    var personFile: String

    func run() async throws {
        let number = try PersonText.block(lines: [], file: personFile) ?? [:]
        guard let answer = try await node.post("/api/v1/persons/find", number, as: actor) else { return }
        for person in (answer["persons"]?.array ?? []).compactMap(\.string) { Output.plain(ShownText.cell(person)) }
    }
}

struct RevealPersons: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reveal",
        abstract: said("Show who called for a ticket; who looked, and why, goes on record first."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The ticket's name or number.")) var ticket: String
    @OptionGroup var actor: ActorOptions
    @Option(help: said("Why, for the log.")) var reason: String

    func run() async throws {
        let path = "\(NodeClient.path(of: ticket))/reveal"
        guard let answer = try await node.post(path, ["reason": .string(reason)], as: actor) else { return }
        let items = (answer["items"]?.array ?? []).compactMap(\.object)
        for item in items { for line in RevealPersons.lines(of: item) { Output.text(line) } }
        if items.isEmpty { Talk.line("nobody's name or number was given with this ticket") }
    }

    /// A line for each thing that was given of a person with an event, and for each number that stood in a text; or why
    /// there is none.
    static func lines(of item: JSONObject) -> [Words] {
        let person = ShownText.cell(item["person"]?.string ?? "")
        guard let values = item["values"]?.object else {
            guard item["erased"]?.bool != true else {
                return ["\(person)\tthe person was erased: nobody can open this again"]
            }
            let hint = Words(verbatim: item["hint"]?.string ?? "")
            return ["\(person)\tthe key is not at this node: \(hint)"]
        }
        let block = values["person"]?.object ?? [:]
        let numbers = (values["numbers"]?.array ?? []).compactMap(\.object)
        return block.members.map { name, value in
            "\(person)\t\(PersonText.label(name))\t\(ShownText.cell(value.string ?? ""))"
        }
            + numbers.map { number in
                "\(person)\t\(ShownText.cell(number["token"]?.string ?? ""))\t\(ShownText.cell(number["value"]?.string ?? ""))"
            }
    }
}

struct ErasePerson: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: said("Destroy a person's key on every node, for ever; `persons erasure` says which have done it."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The person's id, from `persons find` or `persons reveal`.")) var person: String
    @OptionGroup var actor: ActorOptions
    @Option(help: said("Why, for the log.")) var reason: String

    func run() async throws {
        let path = try PersonsCommand.path(of: person) + "/erase"
        guard let answer = try await node.post(path, ["reason": .string(reason)], as: actor) else { return }
        let line: Words =
            "\(answer["person"]?.string ?? "") is erased here; see `gridline persons erasure` for the other nodes"
        Output.text(line)
    }
}

struct ShowErasure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasure", abstract: said("Show which nodes have destroyed the key of a person who was erased."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The person's id, from `persons find` or `persons reveal`.")) var person: String

    func run() async throws {
        let path = try PersonsCommand.path(of: person)
        let client = try node.client()
        let answer = try await client.call(.GET, "\(path)/erasure", language: node.language)
        guard !node.json else { return Output.json(answer) }
        for line in ShowErasure.lines(of: answer, try await client.answerText()) { Output.text(line) }
    }

    /// When it was erased, then each node that was told of the key, and what it has done.
    static func lines(of answer: JSONObject, _ text: AnswerText) -> [Words] {
        func members(_ name: String) -> [JSON] { answer[name]?.array ?? [] }
        func node(_ entry: JSON) -> String { ShownText.cell(entry.object?["node"]?.string ?? entry.string ?? "") }
        func time(_ entry: JSON) -> String { text.time(entry.object?["at"]) ?? "" }
        let head: Words =
            "erased at \(text.time(answer["erasedAt"]) ?? ""): \(members("confirmed").count) confirmed, \(members("waiting").count) waiting"
        return [head]
            + members("confirmed").map { "\(node($0))\tdestroyed the key at \(time($0))" }
            + members("expired").map { "\(node($0))\thad let the key go at \(time($0)), with the end of a ticket" }
            + members("waiting").map { "\(node($0))\thas not answered yet" }
            + members("revoked").map { "\(node($0))\tis revoked and cannot answer" }
    }
}
