/// Random lives of tickets, written by a centre and its streets, each knowing only what it was sent.

import Events
import Log
import Tickets

@testable import Projections

struct TicketWorkload {
    let logs: [DiskLog]
    private var random: Seeded
    private(set) var now: Int64 = 1_764_000_000_000
    private var count = 0
    /// How far each log was sent to each other.
    private var sent: [[Int64]]
    static let units = ["320507001", "320507002", "320507003"]
    /// Of the streets, and of a community of the first.
    static let areas = units + ["320507001003"]
    static let matters = ["小区3号楼电梯故障", "夜市占道经营，油烟扰民", "噪音扰民", "路灯不亮", "占道停车"]

    init(seed: UInt64, streets: Int = 2) throws {
        random = Seeded(seed)
        logs = try (0...streets).map {
            try DiskLog(node: $0 == 0 ? "centre" : "street\($0)", incarnation: seed &+ UInt64($0))
        }
        sent = Array(repeating: Array(repeating: 0, count: streets + 1), count: streets + 1)
    }

    var views: ViewSet { .gridline(centre: logs[0].log.origin.node) }

    /// Appends commands at random nodes, sending events between nodes now and then.
    mutating func run(_ commands: Int) throws {
        for _ in 0..<commands {
            now += Int64.random(in: 1...600_000, using: &random)
            count += 1
            let author = Int.random(in: 0..<logs.count, using: &random)
            let draft = try draft(author)
            try logs[author].put([draft], command: "ticket \(count)", at: now)
            if Int.random(in: 0..<4, using: &random) == 0 {
                try send(
                    Int.random(in: 0..<logs.count, using: &random), to: Int.random(in: 0..<logs.count, using: &random))
            }
        }
    }

    /// Sends everything to everyone.
    mutating func settle() throws {
        for _ in 0..<2 {
            for from in logs.indices { for to in logs.indices { try send(from, to: to) } }
        }
    }

    private mutating func send(_ from: Int, to: Int) throws {
        guard from != to else { return }
        let fresh = try logs[from].log.reader.page(.all, .forward, from: sent[from][to], limit: 10_000)
        guard let last = fresh.last else { return }
        try logs[to].ingest(fresh.map(\.event), at: now)
        sent[from][to] = last.position
    }

    private mutating func draft(_ author: Int) throws -> Draft {
        let stream = try StreamName("ticket/\(Int.random(in: 0..<max(3, count / 8), using: &random))")
        let isNew = try logs[author].log.reader.version(of: stream) == 0
        let kinds: [TicketEventKind] =
            author == 0
            ? [
                .queuedForDispatch, .dispatched, .reassigned, .finished, .closed, .urged, .supervisionRaised,
                .returnApproved,
            ]
            : [.signed, .firstContactMade, .replySubmitted, .progressNoted, .returnAsked, .signed]
        let kind = isNew ? .registered : kinds.randomElement(using: &random) ?? .urged
        return Draft(
            stream: stream, type: EventType(kind.typeName), body: body(kind, author),
            occurredAt: Timestamp(milliseconds: now))
    }

    private mutating func body(_ kind: TicketEventKind, _ author: Int) -> JSONObject {
        switch kind {
        case .registered:
            let categories = [["城市管理", "市容"], ["城市管理", "停车"], ["住房", "电梯"], []]
            var body: JSONObject = [
                "channel": .string("phone"),
                "matter": .string(TicketWorkload.matters.randomElement(using: &random) ?? ""),
                "number": .string("2611\(10_000 + count)"), "title": .string("诉求\(count)"),
                "kind": .string(["complaint", "consult"].randomElement(using: &random) ?? ""),
                "category": .array((categories.randomElement(using: &random) ?? []).map(JSON.string)),
                "place": .object(["area": .string(TicketWorkload.areas.randomElement(using: &random) ?? "")]),
            ]
            if author > 0 {
                body["owner"] = .string("street")
                body["ownerNode"] = .string("street\(author)")
                body["lead"] = .string(TicketWorkload.units[author])
            }
            return body
        case .dispatched, .reassigned:
            let street = Int.random(in: 1..<logs.count, using: &random)
            return [
                "lead": .string(TicketWorkload.units[street]), "leadNode": .string("street\(street)"),
                "due": .object(["at": .integer(now + Int64.random(in: 0...9, using: &random) * 3_600_000)]),
            ]
        case .returnAsked: return ["decisionDue": .object(["at": .integer(now + 3_600_000)])]
        case .supervisionRaised: return ["level": .integer(Int64.random(in: 1...3, using: &random))]
        case .replySubmitted: return ["text": .string("已处理"), "kind": .string("solved")]
        case _: return [:]
        }
    }
}
