// What the hub's desk says beside rows: keys of persons go to who may have them, and what one side lost is asked of the other.

import Events

extension HubDesk {
    /// What this hub has lost is asked of the nodes that have it.
    mutating func askForLost(_ now: Moment) {
        for node in repair.lacking {
            guard let session = hub.session(of: node), let question = repair.ask(node, now: now) else { continue }
            send(.repair(session: session, question), to: node)
        }
        alarms += repair.takeAlarms()
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
    mutating func exchangeKeys(_ reader: any EventReader, _ now: Moment) throws {
        let messages = try keys?.turn(reader: reader, now: now) { stream, street in
            try reader.membership(of: stream).contains(.node(street))
        }
        for (node, message) in messages ?? [] { send(message, to: node) }
        alarms += keys?.takeAlarms() ?? []
    }
}
