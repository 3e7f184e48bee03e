/// The composition of a running node from its folder: link, ports, keys.

import Events
import Foundation
import Log
import Node
import Projections
import Replication
import Runtime
import Server
import Tickets
import ZeroMQ

extension NodeFolder {
    /// The replication that the configuration asks for: what decides, and the sockets it has.
    func replication() throws -> (desk: any Desk, transport: any Transport) {
        var random = SystemRandomNumberGenerator()
        switch configuration.role {
        case .central:
            guard let listen = configuration.replicationListen else { return (NoDesk(), NoTransport()) }
            let settings = HubSockets.Settings(
                listen: listen, publishFrom: configuration.publishFrom, enrolPort: configuration.enrolPort,
                keys: try curveKeys())
            return (HubDesk(random: SystemRandomNumberGenerator()), try HubSockets(settings))
        case .street:
            guard let hub = configuration.hub, let key = configuration.hubKey else { return (NoDesk(), NoTransport()) }
            let settings = StreetSockets.Settings(hub: hub, hubKey: key, keys: try curveKeys())
            return (StreetDesk(node: configuration.node, seed: random.next()), try StreetSockets(settings))
        case .standby:
            throw CommandProblem(message: "a standby does not serve yet", hint: "use role central or street")
        }
    }

    /// What HTTP needs of the running node.
    func ports(queue: WorkQueue, vault: Vault, status: SharedStatus, views: ViewStore) throws -> ServerPorts {
        let path = log
        let centre = configuration.centre
        let node = configuration.node
        return ServerPorts(
            submit: { command, person in
                await withCheckedContinuation { continuation in
                    do {
                        try queue.add(Work(command: command, person: person) { continuation.resume(returning: $0) })
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            },
            identities: Identities(key: { try vault.key(of: $0) }, find: { try vault.find($0) }),
            ticket: { ticket in
                let reader = try SQLiteReader(path: path)
                guard try reader.version(of: ticket) > 0 else { return nil }
                return try NodeCore.read(ticket, centre: centre, reader)
            },
            status: { try NodeFolder.statusJSON(status.current, node: node, views: views) }, views: views,
            clock: SystemClock(),
            token: try token(), node: node, isCentre: node == centre, utcOffsetMinutes: configuration.utcOffsetMinutes)
    }

    private static func statusJSON(_ status: NodeLoop.Status, node: NodeID, views: ViewStore) throws -> JSONObject {
        let viewed = try views.checkpoint().position
        return [
            "alarms": .array(status.alarms.map(JSON.string)),
            "conflicts": .integer(Int64(try views.openConflicts(limit: 500).count)),
            "lag": .integer(status.lag), "linked": .bool(status.isLinked), "node": .string(node.text),
            "outbox": .integer(status.outbox),
            "peers": .array(
                status.peers.map { peer in
                    var cursors = JSONObject()
                    for (feed, cursor) in peer.cursors { cursors[feed.text] = .integer(cursor.fseq) }
                    return .object([
                        "behind": .integer(peer.behind), "cursors": .object(cursors), "node": .string(peer.node.text),
                        "outbox": .integer(peer.outbox),
                    ])
                }),
            "position": .integer(status.head.position), "root": .string(status.head.chain.description),
            "viewPosition": .integer(viewed),
        ]
    }

    // MARK: - Keys

    /// Makes the CURVE pair and the token of a new node.
    func makeKeys() throws {
        let pair = try CurveKeys.generate()
        var random = SystemRandomNumberGenerator()
        try write(pair.publicKey, to: "curve.public")
        try write(pair.secretKey, to: "curve.secret")
        try write(random.next().hexadecimal + random.next().hexadecimal, to: "token")
    }

    func curveKeys() throws -> CurveKeys {
        CurveKeys(publicKey: try read("curve.public"), secretKey: try read("curve.secret"))
    }

    func token() throws -> String { try read("token") }

    private func read(_ name: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: "\(keys)/\(name)") else {
            throw CommandProblem(
                message: "\(keys)/\(name) is missing", hint: "restore the keys folder, or make a new node")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func write(_ text: String, to name: String) throws {
        let path = "\(keys)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw CommandProblem(message: "\(path) cannot be written", hint: "check the folder's owner and free space")
        }
    }
}
