import ArgumentParser
import Events
import Texts

/// `gridline acknowledge`: somebody sees to a raised alarm, so that it does not become more severe.
struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Say that a raised alarm is seen to; it becomes no more severe from then on."))
    @OptionGroup var node: NodeOptions
    @Argument(help: said("The alarm's rule, as `gridline status --json` has it.")) var rule: String
    @Option(
        parsing: .unconditionalSingleValue,
        help: said("A label of the alarm, name=value, such as node=yuanhe; repeat it for each."))
    var label: [String] = []
    @OptionGroup var actor: ActorOptions

    func run() async throws {
        var labels = JSONObject()
        for text in label {
            guard let end = text.firstIndex(of: "=") else {
                throw CommandProblem(
                    message: "\"\(text)\" is no label", hint: "write name=value, such as node=yuanhe", isUsage: true)
            }
            labels[String(text[..<end])] = .string(String(text[text.index(after: end)...]))
        }
        let path = "/api/v1/alarms/\(NodeClient.encoded(rule))/acknowledge"
        guard try await node.post(path, ["labels": .object(labels)], as: actor) != nil else { return }
        Output.text("\(ShownText.cell(rule)) is seen to")
    }
}
