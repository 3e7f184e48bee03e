import ArgumentParser
import Events
import Foundation
import Log
import Node
import Rules

/// `gridline rules`: what is in force, and publishing what is to be.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: said("Show the rules in force, and publish new ones."),
        subcommands: [Show.self, Publish.self, Presets.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("Print one kind of rules as JSON, as it is published."))
        @Argument(help: said("A node's folder.")) var directory: String
        @Argument(help: said("One of \(Words.list(RuleBook.kinds)).")) var kind: String

        func run() throws {
            let folder = try NodeFolder(path: directory)
            let (book, problems) = try BookRules.book(
                reader: SQLiteReader(path: folder.log), centre: folder.configuration.centre)
            for problem in problems { Talk.problem(problem) }
            guard let body = book.bodies.first(where: { $0.kind == kind })?.body else {
                throw RulesError.unknownKind(name: kind, known: RuleBook.kinds)
            }
            Output.json(body)
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("Put rules in force, at the centre and with it at every street."))
        @Argument(help: said("The centre's folder.")) var directory: String
        @Argument(help: said("One of \(Words.list(RuleBook.kinds)).")) var kind: String
        @Argument(help: said("A JSON file in the form of docs/format/rules.md, or a preset's name.")) var source: String

        func run() async throws {
            let folder = try NodeFolder(path: directory)
            let rules: JSONObject
            if RuleBook.presetNames.contains(source) {
                rules = try RuleBook.preset(source)
            } else {
                guard let data = FileManager.default.contents(atPath: source) else {
                    throw CommandProblem(
                        message: "\(source) is no file and no preset",
                        hint: "presets are \(Words.list(RuleBook.presetNames))", isUsage: true)
                }
                rules = try JSONReader.readObject(Array(data))
            }
            try await folder.publish(rules, as: kind)
            Talk.line("\(kind) \(rules["version"]?.string ?? "") is in force from the next decision on")
        }
    }

    struct Presets: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("List the rules that ship, or print one as JSON."))
        @Argument(help: said("The preset to print.")) var name: String?
        @Flag(help: said("Print the list as JSON; a preset is JSON either way.")) var json = false

        func run() throws {
            if let name {
                Output.json(try RuleBook.preset(name))
            } else if json {
                Output.json(["presets": .array(RuleBook.presetNames.map(JSON.string))])
            } else {
                Output.plain(RuleBook.presetNames.joined(separator: "\n"))
            }
        }
    }
}
