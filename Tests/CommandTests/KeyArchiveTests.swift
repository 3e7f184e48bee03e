import ArgumentParser
import Events
import Foundation
import Log
import Testing

@testable import gridline

@Suite("Keys, backups and what comes of both") struct KeyArchiveTests {
    private let path: String
    private static let passphrase = "五个 长 词 的 口令 123"

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private func clean() {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    private func archive() throws -> KeyArchive {
        KeyArchive(node: try NodeID("centre"), files: ["token": "t", "curve.public": "p"], vault: [1, 2, 3, 0xFF])
    }

    @Test("an archive opens with its passphrase, and with no other; any changed byte keeps it shut")
    func sealing() throws {
        let made = try archive()
        let bytes = try made.sealed(with: KeyArchiveTests.passphrase)
        #expect(try KeyArchive(bytes, passphrase: KeyArchiveTests.passphrase) == made)
        #expect(throws: KeyArchiveProblem.doesNotOpen) { try KeyArchive(bytes, passphrase: "五个 长 词 的 口令 124") }
        #expect(throws: KeyArchiveProblem.weak(least: 12)) { try made.sealed(with: "short") }
        // The header's salt, the nonce, the text, the tag.
        for place in [6, 21, 22, 40, bytes.count - 1] {
            var changed = bytes
            changed[place] ^= 1
            #expect(throws: KeyArchiveProblem.doesNotOpen) {
                try KeyArchive(changed, passphrase: KeyArchiveTests.passphrase)
            }
        }
        for length in [0, 3, 21, 22] {
            #expect(throws: KeyArchiveProblem.self) {
                try KeyArchive(Array(bytes.prefix(length)), passphrase: KeyArchiveTests.passphrase)
            }
        }
    }

    @Test(
        "a backup and its keys make the node again: configuration, keys, and who called; without keys all stays sealed")
    func restored() throws {
        defer { clean() }
        var configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507", number: 7)
        configuration.publishFrom = 9_410
        let folder = try NodeFolder.create(at: path + "/node", configuration: configuration)
        let person = try person(in: folder)
        let backup = path + "/copy.sqlite"
        try Backup.copy(from: folder.log, to: backup, configuration: folder.configurationText())
        #expect(try Verifier.verify(path: backup, audience: folder.audience).problems.isEmpty)
        let keys = try folder.keyArchive().sealed(with: KeyArchiveTests.passphrase)
        try Data(keys).write(to: URL(fileURLWithPath: path + "/keys"))
        try Data((KeyArchiveTests.passphrase + "\n").utf8).write(to: URL(fileURLWithPath: path + "/words"))

        try Restore.parse([backup, path + "/again", "--keys", path + "/keys", "--passphrase-file", path + "/words"])
            .run()
        let again = try NodeFolder(path: path + "/again")
        #expect(again.configuration == configuration)
        #expect(try again.curveKeys() == folder.curveKeys())
        #expect(try again.token() == folder.token())
        #expect(try Vault(path: again.vault).key(of: person) != nil)

        try Restore.parse([backup, path + "/bare"]).run()
        let bare = try NodeFolder(path: path + "/bare")
        #expect(bare.configuration == configuration)
        #expect(try bare.curveKeys() != folder.curveKeys())
        #expect(try Vault(path: bare.vault).key(of: person) == nil)
        #expect(throws: CommandProblem.self) { try Restore.parse([backup, path + "/bare"]).run() }
    }

    @Test(
        "where a log was, none is restored: its WAL would be replayed into the backup, its head note keep it shut",
        arguments: ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "log.sqlite-journal", "log.sqlite.head"])
    func leftover(name: String) throws {
        defer { clean() }
        let configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        let folder = try NodeFolder.create(at: path + "/node", configuration: configuration)
        let backup = path + "/copy.sqlite"
        try Backup.copy(from: folder.log, to: backup, configuration: folder.configurationText())
        let files = FileManager.default
        try files.createDirectory(atPath: path + "/dead", withIntermediateDirectories: false)
        let left = path + "/dead/" + name
        try Data("left".utf8).write(to: URL(fileURLWithPath: left))
        let problem = #expect(throws: CommandProblem.self) { try Restore.parse([backup, path + "/dead"]).run() }
        #expect(problem?.message.description.contains(name) == true)
        #expect(try files.contentsOfDirectory(atPath: path + "/dead") == [name])
        #expect(files.contents(atPath: left) == Data("left".utf8))
    }

    @Test(
        "a node that lost its log keeps keys and vault: nothing is made over them, and what is said to do makes it again",
        arguments: [true, false])
    func lostLog(keepsConfiguration: Bool) throws {
        defer { clean() }
        let configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        let folder = try NodeFolder.create(at: path + "/node", configuration: configuration)
        let person = try person(in: folder)
        let backup = path + "/copy.sqlite"
        try Backup.copy(from: folder.log, to: backup, configuration: folder.configurationText())
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix("log.sqlite") || name == "gridline.yaml" && !keepsConfiguration {
            try files.removeItem(atPath: folder.path + "/" + name)
        }
        let token = try folder.token()
        let pair = try folder.curveKeys()
        for line in [[backup, folder.path], [backup, folder.path + "/"]] {
            let problem = #expect(throws: CommandProblem.self) { try Restore.parse(line).run() }
            #expect(problem?.message.description.contains("keys, vault.sqlite") == true)
            #expect(problem?.hint.description.contains("gridline keys export \(folder.path)") == true)
            #expect(problem?.hint.description.contains("--node centre") == !keepsConfiguration)
        }
        #expect(throws: CommandProblem.self) { try Init.parse([folder.path, "--node", "centre"]).run() }
        #expect(try folder.token() == token && folder.curveKeys() == pair)
        #expect(try Vault(path: folder.vault).key(of: person) != nil)

        try Data((KeyArchiveTests.passphrase + "\n").utf8).write(to: URL(fileURLWithPath: path + "/words"))
        let words = ["--passphrase-file", path + "/words"]
        let export = [folder.path, path + "/keys"] + words
        if !keepsConfiguration { #expect(throws: CommandProblem.self) { try Keys.Export.parse(export).run() } }
        try Keys.Export.parse(export + (keepsConfiguration ? [] : ["--node", "centre"])).run()
        try Restore.parse([backup, path + "/again", "--keys", path + "/keys"] + words).run()
        let again = try NodeFolder(path: path + "/again")
        #expect(try again.token() == token && again.curveKeys() == pair)
        #expect(try Vault(path: again.vault).key(of: person) != nil)
    }

    @Test(
        "a folder is made whole or not at all, and what fails leaves nothing, also in a folder that was there",
        arguments: [true, false])
    func whole(isThere: Bool) throws {
        defer { clean() }
        let files = FileManager.default
        let configuration = try Configuration(node: NodeID("centre"), role: .central, area: "320507")
        let place = path + "/again"
        let backup = path + "/copy.sqlite"
        let head: LogHead
        do {
            let log = try NodeFolder.create(at: path + "/node", configuration: configuration).openLog()
            let now = SystemClock().now()
            let draft = Draft(
                stream: try StreamName("ticket/1"), type: EventType("ticket.noted"), body: [:], occurredAt: now)
            let request = AppendRequest(
                command: CommandID(derivedFrom: "whole"), actor: Actor(system: "test", rule: "1"), now: now,
                drafts: [draft])
            _ = try log.write { try $0.append(request) }
            head = try Backup.copy(from: log.path, to: backup)
        }
        #expect(head.position == 1)
        if isThere { try files.createDirectory(atPath: place + "/lost+found", withIntermediateDirectories: true) }
        let before = try files.subpathsOfDirectory(atPath: path).sorted()
        #expect(throws: IntegrityProblem.self, "another log opens than was copied") {
            try NodeFolder.create(at: place, configuration: configuration) { path in
                try Backup.copy(from: backup, to: path)
                return .empty
            }
        }
        #expect(throws: LogFailure.self, "the disk fails") {
            try NodeFolder.create(at: place, configuration: configuration) { throw LogFailure.exists(path: $0) }
        }
        #expect(throws: KeyArchiveProblem.unreadable, "a key is missing") {
            try NodeFolder.create(at: place, configuration: configuration, archive: archive())
        }
        #expect(try files.subpathsOfDirectory(atPath: path).sorted() == before)

        let partial = place + (isThere ? "/node.partial" : ".partial")
        try files.createDirectory(atPath: partial, withIntermediateDirectories: false)
        let problem = #expect(throws: CommandProblem.self, "a killed one left it") {
            try Restore.parse([backup, place]).run()
        }
        #expect(problem?.message.description.contains(partial) == true)
        try files.removeItem(atPath: partial)

        try Restore.parse([backup, place + "/"]).run()
        let folder = try NodeFolder(path: place)
        #expect(try SQLiteReader(path: folder.log).head() == head)
        let report = try Verifier.verify(path: folder.log, audience: folder.audience)
        #expect(report.problems == [] && !report.isRawCopy)
        #expect(!files.fileExists(atPath: partial))
        #expect(files.fileExists(atPath: place + "/lost+found") == isThere)
        #expect(try folder.token().count >= 32 && folder.openLog().reader.head() == head)
    }

    @Test(
        "any one file of a node keeps another from its folder",
        arguments: ["keys/curve.secret", "vault.sqlite-journal"])
    func remains(name: String) throws {
        defer { clean() }
        let place = path + "/old"
        let file = URL(fileURLWithPath: place + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("old".utf8).write(to: file)
        #expect(throws: CommandProblem.self) { try Init.parse([place, "--node", "centre"]).run() }
        #expect(try Data(contentsOf: file) == Data("old".utf8))
    }

    /// Somebody for whom the vault of a node has a key.
    private func person(in folder: NodeFolder) throws -> PersonID {
        var random = SystemRandomNumberGenerator()
        let now = SystemClock().now()
        let request = Vault.Request(
            command: CommandID(at: now, random: &random), lookups: ["phone:13900000000"], mentioned: [])
        return try #require(
            try Vault(path: folder.vault).people(for: [request], at: now, random: &random).first
        ).get().person
    }
}
