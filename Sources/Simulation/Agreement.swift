/// What must hold once a cluster is at rest: nothing acknowledged is missing, every street has just its feeds and its
/// own events, shared tickets are equal to the byte and fold to the same state, feeds are dense and chained.

package import Events
import Node
import Tickets

extension Cluster {
    /// Everything that does not hold; empty when the nodes agree.
    ///
    /// - Parameter restored: the centre was restored from a backup: what it alone had is gone, streets keep what they had
    ///   before they went on from the last common row, and all of it was an alarm.
    package func disagreements(restored: Bool = false) throws -> [String] {
        guard let hub = nodes[centre] else { return ["there is no centre"] }
        let atHub = try hub.events()
        var found: [String] = []
        for (command, node) in acknowledged.sorted(by: { $0.key.description < $1.key.description }) {
            if restored, node == centre { continue }
            if !emptied.contains(node), try nodes[node]?.log.reader.outcome(of: command) == nil {
                found.append("\(node) lost \(command)")
            }
            if try hub.log.reader.outcome(of: command) == nil, try nodes[node]?.hasEvents(of: command) == true {
                found.append("the centre has nothing of \(command), acknowledged by \(node)")
            }
        }
        for (command, node) in entrusted.sorted(by: { $0.key.description < $1.key.description }) where !restored {
            guard try hub.log.reader.outcome(of: command) == nil else { continue }
            found.append("the centre lost \(command), which it had confirmed before \(node) was emptied")
        }
        // Behind a restore a street's place in the common feed goes back, and its rows of before stand above it.
        if !restored { found += early.sorted() }
        found += try audienceFindings(hub)
        found += try memberFindings(hub)
        found += peerFindings(hub)
        found += try rowFindings(.common, hub)
        for street in streets {
            guard let node = nodes[street] else { continue }
            found += try feedFindings(node, hub)
            found += try rowFindings(.node(street), hub)
            found += try eventFindings(node, hub, atHub, restored: restored)
            found += try ticketFindings(node, hub)
            found += try sleepFindings(node, hub)
            found += try outboxFindings(node, hub, restored: restored)
            if node.machine?.lag != 0 { found.append("\(street) still lags") }
        }
        found += try keyFindings(hub)
        found += try bodyFindings(hub)
        for node in all where !restored {
            if let alarm = node.alarms.first(where: { !isOfRot($0) }) { found.append("\(node.id) alarmed: \(alarm)") }
        }
        return found
    }

    /// Nothing waits; of an origin of which an event was lost with both disks, which is an alarm, just what is from there on.
    private func outboxFindings(_ street: SimulatedNode, _ hub: SimulatedNode, restored: Bool) throws -> [String] {
        guard let outbox = street.machine?.outbox, outbox != 0 else { return [] }
        var stuck: Int64 = 0
        for head in try street.log.reader.originHeads() where head.origin.node == street.id {
            let next = EventID(origin: head.origin, sequence: try hub.log.reader.denseEnd(of: head.origin, from: 0) + 1)
            guard next.sequence <= head.sequence else { continue }
            let isNowhere = try all.allSatisfy { try $0.log.reader.event(next) == nil }
            let isLost = restored && emptied.contains(street.id) && isNowhere
            let isTold = street.alarms.contains { $0.hasPrefix("\(next) is neither at the hub nor here") }
            guard isLost, isTold else { return ["\(street.id) still has an outbox: \(next), told \(isTold)"] }
            stuck += head.sequence - next.sequence + 1
        }
        return outbox == stuck ? [] : ["\(street.id) has an outbox of \(outbox), of which \(stuck) can never be sent"]
    }

    /// Of rows that were made to rot it may be told.
    private func isOfRot(_ alarm: String) -> Bool {
        !rotted.isEmpty && (alarm.contains("is not that of its fields") || alarm.contains("of the log"))
    }

    /// Dense, chained, and applied to its end.
    private func feedFindings(_ street: SimulatedNode, _ hub: SimulatedNode) throws -> [String] {
        var found: [String] = []
        for feed in [FeedName.common, .node(street.id)] {
            var end = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
            for row in try hub.log.reader.rows(of: feed, above: 0, limit: 10_000) {
                let (kind, hash, history): (FeedRow.Kind, Digest?, Int64) =
                    switch row.operation {
                    case .event(let event): (.event, event.hash, 0)
                    case .join(let history): (.join, nil, history)
                    case .leave: (.leave, nil, 0)
                    }
                let chain = FeedRow.chain(
                    after: end.chain, fseq: end.fseq + 1, stream: row.stream, kind: kind, event: hash,
                    history: history, common: row.common)
                if row.fseq != end.fseq + 1 || row.chain != chain { found.append("\(feed) breaks at \(row.fseq)") }
                end = FeedCursor(fseq: row.fseq, chain: row.chain)
            }
            let here = try street.log.reader.cursor(of: feed) ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
            if here != end { found.append("\(street.id) is at \(here.fseq) of \(end.fseq) in \(feed)") }
        }
        return found
    }

    /// A street has its own events and those of its feeds, no other; the hub has all of them.
    ///
    /// - Parameter restored: what a street had from a hub that was restored since stays with it.
    private func eventFindings(
        _ street: SimulatedNode, _ hub: SimulatedNode, _ atHub: [EventID: Digest], restored: Bool
    ) throws -> [String] {
        var expected: [EventID: Digest] = [:]
        for feed in [FeedName.common, .node(street.id)] {
            // Of a feed that a street began behind a base it has what follows.
            let first = try street.log.reader.received(of: feed, above: 0, limit: 1).first?.fseq ?? 1
            for row in try hub.log.reader.rows(of: feed, above: first - 1, limit: 10_000) {
                if case .event(let event) = row.operation { expected[event.id] = event.hash }
            }
        }
        let here = try street.events()
        for (id, hash) in here where id.origin.node == street.id { expected[id] = hash }
        var found: [String] = []
        for (id, hash) in expected.sorted(by: { $0.key < $1.key }) {
            if here[id] != hash { found.append("\(street.id) lacks \(id)") }
            if atHub[id] != hash { found.append("the centre lacks \(id)") }
        }
        for (id, hash) in here.sorted(by: { $0.key < $1.key })
        where expected[id] == nil && !(restored && atHub[id] == hash) {
            // What went there, and was lost with the centre's disk, is in no log any more.
            if restored, try street.misses(id) { continue }
            found.append("\(street.id) has a foreign \(id)")
        }
        return found
    }

    /// A ticket is in the feeds of its lead and its helpers, and one that nobody holds in none.
    private func audienceFindings(_ hub: SimulatedNode) throws -> [String] {
        var found: [String] = []
        for ticket in try tickets(at: hub.id) {
            let fold = try hub.fold(ticket)
            let state = fold.state
            // A street's own case stays with it, also when it was taken over, until it is dispatched elsewhere.
            let isCentres = fold.entries.first?.record.event.id.origin.node == centre
            guard !state.isStreetOwned, isCentres || state.lead != nil else { continue }
            switch state.status {
            case .dispatched, .inHand, .returnAsked, .ruling, .replied, .registered, .toDispatch, .merged, .void: break
            case .answered, .rejected, .finished, .calledBack, .closed: continue
            }
            let wanted = Set(([state.lead?.node] + state.helpers.map(\.node)).compactMap(\.self)).subtracting([centre])
            let here = try hub.log.reader.membership(of: ticket).filter { $0 != .node(centre) }
            if here != wanted.map(FeedName.node).sorted() {
                found.append("\(ticket) is \(state.status.rawValue) with \(wanted.sorted()), and goes to \(here)")
            }
        }
        return found
    }

    /// Who belongs to the district is the same everywhere, and no two nodes have one slot.
    private func memberFindings(_ hub: SimulatedNode) throws -> [String] {
        let there = try NodeBook(reader: hub.log.reader, centre: centre).all
        var found: [String] = []
        if Set(there.map(\.slot)).count != there.count { found.append("a slot is two nodes': \(there)") }
        for street in streets {
            guard let node = nodes[street] else { continue }
            let here = try NodeBook(reader: node.log.reader, centre: centre).all
            if here != there { found.append("\(street) has other members: \(here), not \(there)") }
        }
        return found
    }

    /// Tickets that the street holds or helps with now are the same here and there.
    private func ticketFindings(_ street: SimulatedNode, _ hub: SimulatedNode) throws -> [String] {
        var found: [String] = []
        for ticket in try tickets(at: hub.id)
        where try street.needs(ticket, hub) {
            let here = try street.fold(ticket)
            let there = try hub.fold(ticket)
            if here.entries.filter({ $0.effect != .missing }) != there.entries {
                found.append("\(street.id) has another history of \(ticket)")
            }
            if here.state != there.state { found.append("\(street.id) has another state of \(ticket)") }
        }
        return found
    }

    /// What goes on has its rows in the feed, however that began anew.
    private func sleepFindings(_ street: SimulatedNode, _ hub: SimulatedNode) throws -> [String] {
        try tickets(at: hub.id).compactMap { ticket in
            guard try hub.log.reader.asleep(ticket).contains(.node(street.id)) else { return nil }
            let events = try hub.log.reader.page(.stream(ticket), .forward, from: 0, limit: 10_000).map(\.event)
            return hub.carriesOver(events) ? "\(ticket) goes on and was not carried over to \(street.id)" : nil
        }
    }

    /// The tickets in a node's log, in the order of their first events.
    package func tickets(at node: NodeID) throws -> [StreamName] {
        var seen: Set<StreamName> = []
        var found: [StreamName] = []
        for stored in try nodes[node]?.log.reader.page(.category("ticket"), .forward, from: 0, limit: 10_000) ?? []
        where seen.insert(stored.event.stream).inserted {
            found.append(stored.event.stream)
        }
        return found
    }
}

extension SimulatedNode {
    /// Whether a ticket is in this street's feed with its rows; one that sleeps there is as it was, where it is here at all.
    func needs(_ ticket: StreamName, _ hub: SimulatedNode) throws -> Bool {
        guard try hub.log.reader.membership(of: ticket).contains(.node(id)) else { return false }
        return try !hub.log.reader.asleep(ticket).contains(.node(id)) || log.reader.version(of: ticket) > 0
    }

    fileprivate func hasEvents(of command: CommandID) throws -> Bool {
        try log.reader.outcome(of: command).map { !$0.stored.isEmpty } ?? false
    }
}
