// What is fuzzed: each function that reads bytes of the network, of the disk or of a file, with what must hold for
// whatever it reads. `tools/fuzz` drives these by libFuzzer (docs/decisions/0022-libfuzzer.md); `FuzzTests` runs them
// over the kept corpus (Tests/Corpus) with every `swift test`.

/// One reader and what must hold for it.
package struct FuzzTarget: Sendable {
    /// Of the target and of its folder in the corpus.
    package let name: String
    /// Bytes of the longest input that is tried.
    package let longest: Int
    /// Bytes that may be allocated at any one time, for each byte of an input.
    package let bytesPerByte: Int
    /// Bytes that are free beside them: what a target needs before it reads, and what packed bodies unpack to.
    package var free = 1 << 20
    /// Reads an input: refuses it or keeps its promises, and never traps.
    package let check: @Sendable ([UInt8]) throws -> Void
    /// Inputs to begin with, each with a name for its file.
    package let seeds: @Sendable () throws -> [(name: String, bytes: [UInt8])]

    package static let all: [FuzzTarget] = [
        FuzzTarget(name: "frame", longest: 66_000, bytesPerByte: 64, free: 6 << 20, check: frame, seeds: Seeds.frames),
        FuzzTarget(name: "event", longest: 66_000, bytesPerByte: 32, check: event, seeds: Seeds.events),
        FuzzTarget(name: "json", longest: 16_384, bytesPerByte: 128, check: json, seeds: Seeds.json),
        FuzzTarget(name: "line", longest: 16_384, bytesPerByte: 128, check: line, seeds: Seeds.lines),
        FuzzTarget(name: "sealed", longest: 16_384, bytesPerByte: 128, check: sealed, seeds: Seeds.sealed),
        FuzzTarget(name: "name", longest: 512, bytesPerByte: 32, check: name, seeds: Seeds.names),
        FuzzTarget(name: "csv", longest: 8_192, bytesPerByte: 256, check: csv, seeds: Seeds.csv),
        FuzzTarget(name: "jsonlines", longest: 8_192, bytesPerByte: 256, check: jsonLines, seeds: Seeds.jsonLines),
        FuzzTarget(name: "hub", longest: 8_192, bytesPerByte: 256, free: 12 << 20, check: hub, seeds: Seeds.toHub),
        FuzzTarget(
            name: "street", longest: 8_192, bytesPerByte: 256, free: 12 << 20, check: street, seeds: Seeds.toStreet),
    ]
}

/// A promise that an input breaks.
package struct Broken: Error, CustomStringConvertible {
    package let description: String

    /// - Throws: itself unless `holds`.
    static func unless(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
        if !holds { throw Broken(description: promise()) }
    }
}

/// What a reader makes of an input; nil when it refuses it, which is its right.
func read<Value>(_ body: () throws -> Value) -> Value? {
    do { return try body() } catch { return nil }
}
