/// The specifications of the reply, the finish and what comes after, and of the centre's supervision.

import Events

@testable import Tickets

extension Specifications {
    private static let redo: JSONObject = ["lead": "320507001", "finding": "未处理"]

    static let reply: [Specification] = [
        Specification(
            .replySubmitted, given: Place.inHand, Place.reply, by: "li", writer: .holder, roles: ["handler", "clerk"],
            from: [.inHand],
            refused: [
                Refusal(.evidence, given: Place.facility),
                Refusal("GL-4005", Place.reply.changing("callerTold", to: ["way": "phone"])),
                Refusal("GL-4005", Place.reply.changing("callerTold", to: ["at": 1_700_000_000_000])),
                Refusal("GL-4006", Place.reply.changing("callerTold", to: ["way": "phone", "at": Place.instant(3)])),
            ],
            then: {
                $0.status == .replied && $0.repliedAt == Desk.at(2) && $0.handler == "li" && $0.finishKind == "solved"
            }),
        Specification(
            .unitReviewed, given: Place.replied, ["passed": true], by: "lin", writer: .holder,
            roles: ["leader", "liaison", "clerk"], from: [.replied], again: .another,
            refused: [Refusal(.handlerReviews, by: "li")], then: { $0.status == .replied }),
        Specification(
            .replySentBack, given: Place.replied, ["reason": "无照片"], roles: ["quality", "supervisor"], from: [.replied],
            again: .refused("GL-4003"), then: { $0.status == .inHand && $0.sentBack == 1 }),
        Specification(
            .finished, given: Place.replied, roles: ["quality", "supervisor"], from: [.replied],
            refused: [Refusal(.handlerReviews, by: "li")],
            then: { $0.status == .finished && $0.isOnTime == true && $0.finishedAt == Desk.at(2) }),
    ]

    static let after: [Specification] = [
        Specification(
            .callbackRecorded, given: Place.finished, ["contacted": true, "solved": true, "grade": "5"],
            roles: ["callback", "system robot"], from: [.finished, .merged],
            refused: [
                Refusal(.partnerOpen, given: Place.merged),
                Refusal("GL-4005", ["contacted": true, "grade": "5"]),
                Refusal("GL-4005", ["contacted": true, "solved": true]),
            ],
            then: { $0.status == .calledBack && $0.callbackGrade == "5" && $0.isSolvedByCaller == true }),
        Specification(
            .callbackExempted, given: Place.mergedAndAnswered, ["code": "mergedChild"], roles: ["supervisor"],
            from: [.finished, .merged],
            refused: [
                Refusal(.notMerged, given: Place.finished), Refusal(.partnerOpen, given: Place.merged),
                Refusal(.partnerOpen, given: Place.merged, ["code": "anonymous"]),
            ],
            then: {
                $0.status == .calledBack && $0.callbackGrade == nil && $0.callbackExemption == "mergedChild"
                    && $0.mergedInto?.text == "ticket/0001"
            }),
        Specification(
            .redoProposed, given: Place.calledBack, ["finding": "未处理"], roles: ["callback", "system robot"],
            from: [.calledBack, .closed], then: { $0.isRedoProposed && $0.status == .calledBack }),
        Specification(
            .redoDeclined, given: Place.redoProposed, ["reason": "诉求不合理"], roles: ["supervisor"],
            from: [.calledBack, .closed], again: .refused(TicketGuard.noRequest.code),
            refused: [Refusal(.noRequest, given: Place.calledBack)],
            then: { !$0.isRedoProposed && $0.status == .calledBack }),
        Specification(
            .redoOrdered, given: Place.redoProposed, redo, roles: ["supervisor", "system rule"],
            from: [.finished, .calledBack, .closed],
            refused: [
                Refusal(.redoWindow, given: Place.closed, hour: 2 + 31 * 24), Refusal(.notFake, given: Place.finished),
                Refusal(.communityLead, ["lead": "community3", "finding": "未处理"]),
            ],
            then: {
                $0.status == .dispatched && $0.round == 2 && $0.redos == 1 && $0.due?.at == Desk.at(26)
                    && !$0.isRedoProposed && $0.finishedAt == nil && $0.isOnTime == nil && $0.calledBackAt == nil
            }),
        Specification(
            .closed, given: Place.calledBack, ["retention": "standard"], roles: ["archivist", "system close"],
            from: [.calledBack, .answered, .rejected], refused: [Refusal(.redoOpen, given: Place.redoProposed)],
            then: { $0.status == .closed && $0.closedAt == Desk.at(2) && $0.lead != nil }),
        Specification(
            .reopened, given: Place.closed, ["lead": "320507001", "reason": "审计发现"], roles: ["supervisor"],
            from: [.closed], refused: [Refusal(.communityLead, ["lead": "community3", "reason": "审计发现"])],
            then: {
                $0.status == .inHand && $0.round == 2 && $0.hop == 2 && $0.closedAt == nil
                    && $0.lead?.node == History.street && $0.signedAt == nil && $0.signDue == nil
                    && $0.returnRequest == .none
            }),
        Specification(
            .fakeFinishFound, given: Place.finished, ["evidence": [Place.photograph], "reason": "未处理"],
            roles: ["supervisor", "auditor"], from: [.finished, .calledBack, .closed], then: { $0.isFakeFinish }),
    ]

    static let supervision: [Specification] = [
        Specification(
            .supervisionRaised, given: Place.inHand, ["level": 2, "reason": "逾期"], roles: ["supervisor"],
            from: TicketStatus.open,
            refused: [Refusal(.supervisionLevel, given: Place.raised, ["level": 1, "reason": "逾期"])],
            then: { $0.supervisionLevel == 2 }),
        Specification(
            .supervisionLowered, given: Place.raised, ["level": 1, "reason": "已整改"], roles: ["supervisor"],
            from: TicketStatus.open, refused: [Refusal(.supervisionLevel, ["level": 3, "reason": "已整改"])],
            then: { $0.supervisionLevel == 1 }),
        Specification(
            .mergedInto, given: Place.mergeable, Place.merge, roles: ["dispatcher"],
            from: [.registered, .toDispatch, .dispatched, .inHand],
            refused: [
                Refusal(.mergePartner, given: Place.inHand),
                Refusal(.mergePartner, given: { try Place.beside(Place.inHand, .merged) }),
                Refusal(.mergePartner, given: { try Place.beside(Place.inHand, .void) }),
                Refusal(.mergePartner, given: { try Place.beside(Place.inHand, .inHand, owner: History.street) }),
                Refusal(.mergeWithItself, ["into": "ticket/0197", "reason": "同一路灯"]),
                Refusal("GL-4006", ["into": "call/0001", "reason": "同一路灯"]),
            ],
            then: { $0.status == .merged && $0.mergedInto?.text == "ticket/0001" && $0.lead == nil && $0.helpers == [] }
        ),
        Specification(
            .unmerged, given: Place.merged, ["reason": "并错"], roles: ["dispatcher"], from: [.merged],
            again: .refused("GL-4003"), then: { $0.status == .toDispatch && $0.mergedInto == nil }),
        Specification(
            .recategorised, given: Place.inHand, ["category": ["road"], "reason": "分类有误"],
            roles: ["agent", "specialDesk", "dispatcher"], from: TicketStatus.open, then: { $0.category == ["road"] }),
        Specification(
            .placeCorrected, given: Place.inHand, ["place": ["text": "三号楼"], "reason": "地址有误"],
            roles: ["agent", "specialDesk", "dispatcher"], from: TicketStatus.open, then: { $0.place.text == "三号楼" }),
        Specification(
            .takenOver, given: Place.ofStreet, ["reason": "越级投诉"], writer: .centreAlone, roles: ["supervisor"],
            from: TicketStatus.open, refused: [Refusal(.streetOwned, given: Place.inHand)],
            then: {
                $0.status == .toDispatch && !$0.isStreetOwned && $0.isTakenOver && $0.ownerNode == History.centre
                    && $0.lead == nil
            }),
        Specification(
            .conflictResolved, given: Place.contested,
            ["event": .string(Place.contestedEvent), "outcome": "另行催办"], roles: ["dispatcher", "supervisor"],
            from: TicketStatus.any,
            refused: [
                Refusal(.conflictOpen, given: Place.inHand),
                Refusal(.conflictOpen, ["event": "street1.0000000000000001/1", "outcome": "另行催办"]),
            ],
            then: { $0.status == .inHand }),
    ]
}

extension JSONObject {
    /// The same with another value, or without the member.
    func changing(_ name: String, to value: JSON?) -> JSONObject {
        var changed = self
        changed[name] = value
        return changed
    }
}
