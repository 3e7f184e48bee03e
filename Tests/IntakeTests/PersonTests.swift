/// Columns that say who called: read to be sealed, shown nowhere.

import Events
import Foundation
import Intake
import Privacy
import Testing

private let ledger = """
    source: ledger
    encoding: utf-8
    id: [id]
    nulls: [无]
    clean: [trim]
    created: {column: t, formats: ["yyyy-M-d"]}
    matter: m
    person: {name: {columns: [姓, 名], join: ""}, phone: 电话, idNumber: 证件, address: 住址}
    states:
      - {when: {办结: 是}, state: finished}
      - state: registered
    flags:
      contactable: {电话: present}
    extra: rest
    """

private let header = "id,t,m,姓,名,电话,证件,住址,办结,备注\n"

@Suite("Who called, in an import")
struct PersonTests {
    private func importing(_ text: String, yaml: String = ledger, into history: inout MemoryHistory) throws
        -> WholeImport
    {
        let file = try TemporaryFile(Array(text.utf8), name: "p.txt")
        return try IntakeTests.importing(file.path, map: try ImportMap(yaml: yaml, name: "ledger"), into: &history)
    }

    private func importing(_ text: String, yaml: String = ledger) throws -> WholeImport {
        var history = MemoryHistory()
        return try importing(text, yaml: yaml, into: &history)
    }

    @Test("who called is read to be sealed, and neither the body nor the rest of the columns repeats it")
    func read() throws {
        let whole = try importing(
            header + "1,2018-1-1,回电13987654321,欧阳,建国, 138 1234 5678 ,32050719600101123X,采莲路 7 号,否,急\n")
        let record = try #require(whole.records.first)
        let person = try #require(record.person)
        #expect(person.name == "欧阳建国")
        #expect(person.phone == "138 1234 5678")
        #expect(person.idNumber == "32050719600101123X")
        #expect(person.address == "采莲路 7 号")
        #expect(record.sealed.json["person"] == .object(person.json))
        #expect(record.sealed.json["numbers"]?.array?.count == 1)
        #expect(record.sealed.lookups == ["id:32050719600101123X", "phone:13812345678"])
        #expect(record.sealed.mentioned == ["phone:13987654321"])
        #expect(record.steps[0].body["extra"] == .object(["备注": .string("急")]))
        #expect(record.steps[0].body["flags"] == .object(["contactable": .bool(true)]))
        #expect(whole.counts.sealedNumbers == 1)
        let written = String(decoding: bytes(of: whole.records), as: UTF8.self)
        for value in ["欧阳", "建国", "1234 5678", "13812345678", "1123X", "采莲路"] {
            #expect(!written.contains(value), "\(value)")
        }
    }

    @Test("what is empty or a null marker is left out, and a row without anything has no person")
    func absent() throws {
        let whole = try importing(header + "1,2018-1-1,x,,无,电话不详,,\u{3000},,\n2,2018-1-1,y,,,无,,,,\n")
        #expect(whole.records.map(\.person) == [try PersonData(["phone": .string("电话不详")]), nil])
        #expect(whole.records.first?.sealed.lookups == [], "what is no number finds nobody")
        #expect(whole.records.last?.sealed.isEmpty == true)
    }

    @Test("a caller that changes changes no digest and no command id; an update carries none")
    func updates() throws {
        func row(_ name: String, _ state: String) -> String { "1,2018-1-1,x,\(name),某,13812345678,,,\(state),\n" }
        var history = MemoryHistory()
        let first = try importing(header + row("王", "否"), into: &history)
        let other = try importing(header + row("李", "否"))
        #expect(bytes(of: first.records) == bytes(of: other.records))
        #expect(try importing(header + row("李", "否"), into: &history).counts.repeated == 1)
        let update = try importing(header + row("李", "是"), into: &history)
        #expect(update.counts.updated == 1)
        #expect(update.records.map(\.person) == [nil])
    }

    @Test("a value that is too long refuses its row, and the reason says which and not what", arguments: 0..<4)
    func tooLong(place: Int) throws {
        let member = ["name", "phone", "idNumber", "address"][place]
        var values = ["王", "13812345678", "32050719600101123X", "某里"]
        values[place] = String(repeating: values[place], count: 201)
        let row = "1,2018-1-1,x,\(values[0]),,\(values[1]),\(values[2]),\(values[3]),,\n"
        let whole = try importing(header + row + "2,2018-1-1,y,,,,,,,\n")
        #expect(whole.counts.taken == 1)
        let refused = try #require(whole.refused.first)
        #expect(refused == RefusedRow(number: 1, reason: .badPerson(.tooLong(member: member, limit: 200))))
        #expect(refused.reason.name == "badPerson")
        #expect(refused.reason.message == "person.\(member) has more than 200 characters")
    }

    @Test("more than a box holds refuses the row")
    func tooMuch() throws {
        let numbers = (0..<200).map { "手机13812\(345_000 + $0)" }.joined(separator: "，")
        let whole = try importing(header + "1,2018-1-1,\(numbers),王,某,,,,,\n")
        guard case .tooMuchToSeal(let bytes, let limit) = try #require(whole.refused.first).reason else {
            Issue.record("refused for another reason: \(whole.refused)")
            return
        }
        #expect(limit == Event.Limit.sealed && bytes > limit)
    }

    @Test("JSON lines name members of members; a list in place of a caller's text refuses the row")
    func jsonLines() throws {
        let yaml = """
            source: ledger
            format: jsonl
            encoding: utf-8
            id: [id]
            created: {column: t, formats: ["yyyy-M-d"]}
            matter: m
            person: {name: caller.name, phone: caller.phone}
            states:
              - state: registered
            extra: rest
            """
        let whole = try importing(
            """
            {"id":"1","t":"2018-1-1","m":"x","caller":{"name":"欧阳","phone":13812345678},"z":"q"}
            {"id":"2","t":"2018-1-1","m":"x","caller":{"name":["欧阳","上官"]},"z":"q"}
            """, yaml: yaml)
        #expect(
            whole.records.map(\.person)
                == [try PersonData(["name": .string("欧阳"), "phone": .string("13812345678")])])
        #expect(whole.records.first?.steps[0].body["extra"] == .object(["z": .string("q")]))
        #expect(whole.refused == [RefusedRow(number: 2, reason: .badPerson(.noText(member: "name")))])
    }

    @Test(
        "a map that would show a caller's column elsewhere is refused with the line of person",
        arguments: [
            ("title: 姓", "another key"), ("place: {text: 住址}", "another key"), ("extra: [电话]", "another key"),
            ("due: {column: 证件, formats: [yyyy]}", "another key"),
            ("flags: {known: {姓: [王]}}", "present or absent"),
            ("steps: [{name: s, at: {column: u, formats: [yyyy]}, note: 名}]", "another key"),
            ("steps: [{name: s, at: {column: u, formats: [yyyy]}, when: {名: 某}}]", "present or absent"),
        ])
    func shown(line: String, what: String) throws {
        let replaced = ledger.replacing("flags:\n  contactable: {电话: present}\n", with: "").replacing(
            "extra: rest", with: line)
        let error = #expect(throws: ImportError.self) { _ = try ImportMap(yaml: replaced, name: "ledger") }
        guard case .map(_, let line, let message) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(line == 8)
        #expect(message.description.contains(what), "\(message)")
    }

    @Test("an id of person columns is refused, and so are members that no person has")
    func faults() {
        #expect(throws: ImportError.self) {
            _ = try ImportMap(yaml: ledger.replacing("id: [id]", with: "id: [证件]"), name: "ledger")
        }
        #expect(
            throws: ImportError.map(
                name: "x", line: 1, what: "person has name, phone, idNumber and address, not \"mail\"")
        ) { _ = try ImportMap(yaml: "person: {mail: m}", name: "x") }
        #expect(
            throws: ImportError.map(name: "x", line: 1, what: "person needs name, phone, idNumber or address")
        ) { _ = try ImportMap(yaml: "person: {}", name: "x") }
    }

    @Test("a column of the person that the file lacks is named")
    func missing() {
        #expect(
            throws: ImportError.missingColumn(
                column: "证件", count: 8, shown: ["id", "t", "m", "姓", "名", "电话", "住址", "办结"], map: "ledger")
        ) { _ = try importing("id,t,m,姓,名,电话,住址,办结\n1,2018-1-1,x,,,,,\n") }
    }

    @Test("invented tickets have callers; some are unknown, some call again", arguments: [1, 42] as [UInt64])
    func generated(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        var lines: [UInt8] = []
        for _ in 0..<500 { lines += generator.next() + [0x0A] }
        let file = try TemporaryFile(lines, name: "g.jsonl")
        var history = MemoryHistory()
        let records = try IntakeTests.importing(
            file.path, map: try ImportMap.load("generated"), into: &history
        ).records
        let people = records.compactMap(\.person)
        #expect((430...499).contains(people.count), "seed \(seed): \(people.count)")
        #expect(people.allSatisfy { $0.name != nil && $0.lookups.count == 1 }, "seed \(seed)")
        let callers = Set(people.flatMap(\.lookups)).count
        #expect((300..<people.count).contains(callers), "seed \(seed): \(callers)")
        let shown = String(decoding: bytes(of: records), as: UTF8.self)
        // A phone has seven digits at least; an invented id or time that holds them is as good as impossible.
        #expect(people.allSatisfy { !shown.contains($0.phone ?? "-") }, "seed \(seed)")
    }
}
