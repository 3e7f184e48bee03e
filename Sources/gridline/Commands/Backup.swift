import ArgumentParser
import Events
import Foundation
import Log

/// `gridline backup`: a copy of the log as of one instant, also while the node runs.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the log, also while the node runs; keys of identities stay behind.")

    @Argument(help: "The node's folder.") var directory: String
    @Argument(help: "The file to make; must end in .sqlite.") var file: String

    func run() throws {
        let folder = try NodeFolder(path: directory)
        guard file.hasSuffix(".sqlite") else {
            throw CommandProblem(
                message: "\"\(file)\" does not end in .sqlite",
                hint: "name it \(file).sqlite, so that verify and replay know it")
        }
        try Backup.copy(from: folder.log, to: file)
        let head = try SQLiteReader(path: file).head()
        print("backed up \(head.position) events, root \(head.chain)")
    }
}

/// `gridline restore`: a node's folder from a backup.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a node's folder from a backup file.")

    @Argument(help: "The file that `gridline backup` made.") var file: String
    @Argument(help: "The folder to make.") var directory: String
    @Option(help: "The node's id; must be the backup's, which is the default.") var node: String?
    @Option(help: "central, street or standby.") var role: String = "central"
    @Option(help: "Area code.") var area: String = ""

    func run() throws {
        guard let role = Configuration.Role(rawValue: role) else {
            throw CommandProblem(message: "\"\(role)\" is no role", hint: "use central, street or standby")
        }
        guard FileManager.default.fileExists(atPath: file) else {
            throw CommandProblem(
                message: "there is no file \(file)", hint: "make one with `gridline backup DIR \(file)`")
        }
        let owner = try SQLiteReader(path: file).node()
        if let node, node != owner {
            throw CommandProblem(
                message: "\(file) is the log of node \(owner), not of \(node)", hint: "use --node \(owner)")
        }
        let configuration = try Configuration(node: NodeID(owner), role: role, area: area)
        let folder = try NodeFolder.create(
            at: directory, configuration: configuration, log: { try Backup.copy(from: file, to: $0) })
        let head = try SQLiteReader(path: folder.log).head()
        print(
            "restored \(head.position) events, root \(head.chain); identities whose keys were not restored stay sealed")
    }
}
