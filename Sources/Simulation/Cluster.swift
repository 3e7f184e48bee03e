/// A centre and its streets in one thread, under simulated time and bad lines, from one seed: the same seed gives the
/// same run to the byte. The nodes are the production machines; only disk, clock and sockets are simulated.

package import Events
package import Node
import Replication
import Rules
package import Tickets

package final class Cluster {
    package let seed: UInt64
    package let centre: NodeID
    package let streets: [NodeID]
    package private(set) var now = Timestamp(milliseconds: 1_795_000_000_000)
    package private(set) var nodes: [NodeID: SimulatedNode] = [:]
    /// Commands that were answered as stored, with the node that said so.
    package private(set) var acknowledged: [CommandID: NodeID] = [:]
    package private(set) var refused: [CommandID: String] = [:]
    /// Events whose rows rotted somewhere.
    package internal(set) var rotted: Set<EventID> = []
    var network: SimulatedNetwork
    private var random: SeededRandom
    private var commands = 0

    /// - Parameters:
    ///   - streets: their node ids.
    ///   - keyDays: for which streets keep keys of callers whose tickets are over.
    ///   - purgeAfter: milliseconds after which streets let go what others wrote in tickets that left; nil keeps it.
    package init(streets names: [String], seed: UInt64, keyDays: Int = 90, purgeAfter: Int64? = nil) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        network = SimulatedNetwork(seed: random.next())
        centre = try NodeID("centre")
        streets = try names.map { try NodeID($0) }
        for (place, id) in ([centre] + streets).enumerated() {
            let node = try SimulatedNode(id, centre: centre, number: place, keyDays: keyDays, seed: random.next())
            node.purgeAfter = purgeAfter
            // As with thirty streets and more: each then hears of several events at once.
            if seed.isMultiple(of: 3) { node.pause = 20 + Int64(seed % 31) }
            nodes[id] = node
            try start(id)
        }
        for street in streets { enrol(street) }
    }

    /// The centre invites a street, which shows the secret; both in the centre's next turn.
    private func enrol(_ street: NodeID) {
        let secret = "secret of \(street)"
        let invitation = NodeStep.invite(
            secretHash: Digest.sha256(Array(secret.utf8)).description, expiresAt: now + 3_600_000)
        for step in [invitation, .enrol(key: "key of \(street)", secret: secret)] {
            let id = CommandID(derivedFrom: "cluster", String(seed), "enrol", street.text, "\(step)")
            nodes[centre]?.waiting.append(NodeCommand(id: id, .node(street, step), actor: Cluster.actor(of: step)))
        }
    }

    /// A step of any node's membership, in the centre's next turn; the simulated lines look at no key.
    package func member(_ node: NodeID, _ step: NodeStep) {
        commands += 1
        let id = CommandID(derivedFrom: "member", String(seed), String(commands))
        nodes[centre]?.waiting.append(NodeCommand(id: id, .node(node, step), actor: Cluster.actor(of: step)))
    }

    private static func actor(of step: NodeStep) -> Actor {
        if case .enrol = step { return Actor(system: "enrol", rule: "1") }
        return Actor(account: "admin", role: "systemAdmin", unit: "centre")
    }

    /// All nodes, the centre first.
    package var all: [SimulatedNode] { ([centre] + streets).compactMap { nodes[$0] } }
    private var ports: [FeedName: String] {
        var ports: [FeedName: String] = [.common: FeedName.common.text]
        for street in streets { ports[.node(street)] = FeedName.node(street).text }
        return ports
    }

    // MARK: - What happens to it

    package func start(_ id: NodeID) throws { try nodes[id]?.start(ports: ports, now: now) }

    /// The process dies; `start` brings it back on what was committed.
    package func crash(_ id: NodeID) {
        nodes[id]?.crash()
        network.forget(id)
    }

    package func backUp(_ id: NodeID) { nodes[id]?.backUp() }

    /// Its keys alone are copied, as `gridline keys export` does it.
    package func exportKeys(_ id: NodeID) { nodes[id]?.exportKeys() }

    /// The disk of a node that is down is lost; its last copies take the place.
    ///
    /// - Parameter lost: what is not as it was.
    package func restore(_ id: NodeID, _ lost: LostDisk = .log) { nodes[id]?.restore(lost) }

    /// The disk of a node that is down is lost, with nothing to take its place.
    package func empty(_ id: NodeID) throws {
        for (command, node) in acknowledged where node == id {
            if try nodes[id]?.wasConfirmed(command) == true { entrusted[command] = id }
        }
        nodes[id]?.empty()
        emptied.insert(id)
    }
    /// Nodes that were: what they acknowledged may be at the centre alone now.
    var emptied: Set<NodeID> = []
    /// What they had acknowledged and the centre had confirmed before.
    var entrusted: [CommandID: NodeID] = [:]

    package func isUp(_ id: NodeID) -> Bool { nodes[id]?.machine != nil }

    package func weather(_ weather: Weather, at street: NodeID) { network.weather[street] = weather }

    /// The next transaction of a node is lost, as on a full disk.
    package func loseNextTransaction(of id: NodeID) { nodes[id]?.log.losesNextTransaction = true }

    /// Hands a command to a node; it is answered in the node's next turn.
    ///
    /// - Parameter key: its id, for one that another node got, too; nil for a new one.
    /// - Returns: its id; `ticket(madeBy:at:)` finds what a registration made.
    @discardableResult
    package func command(
        _ kind: TicketEventKind, at node: NodeID, ticket: StreamName? = nil, _ body: JSONObject = [:],
        by account: String = "wang", role: String? = nil, key: CommandID? = nil
    ) -> CommandID {
        commands += 1
        let id = key ?? CommandID(derivedFrom: "cluster", String(seed), String(commands))
        let usual = kind.who(streetOwned: node != centre).people.first?.rawValue
        let actor = Actor(account: account, role: role ?? usual ?? "clerk", unit: unit(of: node))
        nodes[node]?.waiting.append(
            NodeCommand(id: id, ticket: ticket, wish: TicketCommand(kind, body), actor: actor))
        return id
    }

    /// The ticket that a node has by a registration that it was given; nil when it has none.
    package func ticket(madeBy command: CommandID, at node: NodeID) throws -> StreamName? {
        try nodes[node]?.log.reader.outcome(of: command)?.stored.first { $0.event.id.origin.node == node }?.event.stream
    }

    /// The unit that works at a node: a street's code, or a department's for the centre.
    package func unit(of node: NodeID) -> String {
        streets.firstIndex(of: node).map { "32050700\($0 + 1)" } ?? "320507-d01"
    }

    /// Where every node is, and what was sent by kind; for a finding's message.
    package var summary: String {
        let states = all.map { "\($0.id) up \($0.machine?.isUp ?? false) outbox \($0.machine?.outbox ?? -1)" }
        let kinds = network.sent.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (states + ["frames " + kinds.joined(separator: " ")] + all.flatMap(\.alarms)).joined(separator: "; ")
    }

    /// The centre publishes a rule, which every node reads before what was decided under it; a lost transaction
    /// publishes nothing.
    package func publishRule() throws {
        commands += 1
        let stream = try StreamName("rule/note")
        let draft = Draft(
            stream: stream, type: EventType("rule.noted"), body: ["number": .integer(Int64(commands))], occurredAt: now)
        let request = AppendRequest(
            command: CommandID(derivedFrom: "rule", String(seed), String(commands)),
            actor: Actor(account: "admin", role: "systemAdmin", unit: "centre"), now: now, drafts: [draft])
        do { _ = try nodes[centre]?.log.write { try $0.append(request) } } catch is LogFailure {}
    }

    /// The centre publishes a preset of rules, changed or not, as a person does.
    package func publish(
        _ kind: String, preset: String, _ change: (inout JSONObject) throws -> Void = { _ in }
    ) throws {
        commands += 1
        var body = try RuleBook.preset(preset)
        try change(&body)
        let drafts = try RuleBook.drafts(publishing: body, as: kind, at: now)
        nodes[centre]?.waiting.append(
            NodeCommand(
                id: CommandID(derivedFrom: "publish", String(seed), String(commands)), .record(drafts),
                actor: Actor(account: "admin", role: "systemAdmin", unit: "centre")))
    }

    // MARK: - Time

    /// Lets time pass; every node has a turn every 20 to 60 milliseconds.
    package func run(milliseconds: Int64) throws {
        let end = now + milliseconds
        while now < end {
            now = now + random.integer(in: 20...60)
            for node in all { try turn(node) }
            for street in streets { try checkRules(street) }
        }
    }

    /// A row stands at a street only when the rules that it came under stand there too.
    private func checkRules(_ street: NodeID) throws {
        guard let reader = nodes[street]?.log.reader, let cursor = try reader.cursor(of: .node(street)),
            let hub = nodes[centre]?.log.reader,
            case .success(let rows) = try LogFailure.orDamage({ () throws(LogFailure) in
                try hub.rows(of: .node(street), above: cursor.fseq - 1, limit: 1)
            }), let row = rows.first
        else { return }
        // A hub that was restored may have another row there.
        guard row.chain == cursor.chain else { return }
        let common = try reader.cursor(of: .common)?.fseq ?? 0
        if row.common > common { early.insert("\(street) has row \(row.fseq) before rule \(row.common)") }
    }

    /// Rows that were applied before their rules.
    package private(set) var early: Set<String> = []

    private func turn(_ node: SimulatedNode) throws {
        guard let machine = node.machine else { return }
        let moment = node.moment(now)
        for (from, frame) in network.arrivals(at: node.id, now: now) {
            try machine.receive(frame, from: node.isHub ? .node(from) : .hub, now: moment)
        }
        for outgoing in machine.takeOutgoing() { send(outgoing, from: node) }
        let commands = try node.waiting.map(node.sealed)
        node.waiting = []
        let turn = try machine.turn(commands, now: moment)
        node.vault.erase(turn.erased)
        machine.confirm(destroyed: turn.erased)
        for (command, answer) in zip(commands, turn.answers) {
            switch answer {
            case .success:
                if case .ticket = command.wish { acknowledged[command.id] = node.id }
            case .failure(let error): refused[command.id] = (error as? any Problem)?.message.description ?? "\(error)"
            }
        }
        for outgoing in machine.takeOutgoing() { send(outgoing, from: node) }
        node.takeAlarms()
    }

    /// Lets a long time pass in which nothing happens: the machines sleep through it.
    package func sleep(milliseconds: Int64) { now = now + milliseconds }

    private func send(_ outgoing: Outgoing, from node: SimulatedNode) {
        switch outgoing {
        case .send(let street?, let frame):
            network.send(frame, from: centre, to: street, street: street, way: .direct, now: now)
        case .send(nil, let frame):
            network.send(frame, from: node.id, to: centre, street: node.id, way: .direct, now: now)
        case .publish(let feed, let frame):
            for street in streets where nodes[street]?.subscriptions.contains(feed.text) == true {
                network.send(frame, from: centre, to: street, street: street, way: .published, now: now)
            }
        case .subscribe(let ports): node.subscriptions = ports
        case .answer: break
        }
    }

    /// Mends every line, starts every node, and lets time pass until nothing is on its way any more.
    ///
    /// - Returns: the milliseconds it took; nil when work still went on after `limit`: it would never end.
    package func settle(limit: Int64 = 180_000) throws -> Int64? {
        let start = now
        for street in streets { weather(.fine, at: street) }
        for node in all where node.machine == nil { try self.start(node.id) }
        while now - start < limit {
            let before = network.work
            try run(milliseconds: 7_000)
            // Longer than each timer that repeats what was lost: quiet means that nothing waits.
            if network.work == before, all.allSatisfy({ $0.machine?.isUp == true }) { return now - start }
        }
        return nil
    }
}
