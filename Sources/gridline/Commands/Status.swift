import ArgumentParser
import Events
import Foundation
import Log
import Projections

/// `gridline status`: positions, feeds, lag, alarms, and SQLite's version with its known faults.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show positions, feeds, lag and what SQLite this is.")

    @Argument(help: "The node's folder.") var directory: String
    @Flag(help: "Print as JSON.") var json = false

    func run() throws {
        let folder = try NodeFolder(path: directory)
        let reader = try SQLiteReader(path: folder.log)
        let head = try reader.head()
        let viewed = FileManager.default.fileExists(atPath: folder.views) ? try folder.openViews().checkpoint().position : 0
        let sqlite = SQLiteVersion.current
        let origins = try reader.originHeads()
        if json {
            Output.json([
                "node": .string(folder.configuration.node.text), "origins": .integer(Int64(origins.count)),
                "position": .integer(head.position), "role": .string(folder.configuration.role.rawValue),
                "root": .string(head.chain.description), "sqlite": .string(sqlite.text),
                "sqliteWarnings": .array(sqlite.warnings.map(JSON.string)), "viewLag": .integer(head.position - viewed),
                "viewPosition": .integer(viewed),
            ])
            return
        }
        print("node      \(folder.configuration.node) (\(folder.configuration.role.rawValue))")
        print("log       position \(head.position), root \(head.chain), \(origins.count) origins")
        print("views     position \(viewed), lag \(head.position - viewed)")
        print("SQLite    \(sqlite.text)")
        for warning in sqlite.warnings { print("          note: \(warning)") }
    }
}
