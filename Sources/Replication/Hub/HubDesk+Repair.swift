// What the hub's desk says beside rows: keys of persons go to who may have them, and what one side lost is asked of the other.

import Events

extension HubDesk {
    /// What this hub has lost is asked of the nodes that have it.
    mutating func askForLost(_ now: Moment) {
        for node in repair.lacking {
            guard let session = hub.session(of: node), let question = repair.ask(node, now: now) else { continue }
            send(.repair(session: session, question), to: node)
        }
        for question in rotten.ask(hub.live.map(\.node), now: now) {
            guard let node = question.peer, let session = hub.session(of: node) else { continue }
            send(.repair(session: session, .want([question.event])), to: node)
        }
        alarms += repair.takeAlarms() + rotten.takeAlarms()
    }

    mutating func take(_ message: RepairMessage, from node: NodeID, _ reader: any EventReader) throws {
        switch message {
        case .want(let ids): wants[node] = Array(ids.prefix(HubDesk.givenAtOnce))
        case .give(let first, let events): rotten.given(events, for: first, by: node)
        case .recall, .recalled, .head: break
        }
        try repair.take(message, from: node, reader)
    }

    /// Events that a node is given at once: it asks for one.
    private static let givenAtOnce = 4

    /// Gives nodes what is rotten there, of what is in their feeds.
    mutating func giveBack(_ reader: any EventReader) throws {
        for (node, ids) in wants.sorted(by: { $0.key < $1.key }) {
            guard let session = hub.session(of: node), let first = ids.first else { continue }
            let events = try StreetRepair.events(ids, reader).filter { event in
                let answer = try LogFailure.orDamage { () throws(LogFailure) in try mayHave(event, node, reader) }
                return if case .success(true) = answer { true } else { false }
            }
            send(.repair(session: session, .give(first: first, events)), to: node)
        }
        wants = [:]
    }

    /// Whether a node's feeds hold an event, or the node wrote it.
    private func mayHave(_ event: Event, _ node: NodeID, _ reader: any EventReader) throws(LogFailure) -> Bool {
        if event.id.origin.node == node { return true }
        if try reader.membership(of: event.stream).contains(.node(node)) { return true }
        return try reader.row(of: event.id, in: .common, above: 0) != nil
    }

    /// Signs the end of a feed for those who have it.
    mutating func sign(_ feed: FeedName, _ head: FeedCursor, _ now: Moment) throws {
        guard let due = repair.signatureDue(feed, head) else { return }
        guard now.steady >= due else {
            looksAt = min(looksAt, due)
            return
        }
        let readers = feed.subscriber.map { hub.session(of: $0) == nil ? [] : [$0] } ?? hub.nodes
        guard !readers.isEmpty, let signed = try repair.sign(feed, head, now: now) else { return }
        for node in readers {
            guard let session = hub.session(of: node) else { continue }
            send(.repair(session: session, .head(feed, signed)), to: node)
        }
    }

    /// A street gets the keys of the tickets that are in its feed now.
    ///
    /// - Parameter rows: events that streets' pushes brought in this turn.
    mutating func exchangeKeys(_ reader: any EventReader, rows: Int, _ now: Moment) throws {
        let messages = keys?.turn(reader: reader, rows: rows, now: now) { stream, street throws(LogFailure) in
            try reader.membership(of: stream).contains(.node(street))
        }
        for (node, message) in messages ?? [] { send(message, to: node) }
        alarms += keys?.takeAlarms() ?? []
        for damage in keys?.takeDamage() ?? [] { try rotten.note(damage, reader) }
    }
}
