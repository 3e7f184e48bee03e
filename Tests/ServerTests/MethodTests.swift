import Events
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Server

@Suite("Methods and credentials") struct MethodTests {
    private func ask(
        _ program: Program, _ method: HTTPRequest.Method, _ path: String, authorization: String? = nil,
        accept: String? = nil
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        headers[.authorization] = authorization
        headers[.accept] = accept
        return try await program.client.execute(uri: path, method: method, headers: headers)
    }

    private func methods(_ answer: TestResponse) -> [String] {
        (answer.headers[.allow] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
    }

    @Test(
        "a path says which methods it takes, to OPTIONS and to one that it does not take",
        arguments: [
            ("/healthz", ["GET", "HEAD", "OPTIONS"]), ("/api/v1/tickets", ["GET", "HEAD", "OPTIONS", "POST"]),
            ("/api/v1/tickets/x", ["GET", "HEAD", "OPTIONS"]), ("/api/v1/tickets/x/signed", ["OPTIONS", "POST"]),
            ("/api/v1/tickets/x/reveal", ["OPTIONS", "POST"]), ("/login", ["GET", "HEAD", "OPTIONS", "POST"]),
        ])
    func allowed(path: String, expected: [String]) async throws {
        try await ServedNode().called { program in
            let options = try await ask(program, .options, path)
            #expect(options.status == .noContent && methods(options) == expected)
            for method in [HTTPRequest.Method.put, .delete, .patch, .get, .head, .post]
            where !expected.contains(method.rawValue) {
                let answer = try await ask(program, method, path)
                #expect(answer.status == .methodNotAllowed && methods(answer) == expected, "\(method) \(path)")
                #expect(answer.headers[.contentType] == "application/problem+json", "\(method) \(path)")
                #expect(answer.text.isEmpty == (method == .head), "\(method) \(path)")
            }
            let page = try await ask(program, .delete, "/login", accept: "text/html")
            #expect(page.status == .methodNotAllowed && page.headers[.contentType]?.hasPrefix("text/html") == true)
            for method in [HTTPRequest.Method.get, .put, .options] {
                #expect(try await ask(program, method, "/nope").status == .notFound)
            }
        }
    }

    @Test("HEAD answers as GET does, without a body, and keeps no live stream open")
    func head() async throws {
        let node = try ServedNode()
        let ticket = try node.dispatched()
        try await node.called { program in
            let bearer = "Bearer \(ServedNode.token)"
            for path in ["/healthz", "/api/v1/tickets/\(ticket.key)", "/api/v1/nothing", "/api/v1/tickets?limit=0"] {
                let get = try await ask(program, .get, path, authorization: bearer)
                let head = try await ask(program, .head, path, authorization: bearer)
                #expect(head.status == get.status && head.text.isEmpty, "\(path)")
                for name in [HTTPField.Name.eTag, .contentType, .contentLength] {
                    #expect(head.headers[name] == get.headers[name], "\(name) of \(path)")
                }
            }
            #expect(try await ask(program, .head, "/api/v1/tickets").status == .unauthorized)
            for _ in 0...CommitSignal.limit {
                #expect(try await ask(program, .head, "/api/v1/stream", authorization: bearer).status == .ok)
            }
            #expect(node.ports.commits.listen() != nil)
        }
    }

    @Test("the scheme's case is free, the token's is not, and who has none is told which scheme")
    func scheme() async throws {
        try await ServedNode().called { program in
            for scheme in ["Bearer", "bearer", "BEARER"] {
                let answer = try await ask(
                    program, .get, "/api/v1/status", authorization: "\(scheme) \(ServedNode.token)")
                #expect(answer.status == .ok, "\(scheme)")
            }
            for wrong in ["Basic \(ServedNode.token)", "Bearer \(ServedNode.token.uppercased())", "Bearer", ""] {
                let answer = try await ask(program, .get, "/api/v1/status", authorization: wrong)
                #expect(answer.status == .unauthorized && answer.headers[.wwwAuthenticate] == "Bearer", "\(wrong)")
            }
        }
    }
}
