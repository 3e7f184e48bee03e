/// The composition of a running node from its folder: link, ports, keys.

import Events
import Foundation
import Log
import Node
import Projections
import Replication
import Runtime
import Server
import Texts
import Tickets
import ZeroMQ

extension NodeFolder {
    /// The replication that the configuration asks for: what decides, and the sockets it has.
    ///
    /// - Parameters:
    ///   - vault: where keys of persons are kept.
    ///   - blobs: where photographs and recordings are.
    func replication(vault: Vault, blobs: BlobStore) throws -> (desk: any Desk, transport: any Transport) {
        var random = SystemRandomNumberGenerator()
        let isHub = configuration.role == .central
        let blobDesk = BlobDesk(node: configuration.node, isHub: isHub, store: blobs, naming: TicketBlobs())
        switch configuration.role {
        case .central:
            guard let listen = configuration.replicationListen else { return (NoDesk(), NoTransport()) }
            let settings = HubSockets.Settings(
                listen: listen, publishFrom: configuration.publishFrom, enrolPort: configuration.enrolPort,
                keys: try curveKeys())
            let centre = configuration.centre
            let desk = HubDesk(
                random: SystemRandomNumberGenerator(), vault: vault, signer: try signer(), blobs: blobDesk,
                bases: HubBases { TicketFold(centre: centre, events: $0).state.status.isOpen })
            return (desk, try HubSockets(settings))
        case .street:
            guard let hub = configuration.hub, let key = configuration.hubKey else { return (NoDesk(), NoTransport()) }
            let settings = StreetSockets.Settings(hub: hub, hubKey: key, keys: FolderKeys(keys))
            let term = KeyTerm(
                days: configuration.keyDaysAfterEnd, audience: TicketAudience(centre: configuration.centre))
            let desk = StreetDesk(
                node: configuration.node, seed: random.next(), keys: (vault, configuration.centre), term: term,
                purgeAfter: PurgeTerm(days: configuration.purgeAfterDays), blobs: blobDesk)
            return (desk, try StreetSockets(settings))
        }
    }

    /// What HTTP needs of the running node.
    func ports(
        queue: WorkQueue, vault: Vault, blobs: BlobStore, status: SharedStatus, watch: AlarmWatch, views: ViewStore,
        commits: CommitSignal, progress: NodeProgress
    ) throws -> ServerPorts {
        let readers = ReaderPool(path: log)
        let centre = configuration.centre
        let node = configuration.node
        let path = path
        let offset = configuration.utcOffsetMinutes
        return ServerPorts(
            submitAll: { await queue.submit($0) },
            identities: Identities(
                key: { try vault.held($0) }, keyOfBox: { try vault.held(for: $0) }, find: { try vault.find($0) }),
            blobs: blobs, blobStatus: { status.current.blobs },
            ticket: { ticket, moment in
                try readers.read { try NodeFolder.ticket(ticket, at: moment, centre: centre, $0) }
            },
            fetch: { ticket in
                try await withCheckedThrowingContinuation { continuation in
                    do { try queue.fetch(ticket) { continuation.resume(returning: $0) } } catch {
                        continuation.resume(throwing: error)
                    }
                }
            },
            events: { scope, position, limit in
                try readers.read { try $0.page(scope, .forward, from: position, limit: limit) }
            },
            head: { try readers.read { try $0.head().position } }, commits: commits,
            progress: progress,
            confirmed: {
                Dictionary(uniqueKeysWithValues: status.current.confirmed.map { ($0.origin, $0.sequence) })
            },
            line: {
                let now = status.current
                return (now.isLinked, now.outbox)
            },
            rules: { status.current.rules },
            status: {
                var object = try NodeFolder.statusJSON(
                    status.current, in: $0, node: node, views: views, folder: path)
                if node == centre, let rules = status.current.rules {
                    object["undelivered"] = .integer(try views.undeliveredCount(under: rules, centre: centre))
                }
                object["utcOffsetMinutes"] = .integer(Int64(offset))
                return object
            }, acknowledge: { watch.acknowledge($0, $1, by: $2) }, unexpected: { status.alarm($0) }, views: views,
            clock: SystemClock(),
            token: try token(), node: node, isCentre: node == centre, utcOffsetMinutes: configuration.utcOffsetMinutes)
    }

    /// A ticket as the log folds it now or at a past moment; nil when nothing of it was there then.
    private static func ticket(
        _ ticket: StreamName, at moment: PastMoment?, centre: NodeID, _ reader: SQLiteReader
    ) throws -> TicketFold? {
        let cut: Cut
        switch moment {
        case nil: cut = .everything
        case .occurred(let instant): cut = .occurred(by: instant)
        case .known(let instant): cut = try .known(by: instant, in: reader)
        }
        let fold = try NodeCore.read(ticket, centre: centre, reader) { cut.sees($0) }
        return fold.entries.isEmpty ? nil : fold
    }

    static func bytes(of file: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandProblem(message: "\(file) cannot be read", hint: "name a file that is there")
        }
        return Array(data)
    }

    func configurationText() throws -> String {
        String(decoding: try NodeFolder.bytes(of: path + "/gridline.yaml"), as: UTF8.self)
    }
}
