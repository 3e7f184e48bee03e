/// Takes exported events into a log, as a peer would: each is checked against its own hash, what is there already is
/// counted as repeated, and another event under the same id goes into quarantine.

import Events
import Intake
import Log

enum EventImport {
    struct Counts {
        var taken = 0
        var repeated = 0
        /// Another event stands under the same id.
        var quarantined = 0
        var refused = 0
        /// Lines of events whose body the node that wrote the file had let go.
        var bodiesGone = 0
        /// The first of what was refused or quarantined.
        var problems: [Words] = []

        static let told = 20

        var json: JSONObject {
            [
                "bodiesGone": .integer(Int64(bodiesGone)), "quarantined": .integer(Int64(quarantined)),
                "refused": .integer(Int64(refused)),
                "repeated": .integer(Int64(repeated)), "taken": .integer(Int64(taken)),
            ]
        }

        mutating func take(_ outcome: IngestOutcome) {
            switch outcome {
            case .stored: taken += 1
            case .duplicate: repeated += 1
            // Here, but for the body that this node had let go.
            case .refilled: taken += 1
            case .fork(let id, let here, let offered, let isKept):
                if isKept { quarantined += 1 }
                refuse("\(id) is here as \(here), the file has \(offered)")
            case .broken(let id, let reason): refuse("\(id): \(reason)")
            case .gap(let id, let expected): refuse("\(id) comes before \(expected)")
            }
        }

        mutating func refuse(_ text: Words) {
            refused += 1
            if problems.count < Counts.told { problems.append(text) }
        }
    }

    /// Events stored in one transaction.
    private static let batch = 1_000
    /// Bytes of a line: an event's parts at their limits, sealed data in hexadecimal.
    private static let longestLine = 512 * 1_024

    /// - Parameter progress: called with bytes read and the file's length after each batch.
    /// - Throws: `CommandProblem` naming the line that is no event; what came before it stays. `ImportError`, `LogFailure`.
    static func run(
        file: String, into log: SQLiteLog, clock: any WallClock, progress: (Int, Int) -> Void
    ) throws -> Counts {
        let source = try ByteSource(path: file)
        var counts = Counts()
        var events: [Event] = []
        var line: [UInt8] = []
        var number = 0
        func store() throws {
            guard !events.isEmpty else { return }
            let outcomes = try log.write { try $0.ingest(events, dense: false, receivedAt: clock.now()) }
            for outcome in outcomes { counts.take(outcome) }
            events = []
            progress(source.bytesRead, source.length)
        }
        func endLine() throws {
            number += 1
            defer { line.removeAll(keepingCapacity: true) }
            guard !line.isEmpty else { return }
            do throws(DecodeError) {
                switch try EventLine(line) {
                case .event(let event): events.append(event)
                case .bodyGone: counts.bodiesGone += 1
                }
            } catch {
                try store()
                throw CommandProblem(
                    message: "line \(number) of \(file) is no event: \(error.message)",
                    hint: "the lines before it are in the log; export the file again and repeat, nothing comes in twice"
                )
            }
            if events.count >= batch { try store() }
        }
        while let chunk = try source.next() {
            var start = chunk.startIndex
            while let end = chunk[start...].firstIndex(of: 0x0A) {
                line += chunk[start..<end]
                try endLine()
                start = end + 1
            }
            line += chunk[start...]
            guard line.count <= longestLine else {
                throw CommandProblem(
                    message: "line \(number + 1) of \(file) is longer than \(longestLine) bytes",
                    hint: "is it a file of `gridline export --events`?")
            }
        }
        try endLine()
        try store()
        return counts
    }
}
