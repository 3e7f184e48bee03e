import Events
import Foundation
import Hummingbird
import HummingbirdTesting
import Server
import Testing

@testable import gridline

/// What a shell hears of a node that it names by URL, over a real connection.
@Suite("A shell at a node's URL") struct ShellAtNodeTests {
    /// A client at a served node.
    private func atNode(
        _ body:
            @escaping @Sendable (_ client: (String?, TokenProblem.Source) -> NodeClient, _ token: String)
            async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let node = try ServingNode(at: path)
        let token = try node.folder.token()
        try await Application(router: API.router(node.ports)).test(.live) { client in
            let url = "http://localhost:\(try #require(client.port))"
            try await body({ NodeClient(url: url, token: $0, tokenSource: $1) }, token)
        }
        try node.stop()
    }

    @Test("the node's zone comes from the node")
    func zone() async throws {
        try await atNode { client, token in
            let text = try await client(token, .environment).answerText()
            #expect(text.offsetMinutes == 480)
        }
    }

    @Test(
        "without a token, and with a wrong one, it is told where a shell's token stands", arguments: [nil, "wrong"])
    func token(token: String?) async throws {
        try await atNode { client, _ in
            let problem = try await #require(throws: TokenProblem.self) {
                _ = try await client(token, .environment).answerText()
            }
            #expect(problem.code == "GL-6022" && Main.status(of: problem) == 1)
            let isUnset = problem.message.description.hasSuffix("GRIDLINE_TOKEN is not set")
            #expect(isUnset == (token == nil))
            #expect(problem.hint.description.contains("GRIDLINE_TOKEN=$(cat FOLDER/keys/token)"))
            #expect(!problem.hint.description.contains("Bearer"))
            // Of a folder whose token was changed since.
            let ofFolder = try await #require(throws: TokenProblem.self) {
                _ = try await client("wrong", .file("centre/keys/token")).answerText()
            }
            #expect(ofFolder.message.description.hasSuffix("does not take the token in centre/keys/token"))
        }
    }
}
