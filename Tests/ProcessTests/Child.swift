/// Programs that a test runs as processes of their own: started by path, stopped by process id.

import Foundation
import Synchronization

/// Where the programs are.
enum Programs {
    /// The `gridline` that was built with these tests: it lies beside their bundle.
    static var gridline: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("gridline")
    }

    static var proxy: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("tools/chaos-proxy")
    }
}

/// What a test waited for in vain, or a program that did not do what it was started for.
struct ProcessProblem: Error, CustomStringConvertible {
    let description: String
}

/// One process; killed at the latest when nobody holds it.
///
/// What it says on stderr is kept.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private var said = ""
    private static let saidLimit = 64 << 10

    init(_ program: URL, _ arguments: [String]) throws {
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["GRIDLINE_LANG": "en"]) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    deinit { end(with: SIGKILL) }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// The last that it said on stderr.
    var talk: String {
        _ = hear(milliseconds: 0)
        return said
    }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: its exit status, or the number of the signal that ended it.
    @discardableResult
    func end(with signal: Int32) -> Int32 {
        if process.isRunning { kill(id, signal) }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Writes a line to its stdin and reads one of its stdout.
    func ask(_ line: String? = nil) throws -> String {
        if let line { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }
        var answer = Data()
        while true {
            guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
                throw ProcessProblem(description: "\(process.executableURL?.path ?? "") ended: \(talk)")
            }
            if byte == Data("\n".utf8) { return String(decoding: answer, as: UTF8.self) }
            answer += byte
        }
    }

    /// Reads what it says, for at most so long: returns at once when it says something.
    ///
    /// - Returns: false when it has closed its stderr: it has ended.
    private func hear(milliseconds: Int32) -> Bool {
        let descriptor = errors.fileHandleForReading.fileDescriptor
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wanted, 1, milliseconds) > 0 else { return true }
        let bytes = errors.fileHandleForReading.availableData
        said = String((said + String(decoding: bytes, as: UTF8.self)).suffix(Child.saidLimit))
        return !bytes.isEmpty
    }

    /// Waits until it says something, 25 milliseconds at most, off the threads that tests share.
    ///
    /// - Throws: when it has ended.
    func listen() async throws {
        let descriptor = errors.fileHandleForReading.fileDescriptor
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&wanted, 1, 25)
                done.resume()
            }
        }
        guard hear(milliseconds: 0) else {
            throw ProcessProblem(description: "process \(id) ended by itself; it said: \(said)")
        }
    }

    /// Runs a program to its end.
    ///
    /// - Returns: what it printed.
    static func output(of program: URL, _ arguments: [String]) async throws -> String {
        let child = try Child(program, arguments)
        let output = child.output.fileHandleForReading.fileDescriptor
        let printed = await withCheckedContinuation { (done: CheckedContinuation<Data, Never>) in
            DispatchQueue.global().async {
                done.resume(
                    returning: FileHandle(fileDescriptor: output, closeOnDealloc: false).readDataToEndOfFile())
            }
        }
        child.process.waitUntilExit()
        guard child.process.terminationStatus == 0 else {
            throw ProcessProblem(
                description: "\(program.lastPathComponent) \(arguments.joined(separator: " ")) exits "
                    + "\(child.process.terminationStatus): \(String(decoding: printed, as: UTF8.self))\(child.talk)")
        }
        return String(decoding: printed, as: UTF8.self)
    }
}
