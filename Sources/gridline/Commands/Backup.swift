import ArgumentParser
import Events
import Foundation
import Log

/// `gridline backup`: a copy of the log as of one instant, with the configuration, also while the node runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract:
            said("Copy log and configuration, also while the node runs. Keys stay behind: see `gridline keys export`."))

    @Argument(help: said("The node's folder.")) var directory: String
    @Argument(help: said("The file to make; must end in .sqlite.")) var file: String
    @Flag(help: said("Print as JSON.")) var json = false

    func run() throws {
        guard file.hasSuffix(".sqlite") else {
            throw CommandProblem(
                message: "\"\(file)\" does not end in .sqlite",
                hint: "name it \(file).sqlite, so that verify and replay know it", isUsage: true)
        }
        let folder = try NodeFolder(path: directory)
        try Backup.copy(from: folder.log, to: file, configuration: folder.configurationText())
        if let note = BackupCommand.note(on: ProcessInfo.processInfo.environment) { Talk.line(note) }
        let head = try SQLiteReader(path: file).head()
        let listed = try BackupCommand.list(folder.blobStore, beside: file)
        guard !json else {
            var object: JSONObject = [
                "blobs": .integer(Int64(listed)), "file": .string(file), "position": .integer(head.position),
                "root": .string(head.chain.description),
            ]
            if listed > 0 { object["blobList"] = .string(file + ".blobs") }
            return Output.json(object)
        }
        Output.text("backed up \(head.position) events, root \(head.chain)")
        if listed > 0 {
            Talk.line(
                "\(listed) photographs and recordings are not in it: copy what \(file + ".blobs") lists from blobs/")
        }
    }

    /// Lists the blobs beside a backup, as `sha256sum` reads it: after the log was copied, so that all that it names and was
    /// here is in it.
    ///
    /// - Returns: how many there are; without any there is no list.
    private static func list(_ store: BlobStore, beside file: String) throws -> Int {
        var text = ""
        var count = 0
        try store.forEach { blob in
            let digits = blob.description
            text += "\(digits)  blobs/\(digits.prefix(2))/\(digits.dropFirst(2))\n"
            count += 1
        }
        guard count > 0 else { return 0 }
        try WholeFile.write(Array(text.utf8), to: file + ".blobs")
        return count
    }

    /// What of an environment the backup has not; nil when it says nothing of the node's configuration.
    static func note(on environment: [String: String]) -> Words? {
        let variables = Configuration.variables(in: environment)
        guard !variables.isEmpty else { return nil }
        let names = Words.list(variables)
        let note: Words = """
            not in the backup, which keeps gridline.yaml: \(names); write them there, or set them again where it is \
            restored
            """
        return note
    }
}

/// `gridline restore`: a node's folder from a backup.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Make a node's folder from a backup file."))

    @Argument(help: said("The file that `gridline backup` made.")) var file: String
    @Argument(help: said("The folder to make.")) var directory: String
    @Option(
        help: said("What `gridline keys export` made; without it the node gets new keys, and identities stay sealed."))
    var keys: String?
    @OptionGroup var passphrase: Passphrase
    @Flag(help: said("Print as JSON.")) var json = false

    func run() throws {
        guard FileManager.default.fileExists(atPath: file) else {
            throw CommandProblem(
                message: "there is no file \(file)", hint: "make one with `gridline backup DIR \(file)`")
        }
        try Backup.checkAlone(file)
        let owner = try NodeID(SQLiteReader(path: file).node())
        let archive = try keys.map { try KeyArchive(NodeFolder.bytes(of: $0), passphrase: passphrase.text()) }
        if let archive, archive.node != owner { throw KeyArchiveProblem.foreign(archive.node, wanted: owner) }
        let yaml = try Backup.configuration(in: file)
        let configuration =
            try yaml.map { try Configuration(yaml: $0, file: "the configuration in \(file)") }
            ?? Configuration(node: owner, role: .central, area: "")
        let folder = try NodeFolder.create(
            at: directory, configuration: configuration, text: yaml, archive: archive,
            log: { try Backup.copy(from: file, to: $0) })
        let head = try SQLiteReader(path: folder.log).head()
        if json {
            Output.json([
                "hasKeys": .bool(archive != nil), "node": .string(owner.text), "position": .integer(head.position),
                "root": .string(head.chain.description),
            ])
        } else {
            Output.text("restored \(head.position) events of \(owner), root \(head.chain)")
        }
        if archive == nil {
            Talk.line("without its keys: identities stay sealed, and nodes that knew this one do not recognise it")
        }
    }
}
