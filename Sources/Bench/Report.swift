/// The benchmark's table: what was measured, beside what it is held against (`docs/bench.md`).

import Events
import Foundation

/// What a number counts.
enum Unit: String {
    case perSecond = "/s"
    case microseconds = "µs"
    case milliseconds = "ms"
    case bytes = "bytes"
    case percent = "%"

    /// The value as people read it.
    func text(_ value: Int) -> String {
        let digits = String(value)
        var grouped = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return self == .perSecond ? grouped + rawValue : "\(grouped) \(rawValue)"
    }
}

/// What a row is to reach; a bound on the value or on its ratio to the reference, in thousandths.
enum Goal: Equatable {
    case atLeast(Int)
    case atMost(Int)
    case atLeastRatio(Int)
    case atMostRatio(Int)
    /// The reference and so much more.
    case atMostAbove(Int)

    func text(_ unit: Unit) -> String {
        switch self {
        case .atLeast(let bound): "≥ \(unit.text(bound))"
        case .atMost(let bound): "≤ \(unit.text(bound))"
        case .atLeastRatio(let bound): "≥ \(Goal.ratio(bound)) ×"
        case .atMostRatio(let bound): "≤ \(Goal.ratio(bound)) ×"
        case .atMostAbove(let bound): "≤ body + \(bound)"
        }
    }

    /// Thousandths as text with two digits, such as 0.85.
    static func ratio(_ thousandths: Int) -> String {
        let hundredths = (thousandths + 5) / 10
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

enum Verdict: String {
    case pass = "PASS"
    case missed = "MISSED"
    case belowHalf = "BELOW HALF"
}

/// What another program was measured to do, earlier and elsewhere; beside a value, never in a verdict.
struct Elsewhere {
    /// As it comes, acknowledged before it is on the disk: to be held against speed.
    var fast: String
    /// With a sync before each acknowledgement, as Gridline always has: to be held against durability.
    var durable: String
}

/// One line of the table.
struct Row {
    /// The name that `--row` takes, and the measurement within it.
    var name: String
    var work: String
    var unit: Unit
    var value: Int
    /// What it is held against, of the same run and in the same unit.
    var reference: (label: String, value: Int)?
    /// What a NATS leaf node did, where that was measured.
    var nats: Elsewhere? = nil
    var goal: Goal
    /// The lower goal of the first issue, the one in force where there is one.
    var firstIssue: Goal? = nil
    /// How it was measured, and how far.
    var note: String

    /// Value over reference in thousandths; nil without a reference.
    var ratio: Int? { reference.map { value * 1_000 / max(1, $0.value) } }

    var verdict: Verdict { verdict(on: goal) }

    /// Whether the value is below half of the goal in force: the run fails then.
    var isFailed: Bool { verdict(on: firstIssue ?? goal) == .belowHalf }

    /// The verdict in words, with that on the goal of the first issue.
    var verdictText: String {
        verdict.rawValue + (firstIssue.map { " (first issue: \(verdict(on: $0).rawValue))" } ?? "")
    }

    /// The goal in words, with that of the first issue.
    var goalText: String {
        goal.text(unit) + (firstIssue.map { " (first issue \($0.text(unit)))" } ?? "")
    }

    private func verdict(on goal: Goal) -> Verdict {
        switch goal {
        case .atLeast(let bound): Row.verdict(value, atLeast: bound)
        case .atMost(let bound): Row.verdict(value, atMost: bound)
        case .atLeastRatio(let bound): Row.verdict(ratio ?? 0, atLeast: bound)
        case .atMostRatio(let bound): Row.verdict(ratio ?? .max, atMost: bound)
        case .atMostAbove(let more): Row.verdict(value - (reference?.value ?? 0), atMost: more)
        }
    }

    private static func verdict(_ value: Int, atLeast bound: Int) -> Verdict {
        value >= bound ? .pass : value >= bound / 2 ? .missed : .belowHalf
    }

    private static func verdict(_ value: Int, atMost bound: Int) -> Verdict {
        value <= bound ? .pass : value <= bound * 2 ? .missed : .belowHalf
    }

    var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "work": .string(work), "unit": .string(unit.rawValue),
            "value": .integer(Int64(value)), "goal": .string(goal.text(unit)), "verdict": .string(verdict.rawValue),
            "note": .string(note),
        ]
        if let firstIssue {
            object["firstIssueGoal"] = .string(firstIssue.text(unit))
            object["firstIssueVerdict"] = .string(verdict(on: firstIssue).rawValue)
        }
        if let reference {
            object["reference"] = .string(reference.label)
            object["referenceValue"] = .integer(Int64(reference.value))
            object["ratioThousandths"] = .integer(Int64(ratio ?? 0))
        }
        if let nats {
            object["natsElsewhere"] = .object(["durable": .string(nats.durable), "fast": .string(nats.fast)])
        }
        return .object(object)
    }
}

/// Prints the rows as they come in, and keeps them for `--json`.
final class Report {
    private(set) var rows: [Row] = []

    func add(_ row: Row) {
        rows.append(row)
        var line = "\(row.verdictText): \(row.work): \(row.unit.text(row.value))"
        if let reference = row.reference {
            line += ", \(reference.label) \(row.unit.text(reference.value)), ratio \(Goal.ratio(row.ratio ?? 0))"
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// The works that are below half of the goal in force.
    var failed: [String] { rows.filter(\.isFailed).map(\.work) }

    /// The table as Markdown, so that it can be pasted into `docs/bench.md`.
    var table: String {
        var lines = ["| Work | Measured | Reference | Ratio | Goal | |", "|---|---|---|---|---|---|"]
        for row in rows {
            var references = row.reference.map { ["\($0.label): \(row.unit.text($0.value))"] } ?? []
            if let nats = row.nats { references.append("NATS\\*: \(nats.fast); durable: \(nats.durable)") }
            let reference = references.isEmpty ? "–" : references.joined(separator: "<br>")
            let ratio = row.ratio.map(Goal.ratio) ?? "–"
            lines.append(
                "| \(row.work)<br>\(row.note) | \(row.unit.text(row.value)) | \(reference) | \(ratio) | "
                    + "\(row.goalText) | \(row.verdictText) |")
        }
        if rows.contains(where: { $0.nats != nil }) { lines += ["", Report.natsNote] }
        return lines.joined(separator: "\n")
    }

    /// What the figures of NATS are.
    private static let natsNote = """
        \\* Not of this run: NATS JetStream with a leaf node, measured earlier on another machine of two cores with \
        Debian 12, file store, one replica, 512 bytes, loopback. First 2.9.10 as it comes, which acknowledges before \
        the sync (median of three); then 2.10.27 with `sync_interval: always`, the one to hold against durability.
        """

    func write(to path: String) throws {
        let bytes = JSON.array(rows.map(\.json)).canonicalBytes
        try Data(bytes + [0x0A]).write(to: URL(fileURLWithPath: path))
    }
}
