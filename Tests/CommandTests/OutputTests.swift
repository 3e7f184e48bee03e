import Events
import Foundation
import Glibc
import Testing

@testable import gridline

@Suite("What cannot be written") struct OutputTests {
    @Test("a full disk is an error with the system's words, and no crash")
    func full() throws {
        let full = unsafe open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let failure = #expect(throws: OutputFailure.self) { try Sink(descriptor: full).write([0x41]) }
        #expect(failure == .failed(ENOSPC))
        #expect(failure?.message.description.hasPrefix("the output cannot be written: No space left") == true)
    }

    @Test("a pipe that nobody reads any more is told apart, since it is nobody's error")
    func closedPipe() throws {
        // As the executable does first of all.
        _ = signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        try Sink(descriptor: ends[1]).write([0x41])
        close(ends[0])
        #expect(throws: OutputFailure.closed) { try Sink(descriptor: ends[1]).write([0x41]) }
        close(ends[1])
    }

    @Test("a key file is there whole, for its owner alone, and nothing else is left; what was there before is replaced")
    func wholeFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record(error) } }
        let path = folder + "/token"
        try Data("left over".utf8).write(to: URL(fileURLWithPath: path + ".partial"))
        for text in ["one", "two"] {
            try WholeFile.write(Array(text.utf8), to: path)
            #expect(FileManager.default.contents(atPath: path) == Data(text.utf8))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["token"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: CommandProblem.self) { try WholeFile.write([1], to: folder + "/none/token") }
    }
}
