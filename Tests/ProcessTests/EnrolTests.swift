import Foundation
import Testing

@testable import gridline

/// A street's way in, by the commands for it, at a centre that runs.
@Suite("Folders that the centre lets in, or not") struct EnrolTests {
    @Test(
        "a folder made for an invitation that a later one replaced is not served, until the centre lets it in with that one"
    )
    func refused() async throws {
        let town = try await Town(streets: 1)
        let path = town.folder.path + "/late"
        func invite() async throws -> String {
            try await town.gridline("nodes", "invite", town.centre.folder, "--node", "late", "--area", "320507009")
        }
        let replaced = try await invite()
        let invitation = try await invite()
        let refusal = await #expect(throws: ProcessProblem.self) {
            try await town.gridline("enroll", path, "--with", replaced)
        }
        #expect(refusal?.description.contains("GL-5018") == true)
        // First, since a folder that is served is served without end.
        _ = try #require(throws: CommandProblem.self) { try NodeFolder(path: path).checkEnrolled() }
        let problem = await #expect(throws: ProcessProblem.self) {
            try await town.gridline("serve", path, "--http", "127.0.0.1:0")
        }
        #expect(problem?.description.contains("gridline enroll \(path) --with") == true)
        try await town.gridline("enroll", path, "--with", invitation)
        try NodeFolder(path: path).checkEnrolled()
    }
}
