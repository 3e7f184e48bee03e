/// The readers under torture: quotes, cuts at every byte, wrong bytes, damaged gzip.

import Events
import Foundation
import Intake
import Testing

@Suite("Readers")
struct ReaderTests {
    private func rows(_ chunks: [[UInt8]]) -> [String] {
        var reader = CSVReader()
        var outcomes: [RowOutcome] = []
        for chunk in chunks { reader.feed(chunk, into: &outcomes) }
        reader.finish(into: &outcomes)
        return outcomes.map { outcome in
            switch outcome {
            case .row(let row): "\(row.number): \(row.fields)"
            case .refused(let row): "\(row.number)! \(row.reason)"
            }
        }
    }

    private let torture =
        "a,b\r\n1,\"x\ny\"\n\n\"q\"\"q\",\u{A0}中\t\r\n,\n\"open\"z,2\nshort\n5,it\"s\n\"\",\"\"\n9,end"

    @Test("torture cases come out as RFC 4180 and our rules say")
    func tortureCases() {
        #expect(
            rows([Array(torture.utf8)]) == [
                "1: \(["1", "x\ny"])", "2: \(["q\"q", "\u{A0}中\t"])", "3: \(["", ""])",
                "4! \(RefusalReason.textBehindQuote(offset: 37))",
                "5! \(RefusalReason.fieldCount(found: 1, expected: 2))", "6: \(["5", "it\"s"])", "7: \(["", ""])",
                "8: \(["9", "end"])",
            ])
    }

    @Test("a cut at any byte gives the same rows")
    func cuts() {
        let bytes = Array(torture.utf8)
        let whole = rows([bytes])
        for cut in 0...bytes.count {
            #expect(rows([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(rows(bytes.map { [$0] }) == whole)
    }

    @Test("an unclosed quote and an overlong field are refused, and bounded")
    func bounds() {
        #expect(rows([Array("a\n\"x\ny".utf8)]) == ["1! \(RefusalReason.unclosedQuote(offset: 2))"])
        let long = [UInt8](repeating: 0x78, count: CSVReader.longestField + 1)
        #expect(rows([Array("a\n".utf8), long, Array("\nb".utf8)]).map { $0.prefix(2) } == ["1!", "2:"])
    }

    @Test("decoding gives the same text and offsets wherever GB18030 is cut")
    func decoding() throws {
        let bytes: [UInt8] = [0x61, 0xD6, 0xD0, 0x81, 0x30, 0x81, 0x30, 0xFF, 0x0A, 0xCE, 0xC4]
        for cut in 0...bytes.count {
            let decoder = try TextDecoder(.gb18030)
            let text =
                decoder.decode(Array(bytes[..<cut])) + decoder.decode(Array(bytes[cut...]))
                + decoder.decode([], isLast: true)
            #expect(text == Array("a中\u{80}".utf8) + [TextDecoder.marker, 0x0A] + Array("文".utf8), "cut at \(cut)")
            #expect(decoder.sourceOffset(ofMarkerAt: 6) == 7)
        }
    }

    @Test("a file in the wrong encoding loses its bad rows, with byte and reason, and no other")
    func wrongEncoding() throws {
        let file = try TemporaryFile(
            [0xEF, 0xBB, 0xBF] + Array("id,t,m\n1,2018-01-01,好\n2,2018-01-01,".utf8) + [0xD6, 0xD0, 0x0A]
                + Array("3,2018-01-01,x\n".utf8), name: "a.csv")
        var history = MemoryHistory()
        let whole = try importing(file.path, map: try ImportMap(yaml: smallMap, name: "small"), into: &history)
        #expect(whole.counts.taken == 2)
        #expect(whole.refused == [RefusedRow(number: 2, reason: .notText(offset: 40, encoding: "UTF-8"))])
    }

    private let detecting = smallMap.replacing("encoding: utf-8", with: "encoding: detect")

    @Test("a bad byte in a file of either encoding loses its row, and the others stay what they are")
    func oneBadByte() throws {
        let map = try ImportMap(yaml: detecting, name: "small")
        // Characters in pairs, so that all of them are GB18030 too; behind the first comes the bad byte.
        let utf8 = ["路灯不亮", "井盖丢失", "噪声扰民"].map { Array($0.utf8) }
        let gb18030: [[UInt8]] = [
            [0xC2, 0xB7, 0xB5, 0xC6, 0xB2, 0xBB, 0xC1, 0xC1], [0xBE, 0xAE, 0xB8, 0xC7, 0xB6, 0xAA, 0xCA, 0xA7],
            [0xD4, 0xEB, 0xC9, 0xF9, 0xC8, 0xC5, 0xC3, 0xF1],
        ]
        for (texts, encoding, bad) in [(utf8, "UTF-8", [0xD6, 0xD0] as [UInt8]), (gb18030, "GB18030", [0xFF])] {
            var bytes = Array("id,t,m\n0,2018-01-01,".utf8) + bad + [0x0A]
            for number in 1...60 { bytes += Array("\(number),2018-01-01,".utf8) + texts[number % 3] + [0x0A] }
            let file = try TemporaryFile(bytes, name: "a.csv")
            var history = MemoryHistory()
            let whole = try importing(file.path, map: map, into: &history)
            #expect(whole.refused == [RefusedRow(number: 1, reason: .notText(offset: 20, encoding: encoding))])
            #expect(
                Set(whole.records.map { $0.steps[0].body["matter"]?.string }) == ["路灯不亮", "井盖丢失", "噪声扰民"])
        }
    }

    @Test(
        "the first bytes speak for an encoding, or do not",
        arguments: [
            ([], .found(.utf8)), (Array("plain".utf8), .found(.utf8)),
            // A byte order mark outweighs what follows; a cut character is no fault.
            ([0xEF, 0xBB, 0xBF, 0xD6, 0xD0, 0x0A], .found(.utf8)), (Array("路灯".utf8.dropLast()), .found(.utf8)),
            (Array("灯".utf8) + [0x2C, 0xFF], .found(.utf8)), (Array("路灯".utf8) + [0x2C, 0xD6, 0xD0], .found(.utf8)),
            // 路 (C2 B7) is UTF-8 by chance, 噪声 is not; then cut, and with a character of four bytes.
            ([0xC2, 0xB7, 0xD4, 0xEB, 0xC9, 0xF9], .found(.gb18030)),
            ([0xC2, 0xB7, 0xD4, 0xEB, 0xC9, 0xF9, 0xB2], .found(.gb18030)),
            ([0xD4, 0xEB, 0xC9, 0xF9, 0x95, 0x32, 0x82, 0x36], .found(.gb18030)),
            // Half and half; neither; UTF-16.
            (Array("灯,".utf8) + [0xD4, 0xEB, 0x2C], .unclear(offset: 4)), ([0x2C, 0xE9, 0x2C], .unclear(offset: 1)),
            ([0xFF, 0xFE, 0x69, 0x00], .unclear(offset: 0)),
            // Latin letters with accents: café's, été, each a character of GB18030 with the letter behind it.
            (Array("caf".utf8) + [0xE9, 0x73], .unclear(offset: 3)), ([0xE9, 0x74, 0xE9, 0x2C], .unclear(offset: 0)),
        ] as [([UInt8], TextEncoding.Detection)])
    func detection(head: [UInt8], expected: TextEncoding.Detection) {
        #expect(TextEncoding.detected(in: head) == expected)
    }

    @Test("bytes that speak for no encoding are told by offset, and a map that names one reads them")
    func unclear() throws {
        let file = try TemporaryFile(Array("id,t,m\n1,2018-01-01,caf".utf8) + [0xE9, 0x0A], name: "a.csv")
        var history = MemoryHistory()
        let map = try ImportMap(yaml: detecting, name: "small")
        let error = #expect(throws: ImportError.self) { _ = try importing(file.path, map: map, into: &history) }
        #expect(error == .unclearEncoding(path: file.path, offset: 23))
        #expect(try #require(error).hint.description.contains("encoding: gb18030"))
        let named = try importing(file.path, map: try ImportMap(yaml: smallMap, name: "small"), into: &history)
        #expect(named.counts.refused == 1)
    }

    @Test("a row of delimiters alone and a line of long names end at a limit")
    func bounded() throws {
        var csv = CSVReader()
        var rows: [RowOutcome] = []
        csv.feed(Array("a,b\n".utf8), into: &rows)
        for _ in 0..<5 { csv.feed([UInt8](repeating: 0x2C, count: 1 << 20), into: &rows) }
        csv.feed(Array("\n1,2\n".utf8), into: &rows)
        guard case .refused(let refused) = try #require(rows.first), case .row(let next) = try #require(rows.last)
        else {
            return #expect(rows.isEmpty)
        }
        #expect(refused == RefusedRow(number: 1, reason: .oversize(what: "a row", limit: CSVReader.longestRow)))
        #expect(next.fields == ["1", "2"])

        var lines = JSONLinesReader()
        var read: [RowOutcome] = []
        let key = String(repeating: "k", count: 100_000)
        let values = Array(repeating: "1", count: 1_000).joined(separator: ",")
        lines.feed(Array("{\"\(key)\":[\(values)]}\n{\"a\":[1]}\n".utf8), into: &read)
        #expect(read.count == 2)
        guard case .refused(let line) = try #require(read.first), case .oversize(_, let limit) = line.reason else {
            return #expect(read.isEmpty)
        }
        #expect(limit == 4 << 20)
    }

    @Test("a cut gzip file says so after the rows that could be read")
    func truncatedGzip() throws {
        // printf 'id,t,m\n1,2018-01-01,x\n' | gzip -n
        let file = try TemporaryFile([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB], name: "a.csv.gz")
        let map = try ImportMap(yaml: smallMap, name: "small")
        var history = MemoryHistory()
        #expect(
            throws: ImportError.gzip(
                path: file.path, offset: 11, what: "the packed bytes end too early; the file was cut")
        ) {
            _ = try importing(file.path, map: map, into: &history)
        }
    }

    @Test("a file without rows is read only if its header holds what the map reads")
    func withoutRows() throws {
        let small = try ImportMap(yaml: smallMap, name: "small")
        let lines = try ImportMap(yaml: smallMap + "\nformat: jsonl", name: "lines")
        var history = MemoryHistory()
        let wrong = try TemporaryFile(Array("wrong,cols\n".utf8), name: "a.csv")
        #expect(throws: ImportError.missingColumn(column: "id", count: 2, shown: [], map: "small")) {
            _ = try importing(wrong.path, map: small, into: &history)
        }
        for text in ["id,t,m\n", "id,t,m", "id,t,m\r\n", "id,t,m\r\r\n"] {
            let file = try TemporaryFile(Array(text.utf8), name: "a.csv")
            #expect(try importing(file.path, map: small, into: &history).counts.rows == 0)
        }
        let empty = try TemporaryFile([], name: "a.csv")
        #expect(throws: ImportError.noHeader(map: "small")) {
            _ = try importing(empty.path, map: small, into: &history)
        }
        #expect(try importing(empty.path, map: lines, into: &history).counts.rows == 0)
    }

    @Test(
        "a header with a fault is told with its fault, lines that end in CR above all",
        arguments: [
            ("id,t,m\r1,2018-01-01,x\r", .loneReturn(offset: 6)),
            ("\"id\",\"t\",\"m\"\r1,2018-01-01,x\n", .loneReturn(offset: 12)), ("id,t\r,m\n", .loneReturn(offset: 4)),
            ("id,t,\"m\n1,2018-01-01,x\n", .unclosedQuote(offset: 5)),
        ] as [(String, RefusalReason)])
    func badHeader(text: String, reason: RefusalReason) throws {
        let file = try TemporaryFile(Array(text.utf8), name: "a.csv")
        let map = try ImportMap(yaml: smallMap, name: "small")
        var history = MemoryHistory()
        #expect(throws: ImportError.badHeader(path: file.path, reason: reason)) {
            _ = try importing(file.path, map: map, into: &history)
        }
    }

    @Test("a carriage return in a quoted name, or within a row, is text")
    func returnsInText() throws {
        #expect(rows([Array("\"a\r\nb\",c\n1\r2,3\n".utf8)]) == ["1: \(["1\r2", "3"])"])
    }

    @Test("a missing column is named with the file's columns and the map")
    func missingColumn() throws {
        let file = try TemporaryFile(Array("id,t\n1,2018-01-01\n".utf8), name: "a.csv")
        let map = try ImportMap(yaml: smallMap, name: "small")
        var history = MemoryHistory()
        #expect(throws: ImportError.missingColumn(column: "m", count: 2, shown: ["id", "t"], map: "small")) {
            _ = try importing(file.path, map: map, into: &history)
        }
    }
}

/// The smallest map there is.
let smallMap = """
    source: small
    encoding: utf-8
    id: [id]
    created: {column: t, formats: ["yyyy-M-d"]}
    matter: m
    states:
      - state: registered
    """
