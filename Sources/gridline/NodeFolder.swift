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
import Projections
import Replication
import Runtime
import Server
import Tickets

struct NodeFolder {
    let path: String
    let configuration: Configuration
    /// Set when a log file stands for the folder.
    private let file: String?

    /// A folder that has lost its configuration, and perhaps its log, but not its keys.
    init(path: String, lostBy node: NodeID) throws {
        self.path = path
        file = nil
        configuration = try Configuration(node: node, role: .central, area: "")
    }

    private init(file: String, configuration: Configuration) {
        path = file + ".node"
        self.configuration = configuration
        self.file = file
    }

    var log: String { file ?? path + "/log.sqlite" }
    var vault: String { path + "/vault.sqlite" }
    var views: String { path + "/views.sqlite" }
    var keys: String { path + "/keys" }
    var blobs: String { path + "/blobs" }

    /// Photographs and recordings.
    var blobStore: BlobStore {
        BlobStore(folder: blobs, limit: Int64(configuration.blobLimitMiB) << 20)
    }
    /// Where the running node is reached: its URL, while it runs.
    var serving: String { path + "/serving" }

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
        self.file = nil
        configuration = try Configuration(
            yaml: String(decoding: text, as: UTF8.self), file: Words(verbatim: file),
            environment: ProcessInfo.processInfo.environment)
    }

    /// Makes a new folder with a sample configuration, an empty log and an empty vault.
    ///
    /// It is made as `<folder>.partial` and gets its name last, synced: a folder of the name is a whole node's. In a folder
    /// that is there already, such as a mounted disk, it is made as `<folder>/node.partial`, and `gridline.yaml`, without
    /// which a folder is no node's, moves out of that last. A failure leaves neither; a killed process leaves the partial one.
    ///
    /// - Parameters:
    ///   - text: of the configuration file; without it the explained sample.
    ///   - archive: the node's keys from before; without it new ones are made.
    ///   - log: puts a log at the path it is given, and says where that ends; without it an empty one is made.
    /// - Throws: `CommandProblem` when the folder holds anything of a node already, `IntegrityProblem` when the log that was
    ///   put there opens as another one.
    static func create(
        at place: String, configuration: Configuration, text: String? = nil, archive: KeyArchive? = nil,
        log: ((String) throws -> LogHead)? = nil
    ) throws -> NodeFolder {
        let files = FileManager.default
        var path = place
        while path.hasSuffix("/"), path.count > 1 { path.removeLast() }
        try checkFree(path, for: configuration.node)
        let isThere = files.fileExists(atPath: path)
        let partial = path + (isThere ? "/node.partial" : ".partial")
        guard !files.fileExists(atPath: partial) else {
            throw CommandProblem(
                message: "\(partial) is there: another command is making \(path), or was killed while it did",
                hint: "see that none is, remove \(partial), then try again")
        }
        try make(WholeFile.folder(of: partial), isNew: false)
        // Of two commands one makes it, and the other removes nothing.
        try make(partial, isNew: true)
        do {
            try fill(partial, configuration: configuration, text: text, archive: archive, log: log)
            if isThere {
                let names = try files.contentsOfDirectory(atPath: partial).filter { $0 != "gridline.yaml" }
                for name in names.sorted() + ["gridline.yaml"] {
                    try WholeFile.name("\(partial)/\(name)", "\(path)/\(name)")
                }
                try files.removeItem(atPath: partial)
            } else {
                try WholeFile.name(partial, path)
            }
        } catch {
            remove(folder: partial)
            throw error
        }
        return try NodeFolder(path: path)
    }

    /// Fills a node's folder, and syncs what is in it; all its files are closed at the end.
    private static func fill(
        _ path: String, configuration: Configuration, text: String?, archive: KeyArchive?,
        log: ((String) throws -> LogHead)?
    ) throws {
        for folder in [path + "/keys", path + "/blobs"] { try make(folder, isNew: true) }
        try WholeFile.write(Array((text ?? configuration.sample).utf8), to: path + "/gridline.yaml")
        let folder = try NodeFolder(path: path)
        if let archive { try folder.unpack(archive) } else { try folder.makeKeys() }
        let wanted = try log?(folder.log)
        let opened = try folder.openLog()
        let head = try opened.reader.head()
        if let wanted, wanted != head {
            throw IntegrityProblem(
                table: "events", position: head.position,
                detail: """
                    copied up to \(wanted.position), root \(wanted.chain), the log opens with its end at \(head.position), \
                    root \(head.chain)
                    """)
        }
        _ = try Vault(path: folder.vault)
        try WholeFile.sync(folder: path)
    }

    /// The vault, for one process.
    ///
    /// - Throws: `CommandProblem` when its file is gone: each folder was made with one, and a new one in its place would be empty
    ///   without a word; `LogFailure` as `Vault`.
    func openVault() throws -> Vault {
        guard FileManager.default.fileExists(atPath: vault) else {
            throw CommandProblem(
                message: "\(vault) is gone, and with it the keys of callers",
                hint: """
                    put it back, or restore the node from a backup with `keys export`'s file; to go on without these keys, make \
                    an empty file of that name
                    """)
        }
        return try Vault(path: vault)
    }

    private static func make(_ folder: String, isNew: Bool) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: !isNew, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandProblem(
                message: "the folder \(folder) cannot be made: \((error as NSError).localizedDescription)",
                hint: "name a folder that is not there yet, where you may write")
        }
    }

    private static func remove(folder: String) {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            Talk.line("could not remove \(folder): \(error)")
        }
    }

    /// Refuses a folder that holds anything of a node: of one that lost its log alone, keys and vault are the last there is.
    private static func checkFree(_ path: String, for node: NodeID) throws {
        let remains = try remains(in: path)
        if remains.isEmpty { return }
        let names = remains.joined(separator: ", ")
        throw CommandProblem(
            message: "\(path) holds a node already, or what is left of one: \(names)",
            hint: wayOut(of: path, remains, node))
    }

    private static func wayOut(of path: String, _ remains: [String], _ node: NodeID) -> Words {
        guard remains.contains("keys"), remains.contains("vault.sqlite") else {
            return "name another folder, or move all of it away; an existing node is never overwritten"
        }
        if remains.contains("gridline.yaml") {
            return """
                name another folder; an existing node is never overwritten. To make it again with the keys it has here: \
                `gridline keys export \(path) KEYS`, then `gridline restore BACKUP NEWFOLDER --keys KEYS`
                """
        }
        return """
            name another folder; an existing node is never overwritten. To make it again with the keys it has here: \
            `gridline keys export \(path) KEYS --node \(node)`, then `gridline restore BACKUP NEWFOLDER --keys KEYS`
            """
    }

    /// What in a folder is a node's, sorted by name.
    ///
    /// A log that is gone leaves a WAL, which SQLite would replay into the next one, and a head note.
    private static func remains(in path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        let files = FileManager.default
        guard unsafe files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [] }
        return try files.contentsOfDirectory(atPath: path).filter { name in
            switch name {
            case "gridline.yaml", "serving": true
            case "keys", "blobs": try !files.contentsOfDirectory(atPath: "\(path)/\(name)").isEmpty
            default: ["log.sqlite", "vault.sqlite", "views.sqlite"].contains { name.hasPrefix($0) }
            }
        }.sorted()
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

    /// A log file by itself: the auditor's case.
    ///
    /// Its node is in the file; a log with feeds is a centre's.
    static func audience(ofLogAt path: String) throws -> any Audience {
        let reader = try SQLiteReader(path: path)
        return try reader.servesFeeds() ? TicketAudience(centre: NodeID(try reader.node())) : NoAudience()
    }

    /// A node's folder, or a log file with the configuration that `gridline backup` put into it.
    ///
    /// What views hold depends on the centre and the zone, so that a file without any is taken for a centre's in China's
    /// zone, and that is said.
    static func orLogFile(_ path: String) throws -> NodeFolder {
        guard path.hasSuffix(".sqlite") else { return try NodeFolder(path: path) }
        let node = try NodeID(SQLiteReader(path: path).node())
        if let yaml = try Backup.configuration(in: path) {
            let configuration = try Configuration(
                yaml: yaml, file: "the configuration in \(path)", environment: ProcessInfo.processInfo.environment)
            return NodeFolder(file: path, configuration: configuration)
        }
        let configuration = try Configuration(node: node, role: .central, area: "")
        let zone = Instant.offset(configuration.utcOffsetMinutes)
        Talk.line(
            """
            \(path) holds no configuration: it is taken for the log of a centre at UTC\(zone); replay the node's folder, or what `gridline backup` made
            """)
        return NodeFolder(file: path, configuration: configuration)
    }

    // MARK: - Views

    var viewSet: ViewSet {
        .gridline(centre: configuration.centre, zoneOffsetMinutes: Int64(configuration.utcOffsetMinutes))
    }

    /// The live views.
    ///
    /// Only the serving node replaces a file that does not fit; a tool says so and leaves it.
    func openViews(unusable: ViewStore.Unusable = .refuse) throws -> ViewStore {
        try ViewStore(path: views, views: viewSet, unusable: unusable)
    }

    func runner(of views: ViewStore) throws -> ViewRunner {
        let path = log
        return try ViewRunner(store: views) { try SQLiteReader(path: path) }
    }

    /// Rebuilds the views of a cut of the log in a file of their own.
    ///
    /// - Parameter into: keeps the file; nil removes it.
    func replay(cut: Cut, into file: String?) throws -> ViewCertificate {
        if let file, FileManager.default.fileExists(atPath: file) {
            throw CommandProblem(message: "\(file) exists", hint: "name a new file; nothing is overwritten")
        }
        if let file { try WholeFile.checkPlace(of: file) }
        let target =
            file ?? FileManager.default.temporaryDirectory.path + "/gridline-replay-\(UUID().uuidString).sqlite"
        let path = log
        defer { if file == nil { NodeFolder.remove(target) } }
        let build = RebuildFile(path: target, views: viewSet, cut: cut) { try SQLiteReader(path: path) }
        _ = try build.run()
        return try build.certificate()
    }

    private static func remove(_ database: String) {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: database + suffix) {
            do { try FileManager.default.removeItem(atPath: database + suffix) } catch {
                Talk.line("could not remove \(database + suffix): \(error)")
            }
        }
    }
}

/// The system's clocks.
struct SystemClock: WallClock, NodeClock {
    func moment() -> Moment { Moment(wall: now(), steady: Int64(ProcessInfo.processInfo.systemUptime * 1_000)) }
    func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}
