/// Maps, times and zones, and what an invented district gives.

import Events
import Foundation
import Intake
import Testing

@Suite("Maps, times and invented tickets")
struct MapAndTimeTests {
    @Test("every shipped map can be read", arguments: ImportMap.shippedNames)
    func shipped(name: String) throws {
        #expect(!(try ImportMap.load(name)).source.isEmpty)
    }

    @Test("the maps in the binary are those in the folder")
    func embedded() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/Intake/Maps"
        ).standardized
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
            .sorted()
        #expect(names == ImportMap.shippedNames.map { "\($0).yaml" })
        for name in ImportMap.shippedNames {
            let text = try String(contentsOf: folder.appendingPathComponent("\(name).yaml"), encoding: .utf8)
            #expect(ImportMap.shippedText(name) == text, "\(name)")
        }
    }

    @Test("a key that no map has is refused with its line")
    func unknownKey() {
        #expect(throws: ImportError.map(name: "x", line: 2, what: "there is no key \"sorce\"")) {
            _ = try ImportMap(yaml: "format: csv\nsorce: x\n", name: "x")
        }
    }

    @Test("one text stands for a list of one, and nothing else does")
    func oneForAList() throws {
        #expect(try ImportMap(yaml: smallMap.replacing("id: [id]", with: "id: id"), name: "x").id == ["id"])
        #expect(throws: ImportError.map(name: "x", line: 3, what: "a text was expected")) {
            _ = try ImportMap(yaml: smallMap.replacing("id: [id]", with: "id: {column: id}"), name: "x")
        }
    }

    @Test(
        "times are read as they are written",
        arguments: [
            ("M/d/yyyy h:mm:ss a", "04/22/2014 01:07:39 PM", "America/New_York", 1_398_186_459_000),
            ("M/d/yyyy h:mm:ss a", "1/1/2018 12:00:00 AM", "Z", 1_514_764_800_000),
            ("yyyy/M/d H:mm[:ss]", "2019/2/28 11:25", "+08:00", 1_551_324_300_000),
            ("yyyy/M/d", "2018/4/24", "+08:00", 1_524_499_200_000),
            ("yyyy-MM-ddTHH:mm:ssX", "2018-06-19T16:00:45-04:00", "+08:00", 1_529_438_445_000),
            ("yyyy-MM-ddTHH:mm:ss[.f]", "2024-04-16T00:29:45.000", "America/New_York", 1_713_241_785_000),
            // Did not exist: the clock went from 2:00 to 3:00. Occurred twice: the first one counts.
            ("yyyy-M-d H:mm", "2018-3-11 2:30", "America/New_York", 1_520_753_400_000),
            ("yyyy-M-d H:mm", "2018-11-4 1:30", "America/New_York", 1_541_309_400_000),
        ])
    func times(pattern: String, text: String, zone: String, expected: Int64) throws {
        let zone = try #require(LocalZone.named(zone))
        #expect(try #require(TimeFormat(pattern)).instant(text, in: zone) == Timestamp(milliseconds: expected))
    }

    @Test(
        "what is no time is refused",
        arguments: ["2018-02-30 1:00", "2018-1-1", "2018-1-1 25:00", "2018-1-1 1:00x", ""])
    func noTimes(text: String) throws {
        #expect(try #require(TimeFormat("yyyy-M-d H:mm")).instant(text, in: .china) == nil)
    }

    @Test("invented tickets are the same for a seed, and all of them import", arguments: [1, 42] as [UInt64])
    func generated(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        var again = Generator(seed: seed)
        var lines: [UInt8] = []
        for _ in 0..<500 {
            let line = generator.next()
            #expect(line == again.next())
            lines += line + [0x0A]
        }
        let file = try TemporaryFile(lines, name: "g.jsonl")
        var history = MemoryHistory()
        let whole = try importing(file.path, map: try ImportMap.load("generated"), into: &history)
        #expect(whole.counts.taken == 500, "seed \(seed): \(whole.refused.prefix(3))")
        let repeats = whole.records.count { $0.steps[0].body["flags"]?.object?["repeated"] != nil }
        #expect((50...130).contains(repeats), "seed \(seed): \(repeats)")
        #expect(whole.counts.sealedNumbers > 20, "seed \(seed)")
        #expect(
            whole.records.allSatisfy { $0.steps.allSatisfy { !JSON.object($0.body).canonicalText.contains("\u{A0}") } })
    }
}
