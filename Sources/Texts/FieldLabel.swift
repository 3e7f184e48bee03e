/// The labels of a step's fields (字段名称): a word or two, on forms, in histories and in refusals alike.

package import Tickets

package enum FieldLabel {
    /// A field's name, or a member's of an object's; nil for one that is not known.
    ///
    /// - Parameter path: as in the body; members stand behind a dot: `callerTold.way`, `helpers.unit`.
    package static func names(_ path: String, of kind: TicketEventKind) -> (zh: String, en: String)? {
        ofKind(path, kind) ?? intake(path) ?? dispatch(path) ?? handling(path) ?? reply(path) ?? after(path)
    }

    /// Paths that mean another thing in another step.
    private static func ofKind(_ path: String, _ kind: TicketEventKind) -> (zh: String, en: String)? {
        switch (kind, path) {
        case (.registered, "kind"), (.imported, "kind"), (.importUpdated, "kind"): ("诉求类型", "Kind of matter")
        case (.registered, "unit"), (.imported, "unit"), (.importUpdated, "unit"): ("办理单位", "Unit")
        case (.registered, "person"), (.imported, "person"), (.importUpdated, "person"): ("诉求人编号", "Caller's id")
        case (.importUpdated, "reply"), (.imported, "reply"): TextKey.reply.both
        case (.directAnswerGiven, "text"), (.replySubmitted, "text"): TextKey.replyText.both
        case (.extensionAsked, "until"): TextKey.until.both
        case (.extensionGranted, "until"): ("延至", "New due")
        case (.suspendGranted, "until"): TextKey.stoppedUntil.both
        case (.returnApproved, "catalogue"): ("派单目录更正", "Catalogue correction")
        case (.replySubmitted, "evidence"): TextKey.evidence.both
        case (.fakeFinishFound, "evidence"): ("证据", "Proof")
        case (.callbackRecorded, "solved"): ("是否解决", "Solved")
        case (.callbackRecorded, "reason"): ("不满意原因", "Why dissatisfied")
        case (.callbackExempted, "code"): ("免回访原因", "Why no callback")
        case (.voided, "reason"): ("作废原因", "Why void")
        case (.receiptNoted, "event"): ("所涉事件", "Event")
        case (.conflictResolved, "event"): TextKey.conflictEvent.both
        case _: nil
        }
    }

    private static func intake(_ path: String) -> (zh: String, en: String)? {
        switch path {
        case "channel": ("诉求渠道", "Channel")
        case "matter": TextKey.matter.both
        case "title": TextKey.title.both
        case "urgency": ("紧急程度", "Urgency")
        case "category": TextKey.category.both
        case "place": TextKey.place.both
        case "place.text": TextKey.place.both
        case "place.area": ("区划代码", "Area")
        case "place.street": ("街道", "Street")
        case "place.community": ("社区", "Community")
        case "place.latitudeE7": ("纬度", "Latitude")
        case "place.longitudeE7": ("经度", "Longitude")
        case "confidential": ("保密", "Confidential")
        case "reporterChain": ("上报单位", "Reported by")
        case "regime": ("法定程序", "Legal regime")
        case "statutoryDue": ("法定时限", "Statutory due")
        case "article": ("知识条目", "Article")
        case "call": ("三方通话", "Call")
        case "reasonCode": ("不予受理理由", "Legal reason")
        case "told": ("已告知渠道", "Told of")
        case "confirmedBy": ("确认人", "Confirmed by")
        case "service": ("接手部门", "Taken over by")
        case "afterSeconds": ("转接秒数", "Seconds to transfer")
        case "grid": ("网格代码", "Grid")
        case "source": ("来源", "Source")
        case "source.name", "unit.name": ("名称", "Name")
        case "source.id": ("来源编号", "Id")
        case "source.updatedAt": ("来源更新时间", "Updated at")
        case "unit.code": ("代码", "Code")
        case "state": TextKey.status.both
        case "closedAt": ("结案时间", "Closed at")
        case _: nil
        }
    }

    private static func dispatch(_ path: String) -> (zh: String, en: String)? {
        switch path {
        case "lead": ("主办单位", "Lead")
        case "leadNode": ("主办节点", "Lead's node")
        case "helpers": ("协办单位", "Helpers")
        case "unit", "helpers.unit": TextKey.unit.both
        case "helpers.node": TextKey.peer.both
        case "due", "helpers.due": TextKey.due.both
        case "override": ("破例批准", "Exception")
        case "override.by": ("批准人", "Approved by")
        case "override.reason": TextKey.reason.both
        case "precedent": ("先例编号", "Precedent")
        case "basis": TextKey.basis.both
        case "finding": ("责任认定", "Finding")
        case _: nil
        }
    }

    private static func handling(_ path: String) -> (zh: String, en: String)? {
        switch path {
        case "way": TextKey.way.both
        case "tries": TextKey.tries.both
        case "note": TextKey.note.both
        case "reason": TextKey.reason.both
        case "text": TextKey.noteText.both
        case "attachments": TextKey.attachments.both
        case "person": ("陈述人编号", "Speaker's id")
        case "proposedUnit": TextKey.proposedUnit.both
        case "leader": TextKey.leader.both
        case "callerTold": TextKey.callerTold.both
        case "reasonClass": TextKey.reasonClass.both
        case "promised": TextKey.promised.both
        case "review": TextKey.review.both
        case "occurredAt": ("发生时间", "Happened at")
        case _: nil
        }
    }

    private static func reply(_ path: String) -> (zh: String, en: String)? {
        switch path {
        case "callerTold.way": TextKey.toldWay.both
        case "callerTold.at": TextKey.toldAt.both
        case "fact": TextKey.fact.both
        case "demand": TextKey.demand.both
        case "kind": TextKey.finishKind.both
        case "passed": ("审核通过", "Passed")
        case "of": ("事项", "What")
        case "arrivedAt": ("到达时间", "Arrived at")
        case "countedAt": ("认定时间", "Counted at")
        case "why": ("计时依据", "Counted by")
        case "recomputed": ("按中心规则", "By the centre's rules")
        case "recomputed.rule": ("规则版本", "Rules")
        case "recomputed.before": ("原时限", "Due before")
        case "recomputed.due": ("应为时限", "Due")
        case _: nil
        }
    }

    private static func after(_ path: String) -> (zh: String, en: String)? {
        switch path {
        case "contacted": ("是否联系到", "Reached")
        case "grade": ("评分", "Grade")
        case "retention": ("保管期限", "Retention")
        case "level": ("督办级别", "Level")
        case "points": ("扣分", "Points")
        case "into": ("保留的工单", "Ticket that stays")
        case "outcome": TextKey.outcome.both
        case "permille": ("已用时限千分比", "Share used (‰)")
        case "unconfirmed": ("待核", "Not confirmed")
        case _: nil
        }
    }
}

extension PageTexts {
    /// A field's label; the path itself where it is not known.
    package func label(_ path: String, of kind: TicketEventKind) -> String {
        guard let names = FieldLabel.names(path, of: kind) else { return path }
        return language == .chinese ? names.zh : names.en
    }
}
