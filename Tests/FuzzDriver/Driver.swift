// `tools/fuzz` builds and runs this: libFuzzer over one target.
//
//     gridline-fuzz TARGET [libFuzzer's words]    fuzzes
//     gridline-fuzz --list                        the targets
//     gridline-fuzz --seeds FOLDER                writes each target's first inputs, a folder for each
//     gridline-fuzz --usage TARGET FILE...        what each input makes it allocate

import CFuzzer
import Foundation
import FuzzTargets

@main enum Driver {
    // SAFETY: set before libFuzzer begins, which calls back on the same thread.
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        switch words.first {
        case "--list": for target in FuzzTarget.all { print(target.name) }
        case "--seeds": try writeSeeds(to: words.dropFirst().first ?? "Tests/Corpus")
        case "--usage": try show(named(words.dropFirst().first), Array(words.dropFirst(2)))
        case let name: exit(try fuzz(named(name), Array(words.dropFirst())))
        }
    }

    private static func named(_ name: String?) throws -> FuzzTarget {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            FileHandle.standardError.write(Data("no target \"\(name ?? "")\"; --list names them\n".utf8))
            exit(2)
        }
        return target
    }

    private static func writeSeeds(to folder: String) throws {
        for target in FuzzTarget.all {
            let place = URL(fileURLWithPath: folder).appendingPathComponent(target.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (name, bytes) in try target.seeds() { try Data(bytes).write(to: place.appendingPathComponent(name)) }
        }
    }

    private static func show(_ target: FuzzTarget, _ files: [String]) throws {
        gl_count_allocations()
        for file in files {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            gl_begin_input()
            try target.check(bytes)
            print("\(bytes.count) bytes: \(gl_most_allocated()) allocated")
        }
    }

    private static func fuzz(_ target: FuzzTarget, _ words: [String]) throws -> Int32 {
        unsafe Driver.target = target
        gl_count_allocations()
        let all = ["gridline-fuzz", "-max_len=\(target.longest)"] + words
        var arguments = unsafe all.map { unsafe strdup($0) } + [nil]
        var count = unsafe Int32(arguments.count - 1)
        return unsafe arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe LLVMFuzzerRunDriver(&count, &start) { data, size in
                unsafe Driver.run(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
    }

    /// A trap is what libFuzzer keeps an input for.
    private static func run(_ bytes: [UInt8]) {
        guard let target = unsafe target else { return }
        gl_begin_input()
        do { try target.check(bytes) } catch { fatalError("\(target.name): \(error)") }
        let limit = target.free + bytes.count * target.bytesPerByte
        let most = gl_most_allocated()
        guard most <= limit else {
            fatalError("\(target.name): \(most) bytes allocated for an input of \(bytes.count); the limit is \(limit)")
        }
    }
}
