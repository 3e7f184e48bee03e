/// A log as a district's centre has it: lives of tickets at the centre and three streets, thousands at work at once, and
/// streams that no view folds.
///
/// Of a hundred tickets 15 are answered at the desk (3 events), 55 take the usual way (10), 20 a long one with urging,
/// supervision, an extension and a reply sent back (18), 5 are returned and given to another unit (14), 5 done again
/// (17). A fifth of the tickets brings a call of three events, which no view reads. Holders' events come from the
/// streets' own origins and are ingested, so the centre's next event of the stream carries a basis.

import Events
import Log
import Tickets

struct TicketLog {
    let path: String
    let centre: NodeID
    private(set) var events = 0
    private(set) var tickets = 0
    private(set) var bodyBytes = 0

    /// Tickets at work at a time; a ticket's events lie about this many times ten positions apart.
    private static let atWork = 2_000
    private static let batch = 1_000

    /// Fills a new log, and stops early when the time is over.
    init(path: String, tickets wanted: Int, within limit: Duration, seed: UInt64 = 9) throws {
        self.path = path
        centre = try NodeID("centre")
        var random = Seeded(seed)
        let log = try SQLiteLog(
            path: path, node: centre, incarnation: Incarnation(random.next()), audience: TicketAudience(centre: centre))
        var writer = LifeWriter(log: log, random: random)
        var atWork: [Life] = []
        let started = ContinuousClock.now
        var isOver = false
        while !isOver || !atWork.isEmpty {
            try log.write { transaction in
                for _ in 0..<TicketLog.batch {
                    while !isOver, atWork.count < TicketLog.atWork {
                        atWork.append(try Life(number: tickets, random: &random))
                        tickets += 1
                        isOver = tickets >= wanted || ContinuousClock.now - started > limit
                    }
                    guard !atWork.isEmpty else { break }
                    let place = Int.random(in: 0..<atWork.count, using: &random)
                    try writer.step(&atWork[place], in: transaction)
                    if atWork[place].isOver {
                        atWork.swapAt(place, atWork.count - 1)
                        atWork.removeLast()
                    }
                }
            }
        }
        events = writer.events
        bodyBytes = writer.bodyBytes
    }
}

/// What still happens to one ticket.
struct Life {
    let number: Int
    let stream: StreamName
    let street: Int
    var steps: ArraySlice<TicketEventKind>
    /// The last event of the centre's in this stream: what a street knows.
    var lastOfCentre: EventID?
    /// Events of the call that brought it, in a stream of their own.
    var callSteps: Int
    var isOver: Bool { steps.isEmpty && callSteps == 0 }

    init(number: Int, random: inout Seeded) throws {
        self.number = number
        stream = try StreamName("ticket/0197c1f2-\(random.next().hexadecimal.prefix(12))")
        street = Int.random(in: 0..<3, using: &random)
        callSteps = Int.random(in: 0..<5, using: &random) == 0 ? 3 : 0
        steps =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<15: Life.answered[...]
            case 15..<70: Life.usual[...]
            case 70..<90: Life.long[...]
            case 90..<95: Life.returned[...]
            case _: Life.again[...]
            }
    }

    private static let answered: [TicketEventKind] = [.registered, .directAnswerGiven, .closed]
    private static let handling: [TicketEventKind] = [.signed, .firstContactMade, .progressNoted]
    private static let end: [TicketEventKind] = [.finished, .callbackRecorded, .closed]
    private static let start: [TicketEventKind] = [.registered, .queuedForDispatch, .dispatched]
    private static let usual = start + handling + [.replySubmitted] + end
    private static let long =
        start + handling
        + [
            .urged, .extensionAsked, .extensionGranted, .progressNoted, .supervisionRaised, .replySubmitted,
            .replySentBack, .progressNoted, .replySubmitted,
        ] + end
    private static let returned =
        start + [.signed, .returnAsked, .returnApproved, .dispatched] + handling
        + [.replySubmitted] + end
    private static let again = usual.dropLast() + [.redoOrdered] + handling + [.progressNoted, .replySubmitted] + end
}

/// Writes the steps of lives, as the centre or as a street.
private struct LifeWriter {
    let log: SQLiteLog
    var random: Seeded
    private(set) var events = 0
    private(set) var bodyBytes = 0
    private var now: Int64 = 1_764_000_000_000
    private var streets: [(origin: Origin, sequence: Int64, hash: Digest)] = []

    static let units = ["320507001", "320507002", "320507003"]
    private static let matters = [
        "小区3号楼电梯故障停运多日，老人上下楼困难", "夜市占道经营，油烟扰民，噪音持续到凌晨", "路灯不亮，夜间行人车辆通行不便",
        "占道停车堵塞消防通道，多次反映无人处理", "施工扬尘大，未按规定洒水降尘", "河道有异味，疑似有人偷排污水",
        "物业收费不透明，拒绝公示公共收益", "公交站台座椅损坏，希望尽快修复", "井盖缺失，存在安全隐患", "工资被拖欠三个月，要求协调",
    ]
    private static let sentence = "已联系当事人，情况属实，正在协调处理，预计三日内完成。"

    init(log: SQLiteLog, random: Seeded) {
        self.log = log
        self.random = random
        do {
            for number in 1...3 {
                streets.append(
                    (Origin(node: try NodeID("street-0\(number)"), incarnation: Incarnation(UInt64(number))), 0, .zero))
            }
        } catch {
            preconditionFailure("a fixed name is no node id: \(error)")
        }
    }

    mutating func step(_ life: inout Life, in transaction: any LogTransaction) throws {
        now += Int64.random(in: 100...900, using: &random)
        if life.callSteps > 0 {
            life.callSteps -= 1
            try append(
                ["agent": .string("agent-\(life.number % 40)"), "line": .string("12345")],
                to: StreamName("call/\(life.number)"), type: "call.noted", in: transaction)
            return
        }
        guard let kind = life.steps.popFirst() else { return }
        let body = body(kind, life)
        switch kind {
        case .signed, .firstContactMade, .progressNoted, .replySubmitted, .returnAsked, .extensionAsked:
            try ingest(body, kind, &life, in: transaction)
        case _:
            life.lastOfCentre = try append(body, to: life.stream, type: kind.typeName, in: transaction)
        }
    }

    @discardableResult
    private mutating func append(
        _ body: JSONObject, to stream: StreamName, type: String, in transaction: any LogTransaction
    ) throws -> EventID? {
        let instant = Timestamp(milliseconds: now)
        let request = AppendRequest(
            command: CommandID(at: instant, random: &random),
            actor: Actor(account: "agent-\(random.next() % 40)", role: "dispatcher", unit: "centre"), now: instant,
            drafts: [Draft(stream: stream, type: EventType(type), body: body, occurredAt: instant)])
        guard case .appended(let stored) = try transaction.append(request), let event = stored.last?.event else {
            throw BenchFailure("an append was not taken")
        }
        events += 1
        bodyBytes += event.body.bytes?.count ?? 0
        return event.id
    }

    private mutating func ingest(
        _ body: JSONObject, _ kind: TicketEventKind, _ life: inout Life, in transaction: any LogTransaction
    ) throws {
        let street = streets[life.street]
        let instant = Timestamp(milliseconds: now)
        let event = Event(
            id: EventID(origin: street.origin, sequence: street.sequence + 1), hlc: HybridTime(instant),
            stream: life.stream, type: EventType(kind.typeName), basis: Basis(life.lastOfCentre.map { [$0] } ?? []),
            actor: Actor(account: "worker-\(random.next() % 40)", role: "worker", unit: LifeWriter.units[life.street]),
            occurredAt: instant, recordedAt: instant, command: CommandID(at: instant, random: &random), index: 0,
            causation: nil, correlation: nil, body: JSON.object(body).canonicalBytes, sealed: nil,
            previous: street.hash
        ).chained(to: street.hash)
        guard case .stored = try transaction.ingest([event], dense: true, receivedAt: instant).first else {
            throw BenchFailure("an event was not taken in")
        }
        streets[life.street].sequence += 1
        streets[life.street].hash = event.hash
        events += 1
        bodyBytes += event.body.bytes?.count ?? 0
    }

    private mutating func body(_ kind: TicketEventKind, _ life: Life) -> JSONObject {
        switch kind {
        case .registered:
            let matter = (0..<5).map { _ in LifeWriter.matters.randomElement(using: &random) ?? "" }
            return [
                "channel": .string("phone"), "matter": .string(matter.joined(separator: "；")),
                "title": .string(String(matter[0].prefix(12))), "number": .string("2611\(10_000_000 + life.number)"),
                "kind": .string("complaint"), "urgency": .string("ordinary"),
                "category": .array([.string("城市管理"), .string("市容环境"), .string("类别\(life.number % 40)")]),
                "place": .object([
                    "area": .string(LifeWriter.units[life.street]),
                    "text": .string("元和街道安元路\(life.number % 900)号附近"),
                    "latitudeE7": .integer(313_200_000 + Int64(life.number % 90_000)),
                    "longitudeE7": .integer(1_206_200_000 + Int64(life.number % 90_000)),
                ]), "person": .string("person/\(random.next().hexadecimal)"),
            ]
        case .dispatched, .redoOrdered:
            func due(_ hours: Int64) -> JSON {
                .object(["at": .integer(now + hours * 3_600_000), "rule": .string("limit/ordinary@3")])
            }
            return [
                "lead": .string(LifeWriter.units[life.street]), "leadNode": .string("street-0\(life.street + 1)"),
                "due": due(120), "signDue": due(2), "contactDue": due(24), "returnDue": due(24),
                "note": .string("请按规定时限办理并回复市民"),
            ]
        case .replySubmitted:
            return [
                "text": .string(String(repeating: LifeWriter.sentence, count: 6)), "fact": .string("属实"),
                "demand": .string("合理"), "kind": .string("solved"),
                "callerTold": .object(["way": .string("phone"), "at": .integer(now)]),
            ]
        case .callbackRecorded: return ["contacted": .bool(true), "solved": .bool(true), "grade": .string("5")]
        case .finished: return ["kind": .string("solved"), "onTime": .bool(true)]
        case .supervisionRaised: return ["level": .integer(1), "reason": .string("临期未回复")]
        case .closed: return ["retention": .string("10y")]
        case _: return ["text": .string(String(repeating: LifeWriter.sentence, count: 3)), "reason": .string("按规定")]
        }
    }
}
