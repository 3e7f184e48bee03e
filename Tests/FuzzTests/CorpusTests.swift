import Foundation
import FuzzTargets
import Testing

/// What fuzzing began with and what it found is read again with every run of the tests.
@Suite("The kept corpus") struct CorpusTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Corpus")

    private func inputs(_ target: FuzzTarget) throws -> [URL] {
        let folder = CorpusTests.corpus.appendingPathComponent(target.name)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    @Test("each input is refused or read, and each promise about it holds", arguments: FuzzTarget.all.map(\.name))
    func replay(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        for input in try inputs(target) {
            let bytes = Array(try Data(contentsOf: input))
            #expect(throws: Never.self, "\(name)/\(input.lastPathComponent)") { try target.check(bytes) }
        }
    }

    @Test("what a node says and writes today is in the corpus", arguments: FuzzTarget.all.map(\.name))
    func seeds(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let kept = Set(try inputs(target).map { try Data(contentsOf: $0) })
        for (seed, bytes) in try target.seeds() {
            #expect(kept.contains(Data(bytes)), "\(name)/\(seed): write it with `tools/fuzz --seeds`")
            #expect(throws: Never.self, "\(name)/\(seed)") { try target.check(bytes) }
        }
    }

    @Test("each folder of the corpus belongs to a target, and all of it is small")
    func folders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: CorpusTests.corpus.path).sorted()
        #expect(folders == FuzzTarget.all.map(\.name).sorted())
        let sizes = try FuzzTarget.all.flatMap { try inputs($0) }.map { try Data(contentsOf: $0).count }
        #expect(sizes.reduce(0, +) < 1 << 20)
    }

    @Test("the sessions of the corpus get where they lead: rows, keys, photographs, and what was lost")
    func sessions() throws {
        // The kinds are those of docs/format/wire.md.
        let toHub: [(String, Set<UInt8>)] = [
            ("session", [2, 5, 10, 12, 22]), ("keys", [10, 15, 16, 23]), ("blobs", [17, 18]), ("repair", [24, 25, 26]),
            ("packed", [2, 5, 10, 12]), ("bases", [2, 5, 30, 32]),
        ]
        let toStreet: [(String, Set<UInt8>)] = [
            ("session", [1, 4, 6, 9]), ("keys", [15, 16, 23]), ("blobs", [17, 18]), ("repair", [19, 27, 28]),
            ("packed", [4, 6]), ("bases", [4, 6, 29]),
        ]
        for (name, sessions, said) in [
            ("hub", toHub, FuzzTarget.saidByHub), ("street", toStreet, FuzzTarget.saidByStreet),
        ] {
            let seeds = try #require(FuzzTarget.all.first { $0.name == name }).seeds()
            for (session, kinds) in sessions {
                let bytes = try #require(seeds.first { $0.name == session }).bytes
                let found = try said(bytes)
                #expect(found.isSuperset(of: kinds), "\(name)/\(session) says \(found.sorted())")
            }
        }
    }
}
