import Events
import Foundation
import Glibc
import Synchronization
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

    @Test("what is taken piece by piece is written to the last byte")
    func pieces() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        // Such a pipe takes what fits, as a disk does that is nearly full, and then nothing until somebody reads.
        try #require(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let read = DispatchGroup()
        let heard = Mutex(Data())
        DispatchQueue.global().async(group: read) {
            let data = FileHandle(fileDescriptor: reading, closeOnDealloc: true).readDataToEndOfFile()
            heard.withLock { $0 = data }
        }
        try Sink(descriptor: writing).write(bytes)
        close(writing)
        read.wait()
        let whole = heard.withLock { $0 }
        #expect(whole.count == bytes.count)
        // Not as two collections, whose difference a failure would search for minutes.
        let isSame = whole == Data(bytes)
        #expect(isSame)
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
