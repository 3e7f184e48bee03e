/// The presets in the binary: current, readable, and right on the days that trap.

import Events
import Foundation
import Testing

@testable import Rules

@Suite("Presets") struct PresetTests {
    @Test("The presets in the binary are those in the folder") func current() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Rules/Presets").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == RuleBook.presetNames.map { "\($0).json" })
        for name in RuleBook.presetNames {
            let text = try String(contentsOf: folder.appendingPathComponent("\(name).json"), encoding: .utf8)
            #expect(RuleBook.presetText(name) == text, "\(name)")
        }
    }

    @Test(
        "Make-up days, bridged holidays and the end of what is published",
        arguments: [
            ("2020-01-23", "2020-02-03 10:00", false),
            ("2020-01-17", "2020-01-19 10:00", false),
            ("2022-12-30", "2023-01-03 10:00", false),
            ("2026-12-30", "2026-12-31 10:00", false),
            ("2026-12-31", "2027-01-01 10:00", true),
        ])
    func calendar(start: String, wanted: String, provisional: Bool) throws {
        let calendar = try RuleBook.default.calendar
        let due = calendar.due(
            Limit(1, .workingDays), from: calendar.zone.instant(try #require(CivilDate(start)), minute: 600))
        #expect(calendar.zone.text(due.at) == wanted)
        #expect(due.provisional == provisional)
    }

    @Test("2020-02-03 is worked and 2022-12-31 is not") func quirks() throws {
        let calendar = try RuleBook.default.calendar
        #expect(calendar.isWorkday(try #require(CivilDate("2020-02-03"))))
        #expect(!calendar.isWorkday(try #require(CivilDate("2022-12-31"))))
    }

    @Test(
        "Every limit preset survives JSON",
        arguments: [
            ("limits-beijing-natural-days", Limit(7, .naturalDays)), ("limits-county-72h", Limit(72, .naturalHours)),
            ("limits-shanghai-daning", Limit(5, .workingDays)),
        ])
    func limits(name: String, complaint: Limit) throws {
        let table = try LimitTable(json: try RuleBook.preset(name))
        #expect(try LimitTable(json: table.json) == table)
        #expect(table.handling(.complaint, .ordinary) == complaint)
        #expect(table.handling(RequestKind(code: "praise"), .urgent2h) == Limit(2, .naturalHours))
        #expect(table.returnWindow(.ordinary) == Limit(4, .workingHours))
        #expect(table.decision(.urgent24h) == Limit(30, .naturalMinutes))
        #expect(table.extensions == ExtensionPolicy(most: 1, askedBefore: 800, urgent: false))
        #expect(table.outage == OutagePolicy(longestHours: 72, clockOffsetSeconds: 120, marginSeconds: 60))
        #expect(table.deemedSigningFactor == 2)
        #expect(table.redoWindow == Limit(30, .naturalDays))
    }

    @Test("A kind code of a later version counts as other") func unknownKind() {
        #expect(RequestKind(code: "praise") == .other)
        #expect(RequestKind(code: "report") == .report)
    }

    @Test("A limit table names the field that does not fit") func faults() throws {
        var json = try RuleBook.preset("limits-county-72h")
        json["deemedSigningFactor"] = .null
        #expect(try LimitTable(json: json).deemedSigningFactor == nil)
        json["preWarningsPermille"] = .array([.integer(800), .integer(500)])
        #expect(
            throws: RulesError.field(
                name: "preWarningsPermille", of: "limit table", found: "[800,500]",
                wanted: "at most ten integers from 1 to 1000, ascending")
        ) { try LimitTable(json: json) }
        #expect(throws: RulesError.unknownPreset(name: "x", shipped: RuleBook.presetNames)) { try RuleBook.preset("x") }
    }

    @Test("The territory leads from a street to the centre and its node") func territory() throws {
        let territory = try RuleBook.default.territory
        let street = try #require(territory.units.first { $0.kind == .street })
        #expect(territory.chain(street.code).map(\.code) == [street.code, "320507"])
        #expect(territory.node(of: street.code) == street.node)
        let department = try #require(territory.units.first { $0.kind == .department })
        #expect(territory.node(of: department.code) == territory["320507"]?.node)
        #expect(territory.chain("nowhere").isEmpty)
        let village = Unit(code: "v", name: "占上村", kind: .village, parent: "s")
        let top = Unit(code: "s", name: "街道", kind: .street)
        let small = try Territory(version: "1", units: [top, village])
        #expect(small.isCommunity("v") && !small.isCommunity("s") && !small.isCommunity("x"))
        #expect(throws: RulesError.self) { try Territory(version: "1", units: [village, top]) }
        #expect(throws: RulesError.self) { try Territory(version: "1", units: [top, top]) }
    }

    @Test("The catalogue holds 86 items, found by code and by category") func catalogue() throws {
        let catalogue = try RuleBook.default.catalogue
        #expect(catalogue.entries.count == 86)
        #expect(catalogue["0102"]?.name == "暴露垃圾")
        #expect(catalogue.entries(matching: "0102").map(\.code) == ["0102"])
        #expect(catalogue.entries(matching: "市容环境").count == 18)
        #expect(catalogue.entries(matching: "无").isEmpty)
        #expect(catalogue.entries.filter { $0.flow == .own }.count == 36)
    }
}
