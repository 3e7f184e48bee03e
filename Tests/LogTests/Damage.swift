/// Copies of a small log as it stands after a crash, damaged from a seed, and everything that any read answers.

import Events
import Foundation
import PowerLossSupport
import Testing

@testable import Log

/// The bytes of a log's files at one moment: no other process has them open, the writer has just died.
struct CrashImage {
    var database: [UInt8]
    var wal: [UInt8]
    var note: [UInt8]

    static let name = "log.sqlite"

    init(of path: String) throws {
        func bytes(_ suffix: String) throws -> [UInt8] {
            guard FileManager.default.fileExists(atPath: path + suffix) else { return [] }
            return Array(try Data(contentsOf: URL(fileURLWithPath: path + suffix)))
        }
        database = try bytes("")
        wal = try bytes("-wal")
        note = try bytes(".head")
    }

    /// Where frame `number`, from 1, begins in the WAL.
    static func start(ofFrame number: Int) -> Int { 32 + (number - 1) * (24 + Schema.pageSize) }

    /// The frames that end a transaction, of the WAL's present round alone.
    var commitFrames: [Int] {
        let frames = (wal.count - 32) / (24 + Schema.pageSize)
        return (1...max(1, frames)).filter { number in
            let start = CrashImage.start(ofFrame: number)
            guard start + 24 <= wal.count else { return false }
            return wal[start + 8..<start + 16] == wal[16..<24] && wal[start + 4..<start + 8].contains { $0 != 0 }
        }
    }

    /// Puts the files into a folder, in place of what was there, and returns the database's path.
    func write(into folder: String) throws -> String {
        let path = "\(folder)/\(CrashImage.name)"
        for (suffix, bytes) in [("", database), ("-wal", wal), (".head", note), ("-shm", [])] {
            if FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.removeItem(atPath: path + suffix)
            }
            if !bytes.isEmpty { try Data(bytes).write(to: URL(fileURLWithPath: path + suffix)) }
        }
        return path
    }

    /// A log with every kind of row: feeds with joins and leaves, foreign events, a fork in quarantine, commands that
    /// yielded nothing, rows of another node's feeds, some of them put aside; part of it copied into the database file, part of it in the WAL alone.
    ///
    /// - Parameters:
    ///   - copied: after how many commands the WAL is copied into the database file.
    ///   - emptyWAL: whether it is then emptied too; else its old frames stay behind the new ones.
    static func record(events: Int, copied: Int, seed: UInt64, emptyWAL: Bool = false) throws -> CrashImage {
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + name
        let log = try SQLiteLog(
            path: path, node: NodeID("centre"), incarnation: Incarnation(seed), audience: FixtureAudience())
        var random = SplitMix64(seed: seed)
        var written = 0
        var isCopied = false
        while written < events {
            let count = Int.random(in: 1...7, using: &random)
            try log.write { transaction in
                for offset in 0..<count { try append(written + offset, transaction, log.reader, &random) }
            }
            written += count
            if !isCopied, written >= copied {
                isCopied = true
                try log.copyWAL(emptied: emptyWAL)
            }
        }
        return try CrashImage(of: path)
    }

    private static func append(
        _ number: Int, _ transaction: any LogTransaction, _ reader: any EventReader, _ random: inout SplitMix64
    ) throws {
        let now = Timestamp(milliseconds: Int64(10_000 + number * 7))
        switch number % 23 {
        case 5:
            _ = try transaction.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "empty", String(number)), actor: Actor(system: "test", rule: "1"),
                    now: now, drafts: []))
        case 11:
            let event = try foreign(number, body: "{\"n\":\(number)}")
            _ = try transaction.ingest([event], dense: false, receivedAt: now)
            if number % 2 == 0 {
                let forged = try foreign(number, body: "{\"n\":0}")
                _ = try transaction.ingest([forged], dense: false, receivedAt: now)
            }
        case 17:
            let feed = number % 2 == 0 ? FeedName.common : .node(try NodeID("centre"))
            let before = try reader.cursor(of: feed) ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
            let here = try reader.page(.all, .backward, from: .max, limit: 1).first
            let contents: [ReceivedRow.Content] = [
                .join(history: 2), .leave, .event(Digest.sha256([UInt8(clamping: number)]), position: nil),
                here.map { .event($0.event.hash, position: $0.position) } ?? .leave,
            ]
            var rows: [ReceivedRow] = []
            for content in contents {
                let stream = try here.map(\.event.stream) ?? StreamName("ticket/0")
                var row = ReceivedRow(
                    fseq: (rows.last?.fseq ?? before.fseq) + 1, stream: stream, content: content, common: 3,
                    chain: .zero)
                row.chain = row.chain(after: rows.last?.chain ?? before.chain)
                rows.append(row)
            }
            try transaction.keep(rows, of: feed)
            if number % 46 == 17 { _ = try transaction.rewind(feed, to: rows[1].cursor, now: now) }
        case _:
            let round = number / 40
            let type =
                number % 40 % 2 == 0
                ? (round == 1 ? "ticket.moved" : round == 4 ? "ticket.gone" : "ticket.noted") : "ticket.noted"
            let draft = Draft(
                stream: try StreamName(number % 31 == 0 ? "rule/limits" : "ticket/\(number % 40)"),
                type: EventType(type),
                body: ["text": .string(String(repeating: "占道经营 ", count: Int.random(in: 1...40, using: &random)))],
                occurredAt: Timestamp(milliseconds: Int64(number * 13 % 997)),
                correlation: number % 9 == 0 ? try StreamName("ticket/\(number % 5)") : nil,
                sealed: number % 19 == 0 ? random.bytes(200) : nil)
            _ = try transaction.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "image", String(number)),
                    actor: Actor(account: number % 3 == 0 ? "li" : "wang", role: "agent", unit: "centre"), now: now,
                    drafts: [draft]))
        }
    }

    private static func foreign(_ number: Int, body: String) throws -> Event {
        Event(
            id: EventID(
                origin: Origin(node: try NodeID("street1"), incarnation: Incarnation(7)), sequence: Int64(number)),
            hlc: HybridTime(rawValue: Int64(70_000 + number)), stream: try StreamName("ticket/\(number % 40)"),
            type: EventType("ticket.signed"), basis: .empty,
            actor: Actor(account: "zhao", role: "clerk", unit: "320507001"),
            occurredAt: Timestamp(milliseconds: Int64(number)), recordedAt: Timestamp(milliseconds: Int64(number + 1)),
            command: CommandID(derivedFrom: "foreign", String(number)), index: 0, causation: nil, correlation: nil,
            body: Array(body.utf8), sealed: nil, previous: .zero
        ).chained(to: .zero)
    }
}

/// Everything that reads answer, as one digest.
struct Answers: Equatable {
    private let text: String

    /// Asks every question of `EventReader` and `StreamScanner` about what `untouched` holds.
    static func read(_ path: String, questions: Questions) -> Answers {
        do {
            return Answers(text: try ask(SQLiteReader(path: path), questions))
        } catch {
            return Answers(text: "refused: \(error)")
        }
    }

    /// What there is to ask, noted from the untouched log.
    struct Questions {
        var streams: [StreamName] = []
        var commands: [CommandID] = []
        var ids: [EventID] = []
        var feeds: [FeedName] = []
        var types: [String] = []

        init(of path: String) throws {
            let reader = try SQLiteReader(path: path)
            let all = try reader.page(.all, .forward, from: 0, limit: 10_000)
            streams = Array(Set(all.map(\.event.stream))).sorted { $0.text < $1.text }
            commands = all.map(\.event.command) + (0..<400).map { CommandID(derivedFrom: "empty", String($0)) }
            ids = all.map(\.event.id)
            types = Array(Set(all.map(\.event.type.name))).sorted()
            feeds = [.common, .node(try NodeID("a")), .node(try NodeID("centre"))]
        }
    }

    private static func ask(_ reader: SQLiteReader, _ questions: Questions) throws -> String {
        var lines: [String] = [try reader.node(), "\(try reader.servesFeeds())", "\(try reader.head())"]
        func add(_ stored: [StoredEvent]) {
            for one in stored {
                lines.append(
                    "\(one.position) \(one.receivedAt.milliseconds) \(one.streamVersion) \(one.event.hash.words)")
            }
            lines.append("-")
        }
        // Each whole event once: elsewhere its hash stands for it.
        for one in try reader.page(.all, .forward, from: 0, limit: 10_000) {
            lines.append("\(one.event.computedHash.words) \(one.event.previous.words)")
        }
        let times = Timestamp(milliseconds: 100)..<Timestamp(milliseconds: 11_000)
        for direction in [ReadDirection.forward, .backward] {
            let from = direction == .forward ? Int64(0) : .max
            add(try reader.page(.all, direction, from: from, limit: 10_000))
            for stream in questions.streams.prefix(12) {
                add(try reader.page(.stream(stream), direction, from: from, limit: 10_000))
                add(try reader.page(.correlation(stream), direction, from: from, limit: 10_000))
            }
            for type in questions.types { add(try reader.page(.type(type), direction, from: from, limit: 10_000)) }
            add(try reader.page(.category("rule"), direction, from: from, limit: 10_000))
            for field in ReadScope.TimeField.allCases {
                add(try reader.page(.time(field, times), direction, from: from, limit: 10_000))
            }
        }
        for stream in questions.streams {
            lines.append("\(stream) \(try reader.version(of: stream)) \(try reader.membership(of: stream))")
        }
        for command in questions.commands {
            lines.append(
                (try reader.outcome(of: command)).map { "\($0.about) \($0.stored.map(\.position))" } ?? "never")
        }
        for id in questions.ids { lines.append("\((try reader.event(id))?.event.hash.words.0 ?? 0)") }
        for head in try reader.originHeads() {
            lines.append("\(head)")
            lines += try reader.events(of: head.origin, above: 0, limit: 10_000).map { "\($0.hash.words.0)" }
        }
        for feed in questions.feeds {
            lines.append("\(feed) \(try reader.feedHead(feed)) \(String(describing: try reader.cursor(of: feed)))")
            lines.append("\(try reader.received(of: feed, above: 0, limit: 10_000))")
            lines.append("\(try reader.streams(in: feed))")
            for row in try reader.rows(of: feed, above: 0, limit: 10_000) {
                let event =
                    if case .event(let event) = row.operation { "\(event.hash.words.0)" } else { "\(row.operation)" }
                lines.append("\(row.fseq) \(row.stream) \(event) \(row.common) \(row.chain)")
            }
        }
        let last = try reader.lastStreamNumber()
        let place = StreamPlace(number: 0, version: 0)
        for stream in try reader.streams(
            of: ["ticket", "rule"], after: place, through: last, upTo: .max, limit: 100_000)
        {
            for event in stream.events { lines.append("\(stream.place.number) \(event.id) \(event.hash.words.0)") }
        }
        return Digest.sha256(Array(lines.joined(separator: "\n").utf8)).description
    }
}
