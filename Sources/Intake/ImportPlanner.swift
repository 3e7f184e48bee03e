/// Decides what a row is: new, known, newer or older than what is known. Pure.

import Events

enum ImportPlan: Equatable {
    case taken([ImportStep])
    case updated([ImportStep])
    /// It says what is known already.
    case repeated
    /// It is older than what is known, and was never recorded.
    case outdated
}

struct ImportPlanner {
    let source: String
    let fetchedAt: Timestamp

    /// The stream of a record; the same in every run and on every node.
    func ticket(id: String) -> StreamName {
        do throws(IdentifierError) {
            return try StreamName(category: "ticket", key: CommandID(derivedFrom: "import", source, id).description)
        } catch {
            preconditionFailure("a derived id makes a stream name: \(error.message)")
        }
    }

    /// Rules, the first that fits: unknown ticket → taken; same revision → repeated; every step recorded before →
    /// repeated; older by the source's own time → outdated; else updated.
    ///
    /// Without such a time, a row that goes back to an earlier content cannot be told from a second run over the
    /// earlier file, and counts as repeated: running twice must be safe.
    func plan(_ row: MappedRow, known: SourceRevision?, isRecorded: (CommandID) throws -> Bool) rethrows -> ImportPlan {
        let revision = row.revision
        let whole = CommandID(derivedFrom: "import", source, row.id, revision.text)
        guard let known else { return .taken([imported(row, whole)] + row.steps.map { step(row, $0) }) }
        if known.content == revision.content, known.progress == revision.progress { return .repeated }
        if try isRecorded(whole) { return .repeated }
        if let seen = known.updatedAt, let now = revision.updatedAt, now < seen { return .outdated }
        var steps: [ImportStep] = []
        for candidate in row.steps.map({ step(row, $0) }) where try !isRecorded(candidate.commandID) {
            steps.append(candidate)
        }
        if known.content != revision.content || steps.isEmpty {
            steps.append(changed(row, whole, withContent: known.content != revision.content))
        }
        return .updated(steps)
    }

    private func imported(_ row: MappedRow, _ command: CommandID) -> ImportStep {
        var body = row.content
        body["source"] = .object(sourceObject(row))
        body["state"] = .string(row.firstState)
        if !row.flags.isEmpty { body["flags"] = .object(row.flags) }
        body["reply"] = row.reply.map(JSON.string)
        body["note"] = row.note.map(JSON.string)
        return ImportStep(kind: .imported, occurredAt: row.createdAt, body: body, commandID: command)
    }

    private func step(_ row: MappedRow, _ step: MappedRow.Step) -> ImportStep {
        let digest = Digest.sha256(JSON.object(step.body).canonicalBytes).words
        let content = "\(step.at.milliseconds)-\(digest.0.hexadecimal)\(digest.1.hexadecimal)"
        var body = step.body
        body["source"] = .object(sourceObject(row))
        return ImportStep(
            kind: .updated, occurredAt: step.at, body: body,
            commandID: CommandID(derivedFrom: "import", source, row.id, "step", step.name, content))
    }

    /// What a later fetch showed and no timed step explains.
    private func changed(_ row: MappedRow, _ command: CommandID, withContent: Bool) -> ImportStep {
        var body: JSONObject = ["source": .object(sourceObject(row)), "state": .string(row.state)]
        if withContent { body["content"] = .object(row.content) }
        if !row.flags.isEmpty { body["flags"] = .object(row.flags) }
        body["reply"] = row.reply.map(JSON.string)
        body["note"] = row.note.map(JSON.string)
        let own = row.revision.updatedAt ?? row.steps.last?.at
        body["timeFrom"] = .string(own == nil ? "fetch" : "source")
        return ImportStep(kind: .updated, occurredAt: own ?? fetchedAt, body: body, commandID: command)
    }

    private func sourceObject(_ row: MappedRow) -> JSONObject {
        var object: JSONObject = [
            "id": .string(row.id), "name": .string(source), "revision": .string(row.revision.text),
        ]
        object["updatedAt"] = row.revision.updatedAt.map { .integer($0.milliseconds) }
        return object
    }
}
