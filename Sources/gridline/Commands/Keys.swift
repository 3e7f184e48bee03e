import ArgumentParser
import Events
import Foundation

/// `gridline keys`: the keys that a backup leaves out, in a file of their own.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Keep the keys of a node apart from its backups."), subcommands: [Export.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("Write keys and vault, encrypted with a passphrase, also while the node runs."))
        @Argument(help: said("The node's folder.")) var directory: String
        @Argument(help: said("The file to make.")) var file: String
        @Option(help: said("The node's id; for a folder that has lost its gridline.yaml.")) var node: String?
        @OptionGroup var passphrase: Passphrase
        @Flag(help: said("Print as JSON.")) var json = false

        func run() throws {
            let folder = try folder()
            let bytes = try folder.keyArchive().sealed(with: passphrase.text())
            guard !FileManager.default.fileExists(atPath: file) else {
                throw CommandProblem(message: "\(file) exists", hint: "name a new file; nothing is overwritten")
            }
            try WholeFile.write(bytes, to: file)
            if json {
                Output.json([
                    "bytes": .integer(Int64(bytes.count)), "file": .string(file),
                    "node": .string(folder.configuration.node.text),
                ])
            } else {
                Output.text("\(bytes.count) bytes: keys and vault of \(folder.configuration.node)")
            }
            Talk.line(
                "persons who are erased later are erased again when this is restored beside a log that has their erasure, before anything opens"
            )
        }

        /// Keys and vault are all that is asked for, so they are found also where configuration and log are lost.
        private func folder() throws -> NodeFolder {
            let node = try node.map { text in try UsageProblem.of { try NodeID(text) } }
            guard FileManager.default.fileExists(atPath: directory + "/gridline.yaml") else {
                guard let node else {
                    throw CommandProblem(
                        message: "\(directory) is no node's folder: it has no gridline.yaml",
                        hint: "if it has the keys of a node that lost it, name that node: --node ID")
                }
                return try NodeFolder(path: directory, lostBy: node)
            }
            let folder = try NodeFolder(path: directory)
            guard node == nil || node == folder.configuration.node else {
                throw CommandProblem(
                    message: "\(directory) is the folder of node \(folder.configuration.node)",
                    hint: "leave --node out; it is for a folder that has lost its gridline.yaml", isUsage: true)
            }
            return folder
        }
    }
}

/// Where a passphrase comes from: never the command line, which others can see.
struct Passphrase: ParsableArguments {
    @Option(help: said("A file whose first line is the passphrase; without it GRIDLINE_PASSPHRASE."))
    var passphraseFile: String?

    func text() throws -> String {
        if let passphraseFile {
            guard let data = FileManager.default.contents(atPath: passphraseFile) else {
                throw CommandProblem(message: "\(passphraseFile) cannot be read", hint: "name a file that you may read")
            }
            return String(String(decoding: data, as: UTF8.self).prefix { !$0.isNewline })
        }
        guard let text = ProcessInfo.processInfo.environment["GRIDLINE_PASSPHRASE"] else {
            throw CommandProblem(
                message: "no passphrase", hint: "name --passphrase-file FILE, or set GRIDLINE_PASSPHRASE")
        }
        return text
    }
}
