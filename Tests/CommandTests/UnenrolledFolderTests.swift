import ArgumentParser
import Events
import Foundation
import Testing

@testable import gridline

/// A folder that `gridline enroll` made, and that no centre let in.
@Suite("A folder that was not let in") struct UnenrolledFolderTests {
    @Test("is not served, says what to do, and is served once the centre has let it in", .timeLimit(.minutes(1)))
    func served() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let folder = try NodeFolder.create(
            at: path, configuration: Configuration(node: NodeID("street1"), role: .street, area: ""))
        try folder.checkEnrolled()
        try folder.noteUnenrolled()
        let problem = await #expect(throws: CommandProblem.self) { try await Serve.parse([path]).run() }
        #expect(problem?.message.description.contains("street1") == true)
        #expect(problem?.hint.description.contains("gridline enroll \(path) --with") == true)
        try folder.noteEnrolled()
        try folder.checkEnrolled()
        try folder.noteEnrolled()
    }
}
