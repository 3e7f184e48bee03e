/// Small things that every measurement needs: times, percentiles, medians, a seeded generator, a work folder.

import Events
import Foundation
import Glibc

/// SplitMix64: the same seed gives the same work.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// `count` letters, as incompressible as letters are.
    mutating func letters(_ count: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 10)
        while bytes.count < count {
            var word = next()
            for _ in 0..<10 {
                bytes.append(letters[Int(word & 63)])
                word >>= 6
            }
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }
}

/// Things done a second.
func eventRate(_ count: Int, _ duration: Duration) -> Int { count * 1_000_000 / max(1, duration.microseconds) }

/// Processor time that this process has used, on all cores: what others do on the machine hardly moves it.
func processorTime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// Durations, and the value below which a share of them lies.
struct Times {
    private var microseconds: [Int] = []
    var count: Int { microseconds.count }

    mutating func add(_ duration: Duration) { microseconds.append(duration.microseconds) }

    mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { add(ContinuousClock.now - start) }
        return try body()
    }

    /// Microseconds below which `thousandths` of all lie; 0 without any.
    func percentile(_ thousandths: Int) -> Int {
        guard !microseconds.isEmpty else { return 0 }
        return microseconds.sorted()[(microseconds.count - 1) * thousandths / 1_000]
    }
}

extension Array where Element == Int {
    /// The middle one; 0 of none.
    var median: Int { isEmpty ? 0 : sorted()[count / 2] }
}

/// What all measurements share.
struct Bench {
    /// A folder on the disk that is measured; emptied at the end.
    let folder: String
    /// The built `tools/bench-raw/bench-raw.c`, and the log's schema that it uses.
    let raw: String
    let schema: String
    /// The built `gridline`.
    let gridline: String
    /// Fewer events and rounds: shows that all works, not how fast it is.
    let isQuick: Bool
    let isLong: Bool
    let tickets: Int
    let report: Report

    /// Rounds of each comparison, of which the median counts.
    var rounds: Int { isQuick ? 1 : 3 }

    func path(_ name: String) -> String { folder + "/" + name }

    /// Removes a database and its companions.
    func remove(_ name: String) throws {
        let companions = ["", "-wal", "-shm", ".lock", ".head", ".vault", ".vault.lock"]
        for suffix in companions where FileManager.default.fileExists(atPath: path(name) + suffix) {
            try FileManager.default.removeItem(atPath: path(name) + suffix)
        }
    }

    /// Starts gridline; what it says goes to the talk.
    func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: gridline)
        process.arguments = arguments
        process.standardOutput = FileHandle.standardError
        try process.run()
        return process
    }

    /// Runs gridline to its end; what it printed.
    func call(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: gridline)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchFailure("gridline \(arguments.joined(separator: " ")) exits \(process.terminationStatus)")
        }
        return String(decoding: printed, as: UTF8.self)
    }

    /// Bytes of a file.
    func size(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }
}

/// A measurement could not be made.
struct BenchFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
