// The lines to the streets as the centre's log has them: `link.lost` and `link.restored` in `link/<node>`, the centre's
// alone, and the outages that follow from them.

import Events
import Replication
import Tickets

struct LinkLog {
    static let category = "link"
    private static let lost = EventType("link.lost")
    private static let restored = EventType("link.restored")
    /// Outages that are remembered for a node; older ones excuse nothing any more.
    private static let remembered = 64

    private struct Line {
        var isUp: Bool
        var outages: [Outage] = []
    }

    private let centre: NodeID
    private var lines: [NodeID: Line] = [:]

    init(centre: NodeID) { self.centre = centre }

    /// Reads what the log has.
    ///
    /// - Parameter passed: told of damaged rows: an outage that they tell of excuses nothing until they are healed.
    mutating func load(_ reader: any EventReader, passed: (LogFailure) throws -> Void = { _ in }) throws {
        lines = [:]
        try reader.forEachReadable(.category(LinkLog.category)) { page in
            for stored in page { take(stored.event) }
        } passed: {
            try passed($0)
        }
    }

    /// Adds an event of a line; another node's word about its own line excuses nothing.
    mutating func take(_ event: Event) {
        // Nil is the answer: a stream of another name is no line.
        guard event.id.origin.node == centre, let node = try? NodeID(String(event.stream.key)) else {
            return
        }
        var line = lines[node] ?? Line(isUp: true)
        if event.type == LinkLog.lost {
            line.isUp = false
            line.outages = (line.outages + [Outage(lostAt: event.occurredAt)]).suffix(LinkLog.remembered)
        } else if event.type == LinkLog.restored {
            line.isUp = true
            if let last = line.outages.last, last.restoredAt == nil {
                line.outages[line.outages.count - 1].restoredAt = event.occurredAt
            }
        }
        lines[node] = line
    }

    func outages(of node: NodeID) -> [Outage] { lines[node]?.outages ?? [] }

    /// The line to a node that holds a ticket; one that never had a line of its own needs none.
    func line(to node: NodeID?) -> HolderLine {
        guard let line = node.flatMap({ lines[$0] }) else { return .up(since: nil) }
        return line.isUp ? .up(since: line.outages.last?.restoredAt) : .down
    }

    /// Lines that are down, each with since when.
    var down: [NodeID: Timestamp] { lines.filter { !$0.value.isUp }.compactMapValues { $0.outages.last?.lostAt } }

    /// Lines that were up when the log ends: a centre that starts was away, and so were they.
    var up: [NodeID] { lines.filter(\.value.isUp).keys.sorted() }

    /// What to append for a change; nil when the log says so already, or a node that was never here is not here.
    func draft(_ change: LinkChange) throws -> Draft? {
        guard lines[change.node].map({ $0.isUp != change.isUp }) ?? change.isUp else { return nil }
        return Draft(
            stream: try StreamName(category: LinkLog.category, key: change.node.text),
            type: change.isUp ? LinkLog.restored : LinkLog.lost, body: [:], occurredAt: change.at)
    }
}
