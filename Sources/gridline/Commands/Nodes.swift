import ArgumentParser
import Events
import ZeroMQ

/// `gridline nodes`: which nodes may connect to this one.
struct Nodes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keys of this node and of those that may connect.", subcommands: [Key.self, Allow.self, List.self])

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print this node's public key.")
        @Argument(help: "The node's folder.") var directory: String
        func run() throws { print(try NodeFolder(path: directory).curveKeys().publicKey) }
    }

    struct Allow: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a node connect, from the next start of this one.")
        @Argument(help: "The centre's folder.") var directory: String
        @Option(help: "The node's id.") var node: String
        @Option(parsing: .unconditional, help: "Its public key, as `gridline nodes key` prints it there.") var key:
            String

        func run() throws {
            guard key.utf8.count == 40 else {
                throw CommandProblem(
                    message: "\"\(key)\" has \(key.utf8.count) characters",
                    hint: "a public key has 40; see `gridline nodes key`")
            }
            try NodeFolder(path: directory).enrol(NodeID(node), key: key)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the nodes that may connect.")
        @Argument(help: "The centre's folder.") var directory: String
        func run() throws {
            for (node, key) in try NodeFolder(path: directory).enrolledNodes() { print("\(node) \(key)") }
        }
    }
}
