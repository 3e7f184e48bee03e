import ArgumentParser
import Events
import Tickets

/// Photographs and recordings that go with a step.
struct FileOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: said("A photograph, recording or PDF that goes with it; several by repeating it."))
    var attach: [String] = []

    /// Uploads the files and names them in the field of the step that is for them.
    ///
    /// - Throws: `CommandProblem` when the step has none, before anything is uploaded.
    func added(to fields: JSONObject, of kind: TicketEventKind, _ client: NodeClient) async throws -> JSONObject {
        guard !attach.isEmpty else { return fields }
        guard let field = TicketFields.of(kind).first(where: { $0.shape == .blobs })?.name else {
            throw CommandProblem(
                message: "\(kind.rawValue) takes no files", hint: "note it with `progressNoted --attach`", isUsage: true
            )
        }
        var items = fields[field]?.array ?? []
        for file in attach { items.append(.string(try await client.upload(file))) }
        var fields = fields
        fields[field] = .array(items)
        return fields
    }
}
