import Events
import Foundation
import Runtime
import Testing

@testable import gridline

@Suite("Configuration") struct ConfigurationTests {
    private func sample(_ role: Configuration.Role) throws -> Configuration {
        try Configuration(node: NodeID("street1"), role: role, area: "320507001", number: 11, centre: NodeID("centre"))
    }

    @Test("the sample says what it was made from, for every role", arguments: Configuration.Role.allCases)
    func sampleReads(role: Configuration.Role) throws {
        var made = try sample(role)
        if role != .central {
            made.hub = "10.0.0.1:7401"
            made.hubKey = String(repeating: "k", count: 40)
        }
        #expect(try Configuration(yaml: made.sample, file: "gridline.yaml") == made)
    }

    @Test("every key has its variable in the sample, and the variable goes before the file")
    func environment() throws {
        let made = try sample(.street)
        let text = made.sample + (try sample(.central)).sample
        for name in [
            "NODE", "ROLE", "AREA", "NUMBER", "CENTRE", "UTC_OFFSET_MINUTES", "HTTP", "REPLICATION_LISTEN",
            "PUBLISH_FROM", "ENROL_PORT", "HUB", "HUB_KEY", "BLOB_LIMIT_MIB", "KEY_DAYS_AFTER_END",
        ] { #expect(text.contains("GRIDLINE_\(name)"), "\(name)") }
        for limit in AlarmLimit.allCases { #expect(text.contains("\n# \(limit.rawValue): \(limit.standard)\n")) }
        #expect(
            AlarmLimit.lagEvents.variable == "GRIDLINE_ALARM_LAG_EVENTS" && text.contains("GRIDLINE_ALARM_LAG_EVENTS."))
        let changed = try Configuration(
            yaml: made.sample, file: "gridline.yaml",
            environment: ["GRIDLINE_NUMBER": "42", "GRIDLINE_AREA": "320507002", "GRIDLINE_HTTP": "127.0.0.1:9"])
        #expect(changed.number == 42)
        #expect(changed.area == "320507002")
        #expect(changed.http == "127.0.0.1:9")
    }

    @Test("a limit of an alarm is read, kept in the sample, overridden, and held within its range")
    func alarms() throws {
        var made = try sample(.central)
        made.alarms[.diskMegabytes] = 512
        let read = try Configuration(yaml: made.sample, file: "gridline.yaml")
        #expect(read == made && read.alarms[.diskMegabytes] == 512 && read.alarms[.lagSeconds] == 300)
        let variable = ["GRIDLINE_ALARM_LAG_SECONDS": "40"]
        #expect(
            try Configuration(yaml: made.sample, file: "gridline.yaml", environment: variable).alarms[.lagSeconds] == 40
        )
        #expect(throws: ConfigurationProblem.self) { try Configuration(yaml: "node: a\nalarmLagSeconds: 9", file: "f") }
    }

    @Test(
        "the days for which a street keeps callers' keys and what left are read, kept in the sample, and held within their range"
    )
    func keyDays() throws {
        var made = try sample(.street)
        #expect(made.keyDaysAfterEnd == 90 && made.purgeAfterDays == 180)
        made.keyDaysAfterEnd = 30
        made.purgeAfterDays = 365
        #expect(try Configuration(yaml: made.sample, file: "gridline.yaml") == made)
        for days in [0, 3_651] {
            #expect(throws: ConfigurationProblem.self) {
                try Configuration(yaml: "node: a\nkeyDaysAfterEnd: \(days)", file: "f")
            }
        }
        for days in [29, 3_651] {
            #expect(throws: ConfigurationProblem.self) {
                try Configuration(yaml: "node: a\npurgeAfterDays: \(days)", file: "f")
            }
        }
    }

    @Test("a backup names the variables that it has not, by their names alone, and is silent of every other")
    func backupNote() {
        let note = BackupCommand.note(on: ["GRIDLINE_HUB": "10.9.8.7:1", "GRIDLINE_AREA": "", "GRIDLINE_TOKEN": "t"])
        #expect(note?.description.contains("gridline.yaml: GRIDLINE_AREA, GRIDLINE_HUB;") == true)
        #expect(note?.description.contains("10.9.8.7") == false)
        #expect(BackupCommand.note(on: ["PATH": "/bin", "GRIDLINE_LANG": "en", "GRIDLINE_PASSPHRASE": "p"]) == nil)
    }

    @Test("what does not hold is named with its place, its value and the rule")
    func wrong() throws {
        func problem(_ yaml: String, _ environment: [String: String] = [:]) -> ConfigurationProblem? {
            do {
                _ = try Configuration(yaml: yaml, file: "gridline.yaml", environment: environment)
                return nil
            } catch { return error as? ConfigurationProblem }
        }
        let unknown = problem("node: a\nspeed: 9")
        #expect(unknown?.key == "speed")
        #expect(unknown?.hint.description.contains("known are") == true)
        let number = problem("node: a", ["GRIDLINE_NUMBER": "many"])
        #expect(number?.message == "GRIDLINE_NUMBER: number is \"many\"")
        #expect(number?.hint.description.contains("0 to 99") == true)
        #expect(problem("- a")?.message.description.contains("cannot be read") == true)
        #expect(problem("node: A b")?.key == "node")
    }
}

@Suite("Invitations as text") struct InvitationTests {
    private func invitation() throws -> Invitation {
        Invitation(
            node: try NodeID("street1"), centre: try NodeID("centre"), hub: "10.0.0.1:7401", enrol: "10.0.0.1:7402",
            key: String(repeating: "Z", count: 40), secret: "0123456789abcdef", number: 11, area: "320507001",
            expiresAt: Timestamp(milliseconds: 1_795_000_000_000))
    }

    @Test("a string reads as what it was made from, also with the line ends of a mail in it")
    func roundTrip() throws {
        let made = try invitation()
        #expect(try Invitation(made.text) == made)
        var rotation = made
        rotation.isRotation = true
        #expect(try Invitation(rotation.text) == rotation)
        #expect(made.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
        let folded = made.text.enumerated().map { $0.offset % 40 == 39 ? "\($0.element)\n" : "\($0.element)" }.joined()
        #expect(try Invitation(folded) == made)
    }

    @Test("a string that is cut or of something else is refused, wherever it is cut")
    func cut() throws {
        let text = try invitation().text
        for length in stride(from: 0, to: text.count, by: 1) {
            #expect(throws: CommandProblem.self) { try Invitation(String(text.prefix(length))) }
        }
        #expect(throws: CommandProblem.self) { try Invitation("gridline2." + text.dropFirst(10)) }
    }
}
