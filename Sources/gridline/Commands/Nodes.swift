import ArgumentParser
import Events
import Foundation
import Log
import Node
import ZeroMQ

/// `gridline nodes`: which nodes belong to this centre.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Invite nodes, list them, revoke them."), subcommands: [Invite.self, List.self, Revoke.self])

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("Print the string with which a node enrols; it works once."))
        @Argument(help: said("The centre's folder.")) var directory: String
        @Option(help: said("The node's id: 1-32 of a-z, 0-9 and -.")) var node: String
        @Option(help: said("Area code of the street.")) var area: String = ""
        @Option(help: said("host:port at which the street reaches the centre. Default: its replicationListen."))
        var address: String?
        @Option(help: said("Hours for which the invitation is good, 1-720.")) var hours: Int = 24
        @Flag(help: said("Print as JSON.")) var json = false

        func run() async throws {
            let node = try UsageProblem.of { try NodeID(self.node) }
            guard (1...720).contains(hours) else {
                throw CommandProblem(message: "\(hours) hours", hint: "give 1 to 720", isUsage: true)
            }
            let folder = try NodeFolder(path: directory)
            guard folder.configuration.role == .central, let listen = folder.configuration.replicationListen else {
                throw CommandProblem(
                    message: "\(directory) serves no streets",
                    hint: "invite at the centre; its gridline.yaml has replicationListen")
            }
            var advice = try InvitationAdvice.on(address, listening: listen, for: node, of: directory)
            let hub = address ?? listen
            let host = hub.prefix { $0 != ":" }
            var random = SystemRandomNumberGenerator()
            let secret = random.next().hexadecimal + random.next().hexadecimal
            let expires = SystemClock().now() + Int64(hours) * 3_600_000
            try await folder.change(
                node, .invite(secretHash: Digest.sha256(Array(secret.utf8)).description, expiresAt: expires))
            let reader = try SQLiteReader(path: folder.log)
            let book = try NodeBook(reader: reader, centre: folder.configuration.centre)
            guard let member = book[node] else {
                throw CommandProblem(message: "\(node) is not in the log", hint: "run `gridline verify \(directory)`")
            }
            // The invitation stands in the log: what cannot be read of the rules costs the advice alone.
            do {
                let rules = try BookRules(reader: reader, centre: folder.configuration.centre)
                if let about = InvitationAdvice.on(node, of: area, under: rules, in: directory) { advice.append(about) }
            } catch {
                advice.append(InvitationAdvice.unread(directory))
            }
            let invitation = Invitation(
                node: node, centre: folder.configuration.centre, hub: hub,
                enrol: "\(host):\(folder.configuration.enrolPort)", key: try folder.curveKeys().publicKey,
                secret: secret,
                number: (Nodes.firstNumber + member.slot) % 100, area: area, expiresAt: expires)
            if json {
                Output.json([
                    "expiresAt": .integer(expires.milliseconds), "invitation": .string(invitation.text),
                    "node": .string(node.text), "warnings": .array(advice.map { .string($0.text) }),
                ])
            } else {
                Output.plain(invitation.text)
                Talk.line("At the street, within \(hours) h: gridline enroll FOLDER --with STRING")
            }
            for one in advice {
                Talk.line("Warning: \(one.message)")
                Talk.line("Try: \(one.hint)")
            }
        }
    }

    /// Ticket numbers of streets begin above the centre's own digits.
    private static let firstNumber = 10

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: said("End a node's membership, at once."))
        @Argument(help: said("The centre's folder.")) var directory: String
        @Option(help: said("The node's id.")) var node: String
        @Option(help: said("Why, for the log.")) var reason: String

        func run() async throws {
            let node = try UsageProblem.of { try NodeID(self.node) }
            try await NodeFolder(path: directory).change(node, .revoke(reason: reason))
            Talk.line("node \(node) is revoked; what it has written and not sent stays on its disk")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: said("List the nodes that were ever invited."))
        @Argument(help: said("A node's folder.")) var directory: String
        @Flag(help: said("Print as JSON.")) var json = false

        func run() throws {
            let folder = try NodeFolder(path: directory)
            let book = try NodeBook(reader: SQLiteReader(path: folder.log), centre: folder.configuration.centre)
            if json {
                Output.json(["nodes": .array(book.all.map { .object($0.json) })])
                return
            }
            for member in book.all {
                Output.text("\(member.slot)\t\(member.node)\t\(member.state.words)\t\(member.key ?? "-")")
            }
        }
    }
}

extension Membership.State {
    fileprivate var words: Words {
        switch self {
        case .invited: "invited"
        case .enrolled: "enrolled"
        case .revoked: "revoked"
        }
    }
}

extension Membership {
    /// As `docs/cli-json.md` has it.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "node": .string(node.text), "slot": .integer(Int64(slot)), "state": .string(state.rawValue),
        ]
        object["key"] = key.map(JSON.string)
        object["invitationEnds"] = invitation.map { .integer($0.expiresAt.milliseconds) }
        return object
    }
}
