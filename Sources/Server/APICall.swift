/// A writing request, read once: idempotency key, actor, body.

import Events
import HTTPTypes
import Hummingbird
import Node
import Privacy

struct APICall {
    let id: CommandID
    let actor: Actor
    let object: JSONObject
    let expectedVersion: Int64?
    /// Whether the answer is to go without the ticket (`Prefer: return=minimal`, RFC 7240).
    let isMinimal: Bool

    /// Bytes that a request's body may have.
    static let bodyLimit = 128 * 1024

    /// - Throws: `BadRequest` with what is missing, `DecodeError` when the body is no JSON.
    init(_ request: Request) async throws {
        let buffer = try await request.body.collect(upTo: APICall.bodyLimit)
        object = try JSONReader.readObject(Array(buffer.readableBytesView))
        guard let key = request.headers[.idempotencyKey], let id = try? CommandID(key) else {
            throw BadRequest.noKey(request.headers[.idempotencyKey] ?? "")
        }
        self.id = id
        guard let account = object["actor"]?.object?["account"]?.string,
            let role = object["actor"]?.object?["role"]?.string, let unit = object["actor"]?.object?["unit"]?.string
        else { throw BadRequest.noActor }
        // Accounts are not sealed: one that is a caller's number would stand in the log for ever.
        guard PersonalNumbers.find(in: account).isEmpty else { throw BadRequest.accountIsNumber }
        actor = Actor(account: account, role: role, unit: unit, asserted: "node token")
        isMinimal = request.headers[values: .prefer].contains { field in
            field.split(separator: ",").contains { $0.filter { !$0.isWhitespace }.lowercased() == "return=minimal" }
        }
        expectedVersion = try request.headers[.ifMatch].map { tag in
            // A condition that cannot be read must not pass for none: somebody's change would be lost.
            guard let version = Int64(tag.filter { $0 != "\"" }), version >= 0 else {
                throw BadRequest.parameter("If-Match", tag)
            }
            return version
        }
    }

    /// The person block; nil when there is none.
    func person() throws -> PersonData? {
        guard let value = object["person"], !value.isNull else { return nil }
        guard let block = value.object else { throw PersonProblem.noText(member: "person") }
        return try PersonData(block)
    }

    /// A text that must be there.
    func text(_ member: String) throws -> String {
        guard let text = object[member]?.string, !text.allSatisfy(\.isWhitespace) else {
            throw BadRequest.missing(member)
        }
        return text
    }

    /// A whole number that must be there.
    func integer(_ member: String) throws -> Int64 {
        guard let value = object[member]?.integer else { throw BadRequest.missing(member) }
        return value
    }

    /// Commits what is no ticket's command, and says where it stands.
    func perform(_ wish: NodeCommand.Wish, _ ports: ServerPorts) async throws -> CommandReply {
        try await ports.submit(NodeCommand(id: id, wish, actor: actor), nil).get()
    }
}

extension HTTPField.Name {
    fileprivate static var prefer: HTTPField.Name {
        guard let name = HTTPField.Name("Prefer") else { preconditionFailure("a literal field name is valid") }
        return name
    }

    fileprivate static var idempotencyKey: HTTPField.Name {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("a literal field name is valid") }
        return name
    }
}
