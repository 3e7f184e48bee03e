/// Who gets what by the rows of the centre's feeds, and what the centre believes that its streets have.
///
/// What a street is to have is told by its feed; so the feed itself is looked at, by other rules than the log writes it by.

package import Events
import Node
import Replication

extension Cluster {
    /// Rows of a feed that it may not have, and tickets that are in it by their memberships and not by its rows, or the other way.
    func rowFindings(_ feed: FeedName, _ hub: SimulatedNode) throws -> [String] {
        var walk = FeedWalk(of: feed, centre: centre)
        for row in try hub.log.reader.rows(of: feed, above: 0, limit: 10_000) { walk.take(row) }
        var found = walk.findings
        for ticket in try tickets(at: hub.id) {
            let isMember = try hub.log.reader.membership(of: ticket).contains(feed)
            let isAwake = try isMember && !hub.log.reader.asleep(ticket).contains(feed)
            if isMember != (walk.inside.contains(ticket) || walk.asleep.contains(ticket))
                || isAwake != walk.inside.contains(ticket)
            {
                found.append("\(ticket) is in \(feed) \(isMember), awake \(isAwake), and by its rows it is not so")
            }
        }
        return found
    }

    /// The centre knows of each street with a session that it has everything: a word of it that got lost was said again with its PING.
    func peerFindings(_ hub: SimulatedNode) -> [String] {
        let told = hub.moment(now).steady - StreetSession.Limit.ping - 1_000
        return (hub.machine?.peers ?? []).compactMap { peer in
            let isOld = peer.since < told && peer.behindSince.map { $0 < told } ?? true
            guard peer.behind != 0, isOld, nodes[peer.node]?.machine?.isUp == true else { return nil }
            return "the centre believes that \(peer.node) lacks \(peer.behind) rows"
        }
    }
}

/// Follows the rows of a feed from its first one, and finds those that may not be in it.
///
/// A street's feed has tickets, each from its JOIN, with its history, to its LEAVE, and the words of the centre that the feed begins anew;
/// the common feed has what the centre says to all. Calls, looks at callers (`reveal`) and what nodes note of themselves are in none.
package struct FeedWalk {
    private static let common: Set<Substring> = [
        "rule", "calendar", "catalogue", "territory", "account", "node", "person",
    ]

    package private(set) var findings: [String] = []
    /// Tickets whose rows are in the feed.
    package private(set) var inside: Set<StreamName> = []
    /// Tickets that were in it when it began anew, and have not come since.
    package private(set) var asleep: Set<StreamName> = []
    private let feed: FeedName
    private let centre: NodeID
    private var end: FeedCursor
    /// The ticket whose JOIN came last, and how many rows of its history are still to come.
    private var joining: (ticket: StreamName, left: Int64)?

    package init(of feed: FeedName, centre: NodeID) {
        self.feed = feed
        self.centre = centre
        end = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
    }

    package mutating func take(_ row: FeedRow) {
        defer { end = FeedCursor(fseq: row.fseq, chain: row.chain) }
        if let (ticket, left) = joining {
            if case .event = row.operation, row.stream == ticket {
                joining = left > 1 ? (ticket, left - 1) : nil
            } else {
                find(row, "stands in the history of \(ticket), of which \(left) rows are still to come")
                joining = nil
            }
        }
        switch row.operation {
        case .join(let history):
            if feed == .common || row.stream.category != "ticket" { find(row, "joins") }
            if !inside.insert(row.stream).inserted { find(row, "joins again") }
            asleep.remove(row.stream)
            joining = history > 0 ? (row.stream, history) : nil
        case .leave:
            let wasAsleep = asleep.remove(row.stream) != nil
            if inside.remove(row.stream) == nil, !wasAsleep { find(row, "leaves and was not in") }
        case .event(let event):
            if event.stream != row.stream { find(row, "has an event of \(event.stream)") }
            take(event, of: row)
        }
    }

    private mutating func take(_ event: Event, of row: FeedRow) {
        let isCentres = event.id.origin.node == centre
        if feed == .common {
            if !FeedWalk.common.contains(event.stream.category) || !isCentres {
                find(row, "is for nobody: \(event.id)")
            }
        } else if let base = FeedBase(event), isCentres, base.feed == feed {
            // One that came back from elsewhere is a row and no more.
            guard base.before == end else { return }
            asleep.formUnion(inside)
            inside = []
        } else if event.stream.category != "ticket" {
            find(row, "is not for this street: \(event.id)")
        } else if !inside.contains(event.stream) {
            find(row, "is of a ticket that is not in it: \(event.id)")
        }
    }

    private mutating func find(_ row: FeedRow, _ what: String) {
        findings.append("row \(row.fseq) of \(feed), of \(row.stream), \(what)")
    }
}
