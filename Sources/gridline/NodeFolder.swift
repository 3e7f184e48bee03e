/// A node's folder on disk: where its files are, and what its configuration says.
///
/// ```
/// gridline.yaml   configuration          log.sqlite     the events, precious
/// keys/           CURVE keys, mode 0600  vault.sqlite   keys of sealed identities
/// blobs/          photos, recordings     views.sqlite   disposable
/// ```

import Events
import Foundation
import Log
import Tickets

struct NodeFolder {
    let path: String
    let configuration: Configuration

    var log: String { path + "/log.sqlite" }
    var vault: String { path + "/vault.sqlite" }
    var views: String { path + "/views.sqlite" }
    var keys: String { path + "/keys" }
    var blobs: String { path + "/blobs" }

    /// Opens an existing folder.
    ///
    /// - Throws: `CommandProblem` when it is none, `ConfigurationProblem` when the configuration does not hold.
    init(path: String) throws {
        let file = path + "/gridline.yaml"
        guard let text = FileManager.default.contents(atPath: file) else {
            throw CommandProblem(
                message: "\(path) is no node's folder: it has no gridline.yaml",
                hint: "make one with `gridline init \(path) --node centre`")
        }
        self.path = path
        configuration = try Configuration(yaml: String(decoding: text, as: UTF8.self), file: file)
    }

    /// Makes a new folder with a sample configuration, an empty log and an empty vault.
    ///
    /// - Throws: `CommandProblem` when the folder holds a node already.
    static func create(at path: String, configuration: Configuration) throws -> NodeFolder {
        let files = FileManager.default
        guard !files.fileExists(atPath: path + "/gridline.yaml"), !files.fileExists(atPath: path + "/log.sqlite") else {
            throw CommandProblem(
                message: "\(path) holds a node already", hint: "name another folder; an existing node is never overwritten")
        }
        for folder in [path, path + "/keys", path + "/blobs"] {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try Data(configuration.sample.utf8).write(to: URL(fileURLWithPath: path + "/gridline.yaml"), options: .withoutOverwriting)
        let folder = try NodeFolder(path: path)
        _ = try folder.openLog()
        _ = try Vault(path: folder.vault)
        return folder
    }

    /// Opens the log for writing, in a new incarnation.
    func openLog() throws -> SQLiteLog {
        var random = SystemRandomNumberGenerator()
        return try SQLiteLog(
            path: log, node: configuration.node, incarnation: Incarnation(random.next()), audience: audience)
    }

    /// A street's log serves no feeds; the centre's serves one a node.
    var audience: any Audience {
        configuration.role == .street ? NoAudience() : TicketAudience(centre: configuration.centre)
    }
}

/// The system's clock.
struct SystemClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
