import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting

/// A program at the API: as `Browser`, with the node's token.
struct Program: Sendable {
    let client: any TestClientProtocol
    var token: String? = ServedNode.token
    var account = "li"
    var role = "systemAdmin"
    var unit = "centre"
    var language: String?

    func get(_ path: String) async throws -> TestResponse {
        try await client.execute(uri: path, method: .get, headers: headers())
    }

    /// - Parameters:
    ///   - prefer: the request's `Prefer`.
    ///   - version: its `If-Match`.
    func post(
        _ path: String, _ members: JSONObject, key: String = UUID().uuidString, prefer: String? = nil,
        ifMatch version: String? = nil
    ) async throws -> TestResponse {
        var body = members
        body["actor"] = .object(["account": account.json, "role": role.json, "unit": unit.json])
        var fields = headers(key: key)
        fields[.ifMatch] = version
        if let prefer, let name = HTTPField.Name("Prefer") { fields[name] = prefer }
        return try await client.execute(
            uri: path, method: .post, headers: fields,
            body: ByteBuffer(bytes: JSON.object(body).canonicalBytes))
    }

    private func headers(key: String? = nil) -> HTTPFields {
        var fields = HTTPFields()
        fields[.authorization] = token.map { "Bearer \($0)" }
        fields[.acceptLanguage] = language
        if let key, let name = HTTPField.Name("Idempotency-Key") { fields[name] = key }
        return fields
    }
}

extension TestResponse {
    var json: JSONObject { (try? JSONReader.readObject(Array(body.readableBytesView))) ?? JSONObject() }
}

extension ServedNode {
    /// Drives the router as a program would.
    func called(_ body: @escaping @Sendable (Program) async throws -> Void) async throws {
        try await Application(router: router).test(.router) { try await body(Program(client: $0)) }
    }
}
