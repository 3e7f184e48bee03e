// What is fuzzed: each function that reads bytes of the network, of the disk or of a file, with what must hold for
// whatever it reads. `tools/fuzz` drives these by libFuzzer (docs/decisions/0021-libfuzzer.md); `FuzzTests` runs them
// over the kept corpus (Tests/Corpus) with every `swift test`.

/// One reader and what must hold for it.
package struct FuzzTarget: Sendable {
    /// Of the target and of its folder in the corpus.
    package let name: String
    /// Inputs that a whole run tries: more than 10 million of all targets, in about 20 minutes; most where each takes least.
    package let inputs: Int
    /// Bytes of the longest input that is tried.
    package let longest: Int
    /// Bytes that may be allocated at any one time, for each byte of an input.
    ///
    /// Beside them 1 MiB is free for all: what a target needs before it reads.
    package let bytesPerByte: Int
    /// Reads an input: refuses it or keeps its promises, and never traps.
    package let check: @Sendable ([UInt8]) throws -> Void
    /// Inputs to begin with, each with a name for its file.
    package let seeds: @Sendable () throws -> [(name: String, bytes: [UInt8])]

    package static let all: [FuzzTarget] = [
        FuzzTarget(
            name: "frame", inputs: 1_500_000, longest: 66_000, bytesPerByte: 64, check: frame, seeds: Seeds.frames),
        FuzzTarget(
            name: "event", inputs: 1_500_000, longest: 66_000, bytesPerByte: 32, check: event, seeds: Seeds.events),
        FuzzTarget(name: "json", inputs: 1_500_000, longest: 16_384, bytesPerByte: 128, check: json, seeds: Seeds.json),
        FuzzTarget(
            name: "line", inputs: 1_500_000, longest: 16_384, bytesPerByte: 128, check: line, seeds: Seeds.lines),
        FuzzTarget(
            name: "sealed", inputs: 1_500_000, longest: 16_384, bytesPerByte: 128, check: sealed, seeds: Seeds.sealed),
        FuzzTarget(name: "name", inputs: 1_500_000, longest: 512, bytesPerByte: 32, check: name, seeds: Seeds.names),
        FuzzTarget(name: "csv", inputs: 350_000, longest: 8_192, bytesPerByte: 256, check: csv, seeds: Seeds.csv),
        FuzzTarget(
            name: "jsonlines", inputs: 350_000, longest: 8_192, bytesPerByte: 256, check: jsonLines,
            seeds: Seeds.jsonLines),
        FuzzTarget(name: "hub", inputs: 350_000, longest: 8_192, bytesPerByte: 256, check: hub, seeds: Seeds.toHub),
        FuzzTarget(
            name: "street", inputs: 350_000, longest: 8_192, bytesPerByte: 256, check: street, seeds: Seeds.toStreet),
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
