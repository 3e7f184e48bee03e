/// The CURVE pairs in a node's `keys/`, each told by its secret key, and how one takes the place of another.
///
/// ```
/// curve.secret    the pair in use            curve.public   its public key, for people to read
/// curve.offered   made by `gridline enroll`: the centre was asked to take it, and may have
/// curve.next      the centre has taken it; it has not connected yet
/// ```
/// Each step is one file that gets its name whole and synced, so that a process that is killed at any moment leaves pairs of
/// which one connects: what may be known to the centre is on the disk before it is asked, and what it knew for sure goes
/// only when the newer one has connected.

import Events
import Foundation
import Log
import Runtime
import Server
import ZeroMQ

struct FolderKeys: KeyRing {
    /// The folder of the keys.
    let path: String

    private static let current = "curve.secret"
    private static let shown = "curve.public"
    private static let offered = "curve.offered"
    private static let next = "curve.next"
    /// What an archive of keys carries when it is there.
    static let passing = [offered, next]

    init(_ path: String) { self.path = path }

    /// The pair in use.
    func current() throws -> CurveKeys { try CurveKeys(secretKey: read(FolderKeys.current)) }

    /// What the centre has taken goes before the pair in use, what it was offered behind it.
    func pairs() throws -> [CurveKeys] {
        var pairs: [CurveKeys] = []
        for name in [FolderKeys.next, FolderKeys.current, FolderKeys.offered] {
            guard name == FolderKeys.current || isThere(name) else { continue }
            let pair = try CurveKeys(secretKey: read(name))
            if !pairs.contains(pair) { pairs.append(pair) }
        }
        return pairs
    }

    func adopt(_ pair: CurveKeys) throws {
        let stale = try FolderKeys.passing.filter { try isThere($0) && read($0) == pair.secretKey }
        guard !stale.isEmpty else { return }
        try put(pair)
        for name in stale { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
        try WholeFile.sync(folder: path)
    }

    /// Makes a pair the one in use.
    func put(_ pair: CurveKeys) throws {
        try write(pair.secretKey, to: FolderKeys.current)
        try write(pair.publicKey, to: FolderKeys.shown)
    }

    /// The pair that the centre is to be asked to take: one that it was asked for before and may know, or a new one.
    func offer() throws -> CurveKeys {
        if isThere(FolderKeys.offered) { return try CurveKeys(secretKey: read(FolderKeys.offered)) }
        let pair = try CurveKeys.generate()
        try write(pair.secretKey, to: FolderKeys.offered)
        return pair
    }

    /// Whether the centre was asked before, by a command that did not hear the answer.
    var hasOffer: Bool { isThere(FolderKeys.offered) }

    /// The centre did not take what it was offered for the first time: a pair that is none would only be tried in vain.
    func withdrawOffer() throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(FolderKeys.offered)")
        try WholeFile.sync(folder: path)
    }

    /// The centre has taken what it was offered.
    func offerTaken() throws {
        try WholeFile.name("\(path)/\(FolderKeys.offered)", "\(path)/\(FolderKeys.next)")
    }

    private func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    /// - Throws: `CommandProblem` when a file is not there.
    func read(_ name: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(name)") else {
            throw CommandProblem(
                message: "\(path)/\(name) is missing", hint: "restore the keys folder, or make a new node")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func write(_ text: String, to name: String) throws {
        try WholeFile.write(Array(text.utf8), to: "\(path)/\(name)")
    }
}

extension NodeFolder {
    private var ring: FolderKeys { FolderKeys(keys) }

    /// Makes the CURVE pair and the token of a new node.
    func makeKeys() throws {
        try ring.put(CurveKeys.generate())
        var random = SystemRandomNumberGenerator()
        try ring.write(random.next().hexadecimal + random.next().hexadecimal, to: "token")
    }

    func curveKeys() throws -> CurveKeys { try ring.current() }

    private static let keyFiles = ["curve.public", "curve.secret", "token"]
    /// Files that an archive carries when they are there.
    private static let furtherFiles = FolderKeys.passing + [NodeFolder.signingFile]

    /// All keys, also of a node that runs.
    func keyArchive() throws -> KeyArchive {
        var files: [String: String] = [:]
        for name in NodeFolder.keyFiles { files[name] = try ring.read(name) }
        for name in NodeFolder.furtherFiles where FileManager.default.fileExists(atPath: "\(keys)/\(name)") {
            files[name] = try ring.read(name)
        }
        return KeyArchive(node: configuration.node, files: files, vault: try Vault.bytes(path: vault))
    }

    /// Puts the keys of an archive into a new folder.
    func unpack(_ archive: KeyArchive) throws {
        for name in NodeFolder.keyFiles {
            guard let text = archive.files[name] else { throw KeyArchiveProblem.unreadable }
            try ring.write(text, to: name)
        }
        for name in NodeFolder.furtherFiles {
            if let text = archive.files[name] { try ring.write(text, to: name) }
        }
        try WholeFile.write(archive.vault, to: vault)
    }

    /// Whoever holds it is let in, so one that can be guessed, or was cut off by a full disk, is none.
    ///
    /// - Throws: `CommandProblem` when it has fewer characters than `NodeToken.shortest`.
    func token() throws -> String {
        let token = try ring.read("token")
        guard token.count >= NodeToken.shortest else {
            throw CommandProblem(
                message: "\(keys)/token has \(token.count) characters, a token has \(NodeToken.shortest) at least",
                hint: "restore the keys folder, or write a new one: openssl rand -hex 32 > \(keys)/token")
        }
        return token
    }
}
