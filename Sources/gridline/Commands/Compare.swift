import ArgumentParser
import Events
import Foundation
import Log
import Projections
import Tickets

/// `gridline compare`: whether a centre and a street agree on the tickets that both hold, and the street has nothing that is not
/// its own; exit 3 when that is not so, 1 when the street has events that the centre has yet to get, 2 when the folders are not a
/// centre's and its street's.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Compare the tickets that a centre and a street both hold, event by event and row by row."))

    @Argument(help: said("The centre's folder.")) var centre: String
    @Argument(help: said("The street's folder.")) var street: String
    @Flag(help: said("Print as JSON.")) var json = false

    func run() throws {
        let centre = try NodeFolder(path: centre)
        let street = try NodeFolder(path: street)
        try Compare.checkRoles(centre, street)
        let node = street.configuration.node
        let hub = try SQLiteReader(path: centre.log)
        let edge = try SQLiteReader(path: street.log)
        let behind = try Compare.behind(hub, edge, street: node)
        guard behind == 0 else {
            throw CommandProblem(
                message: "\(centre.configuration.node) lacks \(behind) events of \(node)",
                hint: "let both run until `gridline status \(street.path)` says outbox 0, then compare again")
        }
        let shared = try hub.streams(in: .node(node))
        for stream in shared {
            let there = try Compare.hashes(stream, hub)
            let here = try Compare.hashes(stream, edge)
            guard there == here else {
                throw IntegrityProblem(
                    table: "events", position: 0,
                    detail:
                        "\(stream): \(there.count) events at \(centre.configuration.node), \(here.count) at \(node), not the same"
                )
            }
        }
        let owner = centre.configuration.node
        if let stream = try Compare.split(hub, edge, street: node, centre: owner) {
            let detail: Words =
                try hub.version(of: stream) > 0
                ? "\(stream): \(node) takes it for its own, and \(owner) does not send it there"
                : "\(stream): \(node) takes it for its own, and \(owner) does not hold it"
            throw IntegrityProblem(table: "events", position: 0, detail: detail)
        }
        try Compare.checkSent(hub, edge, street: node, centre: owner)
        let digests = try [centre, street].map { folder in
            guard FileManager.default.fileExists(atPath: folder.views) else {
                throw CommandProblem(
                    message: "\(folder.views) is missing", hint: "start the node once: gridline serve \(folder.path)")
            }
            // Only looked at: a file that does not fit is the serving node's to replace.
            let views = try folder.openViews()
            try folder.runner(of: views).catchUp()
            return try views.digest(of: shared)
        }
        guard digests[0] == digests[1] else {
            throw IntegrityProblem(
                table: "views", position: 0, detail: "rows \(digests[0]) at the centre, \(digests[1]) at \(node)")
        }
        guard !json else {
            return Output.json([
                "centre": .string(centre.configuration.node.text), "rows": .string("\(digests[0])"),
                "shared": .integer(Int64(shared.count)), "street": .string(node.text),
            ])
        }
        Output.text(
            "\(centre.configuration.node) = \(node): \(shared.count) shared tickets, rows \(digests[0])")
    }

    /// Refuses a street's log with an event that the centre never sent there: neither its own, nor in its feeds (`unsent`).
    static func checkSent(_ hub: SQLiteReader, _ edge: SQLiteReader, street: NodeID, centre: NodeID) throws {
        guard let found = try edge.unsent(by: hub, to: street) else { return }
        throw IntegrityProblem(
            table: "events", position: found.position,
            detail: "\(found.id) of \(found.stream) is at \(street), and is in no feed that \(centre) sends there",
            hint: """
                let both run until they are in step, and compare again; if it stays, it came by `gridline import --events`, which \
                belongs at the centre, or by a fault: keep both folders, and replace the street (docs/operations.md)
                """)
    }

    /// Refuses folders that cannot agree or differ, so that nothing is called equal that was never compared.
    private static func checkRoles(_ centre: NodeFolder, _ street: NodeFolder) throws {
        let (hub, edge) = (centre.configuration, street.configuration)
        let hint: Words = "name the centre's folder first, then that of one of its streets"
        guard hub.role == .central else {
            throw CommandProblem(message: "\(centre.path) is not a centre's folder", hint: hint, isUsage: true)
        }
        guard edge.role == .street, edge.centre == hub.node else {
            throw CommandProblem(
                message: "\(street.path) is not the folder of a street of \(hub.node)", hint: hint, isUsage: true)
        }
    }

    /// Events of the street's own that the centre does not have yet: until it has them, nobody knows whether they agree.
    static func behind(_ hub: any EventReader, _ edge: any EventReader, street: NodeID) throws -> Int64 {
        // As far as the centre has them without a hole (`docs/decisions/0018-have-is-whole.md`).
        try edge.originHeads().filter { $0.origin.node == street }
            .reduce(0) { $0 + max(0, $1.sequence - (try hub.denseEnd(of: $1.origin, from: 0))) }
    }

    /// The first ticket that is in no feed of the street though the street owns or holds it by all it knows: each goes on
    /// with a ticket that the other does not see, or the centre has lost it.
    ///
    /// - Parameter pageSize: events read at once.
    static func split(
        _ hub: any EventReader, _ edge: any EventReader & StreamScanner, street: NodeID, centre: NodeID,
        pageSize: Int = 10_000
    ) throws -> StreamName? {
        var place = StreamPlace(number: 1, version: 0)
        let last = try edge.lastStreamNumber()
        let end = try edge.head().position
        var fold = TicketFold(centre: centre)
        var stream: StreamName?
        func isSplit() throws -> StreamName? {
            guard let stream, fold.state.ownerNode == street || fold.state.holderNode == street,
                try !hub.membership(of: stream).contains(.node(street))
            else { return nil }
            return stream
        }
        while true {
            let page = try edge.streams(of: ["ticket"], after: place, through: last, upTo: end, limit: pageSize)
            for scanned in page {
                if stream != scanned.events.first?.stream {
                    if let found = try isSplit() { return found }
                    fold = TicketFold(centre: centre)
                    stream = scanned.events.first?.stream
                }
                for event in scanned.events { fold.add(event) }
            }
            guard let next = page.last?.place else { return try isSplit() }
            place = next
        }
    }

    /// The hashes of all events of a stream, sorted, since each log has them in its own order.
    ///
    /// - Parameter pageSize: events read at once.
    static func hashes(
        _ stream: StreamName, _ reader: any EventReader, pageSize: Int = 10_000
    ) throws -> [String] {
        var hashes: [String] = []
        try reader.forEachPage(.stream(stream), pageSize: pageSize) { page in
            hashes += page.map(\.event.hash.description)
        }
        return hashes.sorted()
    }
}
