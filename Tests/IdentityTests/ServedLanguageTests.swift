import Events
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Runtime
import Server
import Testing

@testable import gridline

@Suite("What a served node says") struct ServedLanguageTests {
    private struct DiskFull: Error, CustomStringConvertible {
        let description = "disk full"
    }

    @Test("an alarm of the node is said in the language of who asks", arguments: ["zh-CN", "en"])
    func alarms(language: String) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let node = try ServingNode(at: path)
        node.status.alarm(.alarm("views stand still", DiskFull()))
        let token = try node.folder.token()
        try await Application(router: API.router(node.ports)).test(.router) { client in
            let fields: HTTPFields = [.authorization: "Bearer \(token)", .acceptLanguage: language]
            let answer = try await client.execute(uri: "/api/v1/status", method: .get, headers: fields)
            let status = try JSONReader.readObject(Array(answer.body.readableBytesView))
            let alarm = language == "en" ? "views stand still: disk full" : "视图停止更新：disk full"
            #expect(status["alarms"]?.array == [.string(alarm)])
        }
        try node.stop()
    }
}
