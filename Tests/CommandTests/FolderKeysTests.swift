import ArgumentParser
import Events
import Foundation
import Testing
import ZeroMQ

@testable import gridline

/// The pairs of a street's folder while its key is exchanged: whatever moment a process is killed at, one of them connects.
@Suite("Keys of a folder") struct FolderKeysTests {
    private let path = FileManager.default.temporaryDirectory.path + "/gridline-ring-\(UUID().uuidString)"
    private let keys: FolderKeys
    private let first: CurveKeys

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        keys = FolderKeys(path)
        first = try CurveKeys.generate()
        try keys.put(first)
    }

    private func clean() {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    @Test(
        "what is offered stands behind what is in use, what the centre has taken before it, until it has connected"
    )
    func life() throws {
        defer { clean() }
        #expect(try keys.pairs() == [first])
        let offered = try keys.offer()
        #expect(offered != first)
        #expect(try keys.pairs() == [first, offered])
        #expect(try keys.offer() == offered, "a command that was killed asks again with what the centre may know")
        try keys.offerTaken()
        #expect(try keys.pairs() == [offered, first])
        try keys.adopt(first)
        #expect(try keys.pairs() == [offered, first], "the old key connected: the new one has not yet")
        try keys.adopt(offered)
        #expect(try keys.pairs() == [offered])
        #expect(try keys.current() == offered && keys.read("curve.public") == offered.publicKey)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["curve.public", "curve.secret"])
    }

    @Test("an offer that the centre refused is tried no more")
    func withdrawn() throws {
        defer { clean() }
        #expect(!keys.hasOffer)
        _ = try keys.offer()
        #expect(keys.hasOffer)
        try keys.withdrawOffer()
        #expect(try !keys.hasOffer && keys.pairs() == [first])
    }

    @Test("an offer that was taken and whose answer was lost becomes the key when it connects")
    func lostAnswer() throws {
        defer { clean() }
        let offered = try keys.offer()
        try keys.adopt(offered)
        #expect(try keys.pairs() == [offered])
    }

    @Test("killed within the change, a folder has the new key: the secret one tells the public one")
    func torn() throws {
        defer { clean() }
        let offered = try keys.offer()
        try keys.offerTaken()
        // Between the two files of `put`.
        try keys.write(offered.secretKey, to: "curve.secret")
        #expect(try keys.current() == offered)
        #expect(try keys.pairs() == [offered])
        try keys.adopt(offered)
        #expect(try keys.read("curve.public") == offered.publicKey)
    }

    @Test("only the owner reads them")
    func modes() throws {
        defer { clean() }
        _ = try keys.offer()
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
    }
}

/// A node's vault is made with its folder, and never again without being asked for.
@Suite("The vault of a folder") struct FolderVaultTests {
    @Test(
        "one that is gone is told, and is not made anew in silence; an empty file of its name is somebody's wish",
        .timeLimit(.minutes(1)))
    func gone() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/gridline-\(UUID().uuidString)"
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path)") } }
        let folder = try NodeFolder.create(
            at: path, configuration: Configuration(node: NodeID("centre"), role: .central, area: ""))
        _ = try folder.openVault()
        try FileManager.default.removeItem(atPath: folder.vault)
        let problem = try #require(throws: CommandProblem.self) { _ = try folder.openVault() }
        #expect(problem.message.description.contains(folder.vault))
        // Nor do the commands that write make one.
        await #expect(throws: CommandProblem.self) { try await Serve.parse([path]).run() }
        #expect(!FileManager.default.fileExists(atPath: folder.vault))
        try Data().write(to: URL(fileURLWithPath: folder.vault))
        _ = try folder.openVault()
    }
}
