/// The specifications of requests for time, and of what anyone may add.

import Events

@testable import Tickets

extension Specifications {
    private static let unit = ["liaison", "handler", "leader", "clerk"]
    private static let handlers = [
        "handler", "liaison", "leader", "clerk", "gridWorker", "gridLeader", "microGridLeader",
    ]

    static let requests: [Specification] = [
        Specification(
            .extensionAsked, given: Place.inHand, Place.askExtension, by: "li", writer: .holder, roles: unit,
            from: [.inHand],
            refused: [
                Refusal(.extensionLate, hour: 20), Refusal(.extensionLimit, given: Place.extended),
                Refusal(.extensionUrgent, given: Place.urgent),
                Refusal(.extensionSpan, ["reason": "待料", "until": Place.instant(20), "callerTold": "phone"]),
                Refusal(.extensionSpan, ["reason": "待料", "until": Place.instant(49), "callerTold": "phone"]),
            ],
            then: { $0.extensionRequest == .asked && $0.due?.at == Desk.at(24) }),
        Specification(
            .extensionGranted, given: Place.extensionAsked, ["until": Place.instant(40)], roles: ["dispatcher"],
            from: [.inHand],
            refused: [
                Refusal(.noRequest, given: Place.inHand), Refusal(.extensionSpan, ["until": Place.instant(49)]),
                Refusal(.extensionLate, given: Place.extensionAskedLate),
                Refusal(
                    .extensionUrgent, given: Place.extensionAskedUrgent, rules: { $0.numbers.extendsUrgent = false }),
            ],
            then: { $0.extensionsGranted == 1 && $0.due?.at == Desk.at(40) && $0.extensionRequest == .granted }),
        Specification(
            .extensionRefused, given: Place.extensionAsked, ["reason": "理由不足"], roles: ["dispatcher"],
            from: [.inHand], refused: [Refusal(.noRequest, given: Place.inHand)],
            then: { $0.extensionRequest == .refused && $0.due?.at == Desk.at(24) }),
        Specification(
            .suspendAsked, given: Place.inHand, Place.askSuspension, by: "li", writer: .holder, roles: unit,
            from: [.inHand],
            refused: [
                Refusal(
                    .dateOrder,
                    [
                        "reasonClass": "test", "reason": "送检", "review": Place.instant(10),
                        "promised": Place.instant(8),
                    ])
            ],
            then: {
                $0.suspendRequest == .asked && $0.suspendedSince == nil && $0.suspendReason == "test"
                    && $0.suspendReview == Desk.at(8) && $0.suspendPromised == Desk.at(10)
            }),
        Specification(
            .suspendGranted, given: Place.suspendAsked, ["until": Place.instant(30)], roles: ["supervisor"],
            from: [.inHand],
            refused: [
                Refusal(.noRequest, given: Place.inHand), Refusal(.dateOrder, ["until": Place.instant(1)]),
            ],
            then: { $0.suspendedSince == Desk.at(2) && $0.suspendedUntil == Desk.at(30) }),
        Specification(
            .suspendRefused, given: Place.suspendAsked, ["reason": "可先处理"], roles: ["supervisor"], from: [.inHand],
            refused: [Refusal(.noRequest, given: Place.inHand)],
            then: { $0.suspendRequest == .refused && $0.suspendedSince == nil }),
        Specification(
            .resumed, given: Place.suspended, hour: 12, roles: ["supervisor", "system resume"],
            from: [.inHand, .returnAsked, .ruling],
            again: .refused(TicketGuard.notSuspended.code), refused: [Refusal(.notSuspended, given: Place.inHand)],
            then: { $0.due?.at == Desk.at(34) && $0.suspendedSince == nil && $0.suspendRequest == .none }),
        Specification(
            .preWarned, given: Place.inHand, ["permille": 500], hour: 12, roles: ["system preWarning"],
            from: TicketStatus.open,
            then: { $0.preWarnings == 1 && $0.preWarnedPermille == 500 && $0.warnings.map(\.permille) == [800] }),
        Specification(
            .overdueNoted, given: Place.inHand, hour: 25, roles: ["system overdue"], from: TicketStatus.open,
            then: { $0.isOverdueNoted && !$0.isOverdueUnconfirmed }),
        Specification(
            .dueRecomputed, given: Place.recalendared, hour: 3, roles: ["system recompute"], from: TicketStatus.open,
            then: {
                $0.due == DueInstant(at: Desk.at(48)) && $0.signDue?.at == Desk.at(25) && $0.dueRule == "test-2"
                    && $0.warnings.map(\.at) == [Desk.at(36), Desk.at(43) + 720_000]
            }),
    ]

    static let additions: [Specification] = [
        Specification(
            .progressNoted, given: Place.inHand, ["text": "已到现场"], writer: .any, roles: handlers,
            from: TicketStatus.open, again: .another, then: { $0.status == .inHand }),
        Specification(
            .helperReported, given: Place.inHand, ["text": "已断电"], writer: .helper, roles: handlers, from: [.inHand],
            again: .another,
            refused: [
                Refusal(.helper, given: Place.ruled), Refusal(.helper, of: "320507003"),
                Refusal(.helperLate, given: Place.helpedUntil4, hour: 5),
            ],
            then: { $0.status == .inHand && $0.helpers.first?.reportedAt == Desk.at(2) }),
        Specification(
            .urged, given: Place.inHand, ["text": "催办"], writer: .any, roles: ["agent", "specialDesk"],
            from: TicketStatus.open, again: .another, then: { $0.urges >= 1 }),
        Specification(
            .callerSupplemented, given: Place.inHand, ["text": "在三号楼", "person": .string(Place.caller)], writer: .any,
            roles: ["agent", "specialDesk", "clerk", "web"], from: TicketStatus.open, again: .another,
            refused: ["person/7", "王五 虎丘区某路3号", ""].map {
                Refusal("GL-4006", ["text": "在三号楼", "person": .string($0)])
            },
            then: { $0.reporter == Place.caller }),
        Specification(
            .receiptNoted, given: Place.inHand,
            [
                "event": "street1.0000000000000001/1", "of": "ticket.signed", "arrivedAt": Place.instant(2),
                "countedAt": Place.instant(1), "why": "outage",
            ], writer: .centreAlone, roles: ["system receipt"], from: TicketStatus.any, again: .another,
            then: { $0.countedAt.count == 1 && $0.dueDifferences.isEmpty }),
    ]
}
