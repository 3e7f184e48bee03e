import ArgumentParser
import Events
import Foundation
import Log
import Testing
import Texts
import Tickets

@testable import gridline

@Suite("Lists, counts and JSON of the command line") struct TicketListTests {
    /// A node's zone and a shell's language.
    private let chinese = AnswerText(texts: PageTexts(.chinese), offsetMinutes: 480)
    private let english = AnswerText(texts: PageTexts(.english), offsetMinutes: -210)

    @Test("each option of the list becomes the parameter of its name")
    func filters() throws {
        let list = try ListTickets.parse([
            "centre", "--status", "inHand", "--status", "replied", "--holder", "320507001", "--helper", "320507002",
            "--kind", "complaint", "--urgency", "urgent24h", "--category", "城市管理/停车", "--area", "320507",
            "--due-before", "2026-12-01", "--overdue-at", "2026-11-24", "--created-from", "2026-11-01",
            "--created-to", "2026-11-30", "--contested", "--no-suspended", "--supervision-from", "2",
            "--pre-warned", "--decision-due-before", "2026-11-25", "--no-overdue-unconfirmed", "--order", "newest",
            "--limit", "7", "--cursor", "ab", "--at-least", "12",
        ])
        #expect(
            list.path == "/api/v1/tickets?status=inHand&status=replied&holder=320507001&helper=320507002&kind=complaint"
                + "&urgency=urgent24h&category=%E5%9F%8E%E5%B8%82%E7%AE%A1%E7%90%86%2F%E5%81%9C%E8%BD%A6&area=320507"
                + "&dueBefore=2026-12-01&overdueAt=2026-11-24&createdFrom=2026-11-01&createdTo=2026-11-30"
                + "&contested=true&suspended=false&supervisionFrom=2&preWarned=true"
                + "&decisionDueBefore=2026-11-25&overdueUnconfirmed=false&order=newest&limit=7&cursor=ab&atLeast=12")
        #expect(try ListTickets.parse(["centre"]).path == "/api/v1/tickets?limit=50")
        #expect(try ListTickets.parse(["centre", "--overdue"]).path == "/api/v1/tickets?overdue=true&limit=50")
        #expect(
            try ListTickets.parse(["centre", "--text", "a b", "--json"]).path == "/api/v1/tickets?text=a%20b&limit=50")
        #expect(throws: (any Error).self) { try ListTickets.parse(["centre", "--mood", "bad"]) }
        #expect(throws: (any Error).self) { try ListTickets.parse(["centre", "--limit", "many"]) }
    }

    @Test("what a caller wrote moves no cursor, ends no line and turns no direction")
    func forged() {
        #expect(ShownText.cell("正常\u{1b}[2K伪造") == "正常\\u{1b}[2K伪造")
        #expect(
            ShownText.cell("一\r\n二\t三\u{85}四\u{2028}五\u{202e}六\u{7f}")
                == "一\\u{d}\\u{a}二\\u{9}三\\u{85}四\\u{2028}五\\u{202e}六\\u{7f}")
        #expect(ShownText.cell("3号楼👩‍👧 电梯，“急”") == "3号楼👩‍👧 电梯，“急”")
        let line = ListTickets.line(["heading": .string("a\tb\nc"), "ticket": .string("ticket/1")], chinese)
        #expect(line.split(separator: "\t", omittingEmptySubsequences: false).count == 8 && !line.contains("\n"))
        #expect(ShowTicket.facts(of: ["matter": .string("a\u{1b}[1A")], english) == ["Matter\ta\\u{1b}[1A"])
    }

    @Test("a line has its columns in one order, and a dash for what is not there; free text comes last")
    func lines() {
        let item: JSONObject = [
            "ticket": .string("ticket/1"), "status": .string("inHand"), "number": .string("26112300001"),
            "dueAt": .integer(1_795_397_400_000), "decisionDueAt": .integer(1_795_411_800_000),
            "overdueUnconfirmed": .bool(true), "holderUnit": .string("320507001"), "heading": .string("路灯不亮"),
        ]
        #expect(
            ListTickets.line(item, chinese).split(separator: "\t") == [
                "ticket/1", "26112300001", "办理中", "2026-11-23 09:30", "2026-11-23 13:30", "超期待核", "320507001",
                "路灯不亮",
            ])
        #expect(
            ListTickets.line(item, english).split(separator: "\t")[2...5] == [
                "in hand", "2026-11-22 22:00", "2026-11-23 02:00", "overdue, not confirmed",
            ])
        let bare: JSONObject = [
            "ticket": .string("ticket/2"), "status": .string("ofAnotherVersion"), "heading": .string("村口"),
        ]
        #expect(ListTickets.line(bare, chinese) == "ticket/2\t-\tofAnotherVersion\t-\t-\t-\t-\t村口")
    }

    @Test(
        "a ticket shows what is due and what is not settled in the shell's language, and nothing that is not there")
    func facts() {
        let answer: JSONObject = [
            "ticket": .string("ticket/1"), "status": .string("inHand"), "matter": .string("路灯不亮"),
            "dueAt": .integer(1_795_397_400_000), "decisionDueAt": .integer(1_795_411_800_000),
            "overdueUnconfirmed": .bool(true),
        ]
        #expect(
            ShowTicket.facts(of: answer, chinese) == [
                "工单\tticket/1", "状态\t办理中", "时限\t2026-11-23 09:30", "审核时限\t2026-11-23 13:30", "超期\t超期待核",
                "诉求内容\t路灯不亮",
            ])
        #expect(
            ShowTicket.facts(of: ["ticket": .string("ticket/2"), "status": .string("closed")], english) == [
                "Ticket\tticket/2", "Status\tclosed",
            ])
    }

    @Test("history, conflicts and counts have the words of the pages and the node's clock")
    func words() {
        var entry: JSONObject = [
            "occurredAt": .integer(1_795_397_400_000), "type": .string("ticket.signed"), "actor": .string("li"),
            "effect": .string("notHolder"),
        ]
        #expect(ShowTicket.line(entry, chinese) == "2026-11-23 09:30\t签收\tli\t未生效：当时不是承办单位")
        entry["effect"] = .string("effective")
        #expect(ShowTicket.line(entry, english) == "2026-11-22 22:00\tSign\tli\teffective")
        let conflict: JSONObject = [
            "ticket": .string("ticket/1"), "type": .string("ticket.signed"), "reason": .string("overruled"),
            "occurredAt": .integer(1_795_397_400_000),
        ]
        #expect(ListConflicts.line(conflict, chinese) == "ticket/1\t-\t签收\t中心已接管\t2026-11-23 09:30\t-")
        let row: JSONObject = ["status": .string("inHand"), "unit": .string(""), "count": .integer(3)]
        #expect(CountTickets.line(row, ["status", "unit"], chinese) == "办理中\t-\t3\t0\t0\t0\t0\t0")
    }

    @Test("a status may be typed by its code or as lists show it", arguments: ["inHand", "办理中", "in hand"])
    func statusNames(text: String) throws {
        #expect(try ListTickets.parse(["centre", "--status", text]).path == "/api/v1/tickets?status=inHand&limit=50")
        #expect(try CountTickets.parse(["centre", "--status", text]).path == "/api/v1/counts?status=inHand&limit=50")
    }

    @Test("what was opened is told by its id and by the number that people read on the telephone")
    func opened() {
        var answer: JSONObject = [
            "ticket": .string("ticket/1"), "number": .string("26112300001"), "version": .integer(1),
            "recorded": .bool(true), "repeat": .bool(false),
        ]
        let report = AnswerText.report(of: answer)
        #expect(report.description == "ticket/1\t26112300001\tversion 1\trecorded")
        #expect(Language.chinese.text(report) == "ticket/1\t26112300001\t第 1 版\t已登记")
        answer["number"] = nil
        answer["repeat"] = .bool(true)
        #expect(AnswerText.report(of: answer).description == "ticket/1\t-\tversion 1\twas there already")
    }

    @Test("counts and conflicts are asked as their options say")
    func counts() throws {
        let counts = try CountTickets.parse([
            "centre", "--group", "unit", "--group", "day", "--status", "closed", "--holder", "320507001", "--category",
            "a", "--day-from", "2026-11-01", "--day-to", "2026-11-30", "--order", "descending", "--limit", "3",
        ])
        #expect(
            counts.path == "/api/v1/counts?group=unit&group=day&status=closed&holder=320507001&category=a"
                + "&dayFrom=2026-11-01&dayTo=2026-11-30&order=descending&limit=3")
        #expect(
            try ListConflicts.parse(["centre", "--cursor", "ff", "--at-least", "9"]).path
                == "/api/v1/conflicts?limit=50&cursor=ff&atLeast=9")
        #expect(try Gridline.parseAsRoot(["ticket", "counts", "centre"]) is CountTickets)
        #expect(try Gridline.parseAsRoot(["ticket", "conflicts", "centre"]) is ListConflicts)
    }

    @Test("every command that prints data can print it as JSON")
    func json() throws {
        #expect(try Compare.parse(["a", "b", "--json"]).json)
        #expect(try BackupCommand.parse(["a", "b.sqlite", "--json"]).json)
        #expect(try Restore.parse(["a", "b", "--json"]).json)
        #expect(try Keys.Export.parse(["a", "b", "--json"]).json)
        #expect(try TicketSteps.parse(["--json"]).json)
        #expect(try RulesCommand.Presets.parse(["--json"]).json)
    }

    @Test("a step as JSON says what its table says")
    func step() {
        for kind in TicketEventKind.allCases {
            let json = TicketSteps.json(of: kind)
            #expect(json["step"] == .string(kind.rawValue))
            let fields = (json["fields"]?.array ?? []).compactMap(\.object)
            #expect(fields.map { $0["name"]?.string ?? "" } == TicketFields.of(kind).map(\.name))
            #expect(fields.map { $0["required"]?.bool ?? false } == TicketFields.of(kind).map(\.isRequired))
        }
    }

    @Test("the status names each feed with its head, and at a street its cursors")
    func feeds() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print("could not remove \(folder)") }
        }
        let path = folder + "/log.sqlite"
        let street = try NodeID("street1")
        let log = try SQLiteLog(
            path: path, node: street, incarnation: Incarnation(1), audience: NoAudience())
        let chain = ChainValue(high: 1, low: 2)
        func rows(_ count: Int64) throws -> [ReceivedRow] {
            try (1...count).map {
                ReceivedRow(fseq: $0, stream: try StreamName("ticket/1"), content: .leave, common: 0, chain: chain)
            }
        }
        try log.write { transaction in
            try transaction.keep(rows(7), of: .node(street))
            try transaction.keep(rows(4), of: .common)
        }
        let reader = try SQLiteReader(path: path)
        #expect(try reader.feedHeads() == [])
        let cursors = try reader.cursors()
        #expect(cursors.map(\.feed) == [.common, .node(street)] && cursors.map(\.cursor.fseq) == [4, 7])
        let json = Status.json(of: cursors).object
        #expect(json?["common"]?.object?["fseq"] == .integer(4))
        #expect(json?["node/street1"]?.object?["chain"] == .string(chain.description))
    }
}
