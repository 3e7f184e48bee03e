import ArgumentParser
import Events
import Foundation
import Log
import Node
import ZeroMQ

/// `gridline nodes`: which nodes belong to this centre.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Invite nodes, list them, exchange their keys, revoke them."),
        subcommands: [Invite.self, List.self, Rotate.self, Revoke.self])

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
            try Nodes.check(hours: hours)
            let folder = try NodeFolder(path: directory)
            let way = try Nodes.way(to: folder, at: address, for: node, of: directory)
            var advice = way.advice
            let secret = Nodes.secret()
            let expires = SystemClock().now() + Int64(hours) * 3_600_000
            try await folder.change(node, .invite(secretHash: Nodes.hash(secret), expiresAt: expires))
            let reader = try SQLiteReader(path: folder.log)
            // The invitation stands in the log: what cannot be read of the rules costs the advice alone.
            do {
                let rules = try BookRules(reader: reader, centre: folder.configuration.centre)
                if let about = InvitationAdvice.on(node, of: area, under: rules, in: directory) { advice.append(about) }
            } catch {
                advice.append(InvitationAdvice.unread(directory))
            }
            let invitation = try Nodes.invitation(to: folder, way.hub, for: node, secret, expires, area: area)
            let how: Words = "At the street, within \(hours) h: gridline enroll FOLDER --with STRING"
            Nodes.show(invitation, advice, json: json, how: how)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("Print the string with which an enrolled node exchanges its key; it works once."))
        @Argument(help: said("The centre's folder.")) var directory: String
        @Option(help: said("The node's id.")) var node: String
        @Option(help: said("host:port at which the street reaches the centre. Default: its replicationListen."))
        var address: String?
        @Option(help: said("Hours for which the string is good, 1-720.")) var hours: Int = 24
        @Option(
            help: said("Hours for which the old key stays beside the new one unless that is used before, 1-720."))
        var overlap: Int = 24
        @Flag(help: said("Print as JSON.")) var json = false

        func run() async throws {
            let node = try UsageProblem.of { try NodeID(self.node) }
            try Nodes.check(hours: hours)
            try Nodes.check(hours: overlap)
            let folder = try NodeFolder(path: directory)
            let way = try Nodes.way(to: folder, at: address, for: node, of: directory)
            let secret = Nodes.secret()
            let expires = SystemClock().now() + Int64(hours) * 3_600_000
            try await folder.change(
                node,
                .rotate(secretHash: Nodes.hash(secret), expiresAt: expires, overlap: Int64(overlap) * 3_600_000))
            var invitation = try Nodes.invitation(to: folder, way.hub, for: node, secret, expires, area: "")
            invitation.isRotation = true
            let how: Words =
                "At the street, within \(hours) h: gridline enroll FOLDER --with STRING; the old key is good for \(overlap) h after that at most"
            Nodes.show(invitation, way.advice, json: json, how: how)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: said("End a node's membership, or one of its two keys, at once."))
        @Argument(help: said("The centre's folder.")) var directory: String
        @Option(help: said("The node's id.")) var node: String
        @Option(help: said("This one of the node's two keys alone; the node stays.")) var key: String?
        @Option(help: said("Why, for the log.")) var reason: String

        func run() async throws {
            let node = try UsageProblem.of { try NodeID(self.node) }
            if let key {
                try await NodeFolder(path: directory).change(node, .endKey(key, .revoked(reason: reason)))
                Talk.line("key \(key) of node \(node) ended, at once")
                return
            }
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
                let line: Words = "\(member.slot)\t\(member.node)\t\(member.state.words)\t\(member.key ?? "-")"
                guard let old = member.oldKey else {
                    Output.text(line)
                    continue
                }
                // Behind the others: whoever reads lines by their first four fields goes on doing so.
                let both: Words = "\(line)\t\(old.key)\t\(old.endsAt)"
                Output.text(both)
            }
        }
    }

    // MARK: - What inviting and rotating share

    /// Ticket numbers of streets begin above the centre's own digits.
    private static let firstNumber = 10

    private static func check(hours: Int) throws {
        guard (1...720).contains(hours) else {
            throw CommandProblem(message: "\(hours) hours", hint: "give 1 to 720", isUsage: true)
        }
    }

    /// 128 random bits.
    private static func secret() -> String {
        var random = SystemRandomNumberGenerator()
        return random.next().hexadecimal + random.next().hexadecimal
    }

    private static func hash(_ secret: String) -> String { Digest.sha256(Array(secret.utf8)).description }

    /// At which address a street reaches the centre, and what is to be said of it.
    private static func way(
        to folder: NodeFolder, at address: String?, for node: NodeID, of directory: String
    ) throws -> (hub: String, advice: [InvitationAdvice]) {
        guard folder.configuration.role == .central, let listen = folder.configuration.replicationListen else {
            throw CommandProblem(
                message: "\(directory) serves no streets",
                hint: "invite at the centre; its gridline.yaml has replicationListen")
        }
        return (
            address ?? listen, try InvitationAdvice.on(address, listening: listen, for: node, of: directory)
        )
    }

    /// What the street gets, once the log has it.
    private static func invitation(
        to folder: NodeFolder, _ hub: String, for node: NodeID, _ secret: String, _ expires: Timestamp, area: String
    ) throws -> Invitation {
        let book = try NodeBook(reader: SQLiteReader(path: folder.log), centre: folder.configuration.centre)
        guard let member = book[node] else {
            throw CommandProblem(message: "\(node) is not in the log", hint: "run `gridline verify \(folder.path)`")
        }
        let host = hub.prefix { $0 != ":" }
        return Invitation(
            node: node, centre: folder.configuration.centre, hub: hub,
            enrol: "\(host):\(folder.configuration.enrolPort)", key: try folder.curveKeys().publicKey, secret: secret,
            number: (firstNumber + member.slot) % 100, area: area, expiresAt: expires)
    }

    private static func show(_ invitation: Invitation, _ advice: [InvitationAdvice], json: Bool, how: Words) {
        if json {
            Output.json([
                "expiresAt": .integer(invitation.expiresAt.milliseconds), "invitation": .string(invitation.text),
                "node": .string(invitation.node.text), "warnings": .array(advice.map { .string($0.text) }),
            ])
        } else {
            Output.plain(invitation.text)
            Talk.line(how)
        }
        for one in advice {
            Talk.line("Warning: \(one.message)")
            Talk.line("Try: \(one.hint)")
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
        object["oldKey"] = oldKey.map { .string($0.key) }
        object["oldKeyEnds"] = oldKey.map { .integer($0.endsAt.milliseconds) }
        object["invitationEnds"] = invitation.map { .integer($0.expiresAt.milliseconds) }
        return object
    }
}
