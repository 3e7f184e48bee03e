/// The reference: raw SQLite and the disk itself, measured by `bench-raw` in a process of its own.

import Events
import Foundation

struct RawReference {
    let bench: Bench

    /// fdatasync of one WAL frame that extends a file.
    struct Sync {
        var p50, p99: Int
    }

    /// Raw appends, `group` a transaction.
    struct Append {
        var rate, transactionP99, bytesPerEvent: Int
    }

    func sync() throws -> Sync {
        let lines = try run(["--folder", bench.folder, "--only", "sync"])
        let line = try find(lines, "fdatasync")
        return Sync(p50: try number(line, "fdatasync_p50_us"), p99: try number(line, "fdatasync_p99_us"))
    }

    func append(events: Int, body: Int, group: Int) throws -> Append {
        let lines = try run([
            "--schema", bench.schema, "--folder", bench.folder, "--only", "append", "--events", String(events),
            "--body", String(body), "--group", String(group),
        ])
        let line = try find(lines, "raw-append")
        return Append(
            rate: try number(line, "events_per_second"), transactionP99: try number(line, "transaction_p99_us"),
            bytesPerEvent: try number(line, "file_bytes_per_event"))
    }

    /// Events a second of a plain `SELECT *` over a log, in order of position and stream by stream.
    func scan(_ log: String) throws -> (byPosition: Int, byStream: Int) {
        let lines = try run(["--scan", log])
        return (
            try number(find(lines, "raw-scan"), "events_per_second"),
            try number(find(lines, "raw-scan-by-stream"), "events_per_second")
        )
    }

    private func find(_ lines: [JSONObject], _ name: String) throws -> JSONObject {
        guard let line = lines.first(where: { $0["bench"]?.string == name }) else {
            throw BenchFailure("bench-raw printed no \(name)")
        }
        return line
    }

    private func number(_ line: JSONObject, _ key: String) throws -> Int {
        guard let value = line[key]?.string.flatMap(Int.init) else { throw BenchFailure("bench-raw printed no \(key)") }
        return value
    }

    private func run(_ arguments: [String]) throws -> [JSONObject] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: bench.raw)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchFailure("\(bench.raw) \(arguments.joined(separator: " ")) exits \(process.terminationStatus)")
        }
        return try text.split(separator: 0x0A).compactMap { line in
            try JSONReader.read(Array(line), numbers: .text).object
        }
    }
}
