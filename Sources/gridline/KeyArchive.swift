/// The keys of a node in one encrypted file (`docs/format/keys.md`): what a backup leaves out, because whoever has it can
/// read every identity and speak as the node.

import Crypto
import CryptoExtras
import Events
import Foundation
import Log

struct KeyArchive: Equatable {
    var node: NodeID
    /// Files of `keys/` by their names.
    var files: [String: String]
    /// `vault.sqlite` whole.
    var vault: [UInt8]

    private static let magic = Array("GLK1".utf8)
    /// scrypt (RFC 7914): 2^15 rounds of 8 blocks take 32 MiB and about a tenth of a second.
    private static let roundsLog2: UInt8 = 15
    private static let blockSize: UInt8 = 8
    private static let shortest = 12

    /// - Throws: `KeyArchiveProblem.weak` for a passphrase of fewer than 12 characters.
    func sealed(with passphrase: String) throws -> [UInt8] {
        guard passphrase.count >= KeyArchive.shortest else { throw KeyArchiveProblem.weak(least: KeyArchive.shortest) }
        var object: JSONObject = ["node": .string(node.text), "vault": .string(Hexadecimal.text(vault))]
        var names = JSONObject()
        for (name, text) in files { names[name] = .string(text) }
        object["files"] = .object(names)
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let header = KeyArchive.magic + [KeyArchive.roundsLog2, KeyArchive.blockSize] + salt
        let key = try KeyArchive.key(passphrase, salt, KeyArchive.roundsLog2, KeyArchive.blockSize)
        let box = try AES.GCM.seal(JSON.object(object).canonicalBytes, using: key, authenticating: header)
        guard let combined = box.combined else { throw KeyArchiveProblem.unreadable }
        return header + Array(combined)
    }

    private static func key(
        _ passphrase: String, _ salt: [UInt8], _ roundsLog2: UInt8, _ blockSize: UInt8
    ) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Data(passphrase.utf8), salt: salt, outputByteCount: 32, rounds: 1 << Int(roundsLog2),
            blockSize: Int(blockSize), parallelism: 1)
    }
}

extension KeyArchive {
    /// - Throws: `KeyArchiveProblem` when the bytes are no archive, or the passphrase is not its.
    init(_ bytes: [UInt8], passphrase: String) throws {
        let length = KeyArchive.magic.count + 2 + 16
        guard bytes.count > length, bytes.starts(with: KeyArchive.magic), (10...20).contains(bytes[4]),
            (1...16).contains(bytes[5])
        else { throw KeyArchiveProblem.unreadable }
        let header = Array(bytes[..<length])
        let key = try KeyArchive.key(passphrase, Array(header[6...]), header[4], header[5])
        let plain: [UInt8]
        do {
            plain = Array(
                try AES.GCM.open(AES.GCM.SealedBox(combined: bytes[length...]), using: key, authenticating: header))
        } catch { throw KeyArchiveProblem.doesNotOpen }
        let object = try JSONReader.readObject(plain)
        guard let node = object["node"]?.string, let vault = Hexadecimal.bytes(object["vault"]?.string ?? ""),
            let names = object["files"]?.object
        else { throw KeyArchiveProblem.unreadable }
        var files: [String: String] = [:]
        for (name, text) in names.members { files[name] = text.string }
        self.init(node: try NodeID(node), files: files, vault: vault)
    }
}

enum KeyArchiveProblem: Problem, Equatable {
    case weak(least: Int)
    case unreadable
    case doesNotOpen
    case foreign(NodeID, wanted: NodeID)

    var code: String { "GL-6026" }
    var message: Words {
        switch self {
        case .weak(let least): "the passphrase has fewer than \(least) characters"
        case .unreadable: "the file is no archive of keys"
        case .doesNotOpen: "the keys do not open with this passphrase"
        case .foreign(let node, let wanted): "the keys are node \(node)'s, not \(wanted)'s"
        }
    }
    var hint: Words {
        switch self {
        case .weak: "use a long one, such as five words, and keep it apart from the file"
        case .unreadable: "make one with `gridline keys export`"
        case .doesNotOpen: "check the passphrase; a file that was changed does not open either"
        case .foreign: "name the archive that was made beside this backup"
        }
    }
}
