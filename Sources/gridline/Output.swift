/// What goes to stdout and stderr, to the last byte or not in silence.

import Events
import Foundation
import Glibc
import Privacy
import Texts

/// A file that is written to by its descriptor.
struct Sink {
    let descriptor: Int32

    /// Writes all of it.
    ///
    /// - Throws: `OutputFailure`; what was written before stays.
    func write(_ bytes: [UInt8]) throws(OutputFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                switch errno {
                case EINTR: continue
                case EAGAIN:
                    // A terminal that another program made non-blocking: wait until it takes more.
                    var ready = pollfd(descriptor: descriptor)
                    _ = unsafe poll(&ready, 1, -1)
                    continue
                case EPIPE: throw .closed
                case let number: throw .failed(number)
                }
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension pollfd {
    fileprivate init(descriptor: Int32) { self.init(fd: descriptor, events: Int16(POLLOUT), revents: 0) }
}

/// What was to be said could not be.
enum OutputFailure: Problem, Equatable {
    /// Nobody reads any more, as behind `| head`: no error of anybody.
    case closed
    case failed(Int32)

    var code: String { "GL-6030" }
    var message: Words {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed: "the output cannot be written: \(reason)"
        }
    }
    /// What the system says.
    var reason: String {
        let number = if case .failed(let number) = self { number } else { EPIPE }
        return unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
    var hint: Words { "free space on the disk, or write to another place" }
}

/// Talk: what is said to the person, on stderr.
enum Talk {
    /// The shell's language, looked up once.
    static let language = Language(environment: ProcessInfo.processInfo.environment)

    static func line(_ words: Words) { plain(language.text(words)) }

    /// What has its language already.
    static func plain(_ text: String) {
        do { try Sink(descriptor: STDERR_FILENO).write(Array((text + "\n").utf8)) } catch {
            // Nobody is left to be told.
        }
    }

    static func problem(_ problem: any Problem) { for words in told(of: problem) { line(words) } }

    /// What was wrong and what to do, without the numbers of persons that a command line had.
    static func told(of problem: any Problem) -> [Words] {
        let wrong: Words = "Error: \(problem.message.withoutNumbers) [\(problem.code)]"
        let next: Words = "Try: \(problem.hint.withoutNumbers)"
        return [wrong, next]
    }
}

/// Data, on stdout: lines for people in their language, and what a program reads, which knows none.
///
/// Output that cannot be written ends the process with 1: what is cut off in silence is taken for the whole.
enum Output {
    static func text(_ words: Words) { plain(Talk.language.text(words)) }
    /// What has its language already.
    static func plain(_ text: String) { line(Array(text.utf8)) }
    static func line(_ bytes: [UInt8]) { put(bytes + [0x0A]) }
    static func json(_ object: JSONObject) { line(JSON.object(object).canonicalBytes) }

    static func put(_ bytes: [UInt8]) {
        do throws(OutputFailure) { try Sink(descriptor: STDOUT_FILENO).write(bytes) } catch {
            if error != .closed { Talk.line("Error: \(error.message) [\(error.code)]") }
            exit(1)
        }
    }
}
