/// What people do in a simulated cluster: a random step that fits what the node believes of a random ticket, and now
/// and then one that does not.

import Events
import Tickets

package struct Workload {
    private var random: SeededRandom
    private var number = 0

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Hands one command to a random node that is up.
    package mutating func act(on cluster: Cluster) throws {
        guard let node = random.pick(cluster.all.map(\.id).filter(cluster.isUp)) else { return }
        let known = try cluster.tickets(at: node)
        guard random.happens(perMille: 750), let ticket = random.pick(known) else {
            number += 1
            cluster.command(
                .registered, at: node,
                ["channel": .string("hotline"), "matter": .string("第 \(number) 件：路灯不亮"), "kind": .string("help")],
                role: node == cluster.centre ? "agent" : "clerk")
            return
        }
        let status = try cluster.nodes[node]?.fold(ticket).state.status ?? .registered
        let steps =
            random.happens(perMille: 900) ? Workload.fitting(status, isCentre: node == cluster.centre) : anything
        guard let kind = random.pick(steps) else { return }
        let now = cluster.now + (cluster.nodes[node]?.clockError ?? 0)
        let body = body(of: kind, of: ticket, among: known, cluster, now: now)
        cluster.command(kind, at: node, ticket: ticket, body, by: random.pick(["li", "zhao", "wang"]) ?? "li")
    }

    private let anything: [TicketEventKind] = [
        .urged, .progressNoted, .signed, .reassigned, .replySubmitted, .finished, .takenOver, .mergedInto,
    ]

    private static func fitting(_ status: TicketStatus, isCentre: Bool) -> [TicketEventKind] {
        switch status {
        case .registered: isCentre ? [.queuedForDispatch, .queuedForDispatch, .voided] : [.progressNoted, .takenOver]
        case .toDispatch: [.dispatched]
        case .dispatched: isCentre ? [.reassigned, .urged, .mergedInto] : [.signed, .signed, .returnAsked]
        case .inHand:
            isCentre
                ? [
                    .reassigned, .urged, .supervisionRaised, .recategorised, .extensionGranted, .suspendGranted,
                    .resumed,
                ]
                : [
                    .firstContactMade, .replySubmitted, .progressNoted, .returnAsked, .extensionAsked, .suspendAsked,
                    .suspendAsked,
                ]
        case .returnAsked: [.returnApproved, .returnRefused, .rulingOpened]
        case .ruling: [.rulingMade]
        case .replied: isCentre ? [.finished, .replySentBack] : [.progressNoted]
        case .finished: [.callbackRecorded]
        case .calledBack: [.closed, .redoOrdered]
        case .merged: [.unmerged, .callbackExempted]
        case .answered, .rejected, .closed, .void: [.progressNoted]
        }
    }

    /// - Parameter now: by the clock of the node where it is done.
    private mutating func body(
        of kind: TicketEventKind, of ticket: StreamName, among known: [StreamName], _ cluster: Cluster, now: Timestamp
    ) -> JSONObject {
        switch kind {
        case .queuedForDispatch, .recategorised:
            var body: JSONObject = ["category": .array([.string("市容环境")])]
            if kind == .recategorised { body["reason"] = .string("分类有误") }
            return body
        case .dispatched, .reassigned, .rulingMade, .redoOrdered: return dispatch(kind, cluster)
        case .firstContactMade: return ["way": .string("phone")]
        case .returnAsked:
            return [
                "reason": .string("不属本辖区"), "basis": .string("派单目录"), "proposedUnit": .string("320507002"),
                "leader": .string("chen"),
            ]
        case .extensionAsked:
            return [
                "reason": .string("待料"), "callerTold": .string("phone"),
                "until": .integer((cluster.now + random.integer(in: 1...12) * 86_400_000).milliseconds),
            ]
        case .extensionGranted, .suspendGranted:
            return ["until": .integer((cluster.now + random.integer(in: 1...288) * 3_600_000).milliseconds)]
        case .suspendAsked:
            return [
                "reasonClass": .string("test"), "reason": .string("送检"),
                "review": .integer((cluster.now + 90_000_000).milliseconds),
                "promised": .integer((cluster.now + 180_000_000).milliseconds),
            ]
        case .returnRefused, .rulingOpened, .replySentBack, .takenOver, .unmerged: return ["reason": .string("复核")]
        case .replySubmitted:
            return [
                "text": .string("已处理"), "fact": .string("属实"), "demand": .string("合理"), "kind": .string("solved"),
                "callerTold": .object(["way": .string("phone"), "at": .integer(now.milliseconds)]),
            ]
        case .callbackRecorded:
            let isSolved = random.happens(perMille: 700)
            return ["contacted": .bool(true), "solved": .bool(isSolved), "grade": .string(isSolved ? "5" : "1")]
        case .closed: return ["retention": .string("standard")]
        case .supervisionRaised: return ["level": .integer(1), "reason": .string("逾期")]
        case .mergedInto:
            let into = random.pick(known.filter { $0 != ticket }) ?? ticket
            return ["into": .string(into.text), "reason": .string("同一问题")]
        case .callbackExempted: return ["code": .string("mergedChild")]
        case .voided: return ["reason": .string("test")]
        case .urged, .progressNoted: return ["text": .string("请尽快办理")]
        case _: return [:]
        }
    }

    /// To a street, to two of them, or to a department at the centre.
    private mutating func dispatch(_ kind: TicketEventKind, _ cluster: Cluster) -> JSONObject {
        let lead = random.pick(cluster.streets + [cluster.centre]) ?? cluster.centre
        var body: JSONObject = ["lead": .string(cluster.unit(of: lead)), "leadNode": .string(lead.text)]
        if random.happens(perMille: 250), let helper = random.pick(cluster.streets.filter { $0 != lead }) {
            body["helpers"] = .array([
                .object(["unit": .string(cluster.unit(of: helper)), "node": .string(helper.text)])
            ])
        }
        if kind == .rulingMade { body["basis"] = .string("会商") }
        if kind == .redoOrdered { body["finding"] = .string("未处理") }
        return body
    }
}
