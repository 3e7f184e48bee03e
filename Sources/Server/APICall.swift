/// A writing request, or one command of many in a body, read once: idempotency key, actor, body.

import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Node
import Privacy
import Tickets

struct APICall {
    let id: CommandID
    let actor: Actor
    let object: JSONObject
    private(set) var expectedVersion: Int64?
    /// Whether the answer is to go without the ticket (`Prefer: return=minimal`, RFC 7240).
    let isMinimal: Bool

    /// Bytes that a request's body may have.
    static let bodyLimit = 128 * 1024

    /// - Parameter members: what the body may have beside `actor`.
    /// - Throws: `BadRequest` with what is missing, unknown or of another type; `OpenNumber` for an actor with a number of
    ///   a person in it.
    init(_ request: Request, members: [String]) async throws {
        object = try await APICall.object(request, upTo: APICall.bodyLimit)
        guard let key = request.headers[.idempotencyKey], let id = try? CommandID(key) else {
            throw BadRequest.noKey(request.headers[.idempotencyKey] ?? "")
        }
        self.id = id
        actor = try APICall.actor(of: object, members: members)
        isMinimal = request.headers[values: .prefer].contains { field in
            field.split(separator: ",").contains { $0.filter { !$0.isWhitespace }.lowercased() == "return=minimal" }
        }
        expectedVersion = try request.headers[.ifMatch].flatMap { tag in
            // Whatever is there now (RFC 9110 13.1.1); what is not there is refused without a condition.
            if tag == "*" { return nil }
            // A condition that cannot be read must not pass for none: somebody's change would be lost.
            guard let version = Int64(tag.filter { $0 != "\"" }), version >= 0 else {
                throw BadRequest.parameter("If-Match", tag)
            }
            return version
        }
    }

    /// One command of many: what a request's head says of it is among its members, `key` and `version`.
    ///
    /// - Parameter members: what it may have beside `actor`.
    /// - Throws: as a request's.
    init(_ command: JSONObject, members: [String]) throws {
        object = command
        guard let key = command["key"] else { throw BadRequest.missing("key") }
        guard let id = key.string.flatMap({ try? CommandID($0) }) else {
            throw BadRequest.malformed(member: "key", rule: "a fresh UUID, and the same one when it is repeated")
        }
        self.id = id
        actor = try APICall.actor(of: command, members: members)
        isMinimal = true
        expectedVersion = nil
        let version = try optional("version", \.integer, "a whole number")
        guard version ?? 0 >= 0 else { throw BadRequest.parameter("version", "\(version ?? 0)") }
        expectedVersion = version
    }

    private static func actor(of object: JSONObject, members: [String]) throws -> Actor {
        let actor = try actor(object["actor"])
        // A member that nobody reads is a mistake of the sender, and nothing that may be lost in silence.
        let known = ["actor"] + members
        if let stranger = object.members.first(where: { !known.contains($0.key) }) {
            throw BadRequest.unknownMember(stranger.key, known)
        }
        return actor
    }

    /// The person block; nil when there is none.
    func person() throws -> PersonData? {
        guard let block = try optional("person", \.object, "an object") else { return nil }
        return try PersonData(block)
    }

    /// A text that must be there.
    func text(_ member: String) throws -> String {
        try required(member, { $0.string.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 } }, FieldShape.text.rule)
    }

    /// A whole number that must be there.
    func integer(_ member: String) throws -> Int64 { try required(member, \.integer, "a whole number") }

    /// An instant in milliseconds; nil when there is none.
    func instant(_ member: String) throws -> Timestamp? {
        try optional(member, \.integer, FieldShape.instant.rule).map(Timestamp.init(milliseconds:))
    }

    /// An object that must be there.
    func fields(_ member: String) throws -> JSONObject { try required(member, \.object, "an object") }

    /// A member of a type; nil when it is not there, or null.
    func optional<Value>(_ member: String, _ read: (JSON) -> Value?, _ rule: Words) throws -> Value? {
        guard let json = object[member], !json.isNull else { return nil }
        guard let value = read(json) else { throw BadRequest.badMember(member, rule) }
        return value
    }

    private func required<Value>(_ member: String, _ read: (JSON) -> Value?, _ rule: Words) throws -> Value {
        guard let value = try optional(member, read, rule) else { throw BadRequest.missing(member) }
        return value
    }

    /// - Parameter limit: bytes that the body may have.
    static func object(_ request: Request, upTo limit: Int) async throws -> JSONObject {
        let buffer: ByteBuffer
        do { buffer = try await request.body.collect(upTo: limit) } catch is NIOTooManyBytesError {
            throw BadRequest.tooLong(limit: limit)
        }
        guard buffer.readableBytes > 0 else { throw BadRequest.noBody }
        do throws(DecodeError) { return try JSONReader.readObject(Array(buffer.readableBytesView)) } catch {
            throw BadRequest.noJSON(error.message)
        }
    }

    /// Who acts: three texts that are stored as they are, so none of them may name a person by a number.
    private static func actor(_ json: JSON?) throws -> Actor {
        guard let object = json?.object, let account = object["account"]?.string, let role = object["role"]?.string,
            let unit = object["unit"]?.string
        else { throw BadRequest.noActor }
        let known = ["account", "role", "unit"]
        if let stranger = object.members.first(where: { !known.contains($0.key) }) {
            throw BadRequest.unknownMember("actor.\(stranger.key)", known.map { "actor.\($0)" })
        }
        for (name, value) in [("account", account), ("role", role), ("unit", unit)]
        where PersonalNumbers.stand(in: value, field: name) { throw OpenNumber(field: "actor.\(name)") }
        return Actor(account: account, role: role, unit: unit, asserted: "node token")
    }

    /// Commits what is no ticket's command, and says where it stands.
    ///
    /// - Parameter seen: what the version of `If-Match` is of; nil for what is written.
    func perform(
        _ wish: NodeCommand.Wish, seen: StreamName? = nil, _ ports: ServerPorts
    ) async throws -> CommandReply {
        var command = NodeCommand(id: id, wish, actor: actor)
        command.expectedVersion = expectedVersion
        command.seen = seen
        return try await ports.submit(command, nil).get()
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
