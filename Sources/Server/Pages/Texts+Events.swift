/// The names of events, and refusals in words.

import Events
import Node
import Tickets

extension PageTexts {
    /// The name of an event's type; a type of another version stands as it is stored.
    func event(_ type: EventType) -> String {
        TicketEventKind(typeName: type.name).map { event($0) } ?? type.name
    }

    func event(_ kind: TicketEventKind) -> String {
        let both = PageTexts.names(kind)
        return isChinese ? both.zh : both.en
    }

    static func names(_ kind: TicketEventKind) -> (zh: String, en: String) {
        switch kind {
        case .registered: ("登记", "Registered")
        case .imported: ("导入", "Imported")
        case .importUpdated: ("导入更新", "Import updated")
        case .directAnswerGiven: ("直接答复", "Answered directly")
        case .rejected: ("不予受理", "Rejected")
        case .emergencyTransferred: ("转紧急服务", "Transferred to an emergency service")
        case .queuedForDispatch: ("转待派单", "Queued for dispatch")
        case .dispatched: ("派单", "Dispatched")
        case .signed: ("签收", "Sign")
        case .signDeemed: ("视为签收", "Deemed signed")
        case .firstContactMade: ("先行联系", "First contact")
        case .firstContactFailed: ("联系未果", "First contact failed")
        case .subDispatched: ("二次派单", "Sub-dispatched")
        case .returnAsked: ("申请退单", "Ask to return")
        case .returnApproved: ("同意退单", "Return approved")
        case .returnRefused: ("不同意退单", "Return refused")
        case .rulingOpened: ("启动会商", "Ruling opened")
        case .rulingMade: ("裁定", "Ruling made")
        case .extensionAsked: ("申请延期", "Ask for an extension")
        case .extensionGranted: ("同意延期", "Extension granted")
        case .extensionRefused: ("不同意延期", "Extension refused")
        case .suspendAsked: ("申请挂起", "Suspension asked")
        case .suspendGranted: ("同意挂起", "Suspension granted")
        case .suspendRefused: ("不同意挂起", "Suspension refused")
        case .resumed: ("恢复计时", "Resumed")
        case .progressNoted: ("办理记录", "Note progress")
        case .helperReported: ("协办反馈", "Helper reported")
        case .replySubmitted: ("提交答复", "Reply")
        case .unitReviewed: ("单位审核", "Reviewed by the unit")
        case .receiptNoted: ("中心收到", "Receipt noted by the centre")
        case .replySentBack: ("退回重办", "Reply sent back")
        case .finished: ("办结", "Finished")
        case .callbackRecorded: ("回访", "Called back")
        case .callbackExempted: ("免回访", "Callback exempted")
        case .redoProposed: ("建议重办", "Redo proposed")
        case .redoDeclined: ("不予重办", "Redo declined")
        case .redoOrdered: ("责令重办", "Redo ordered")
        case .closed: ("归档", "Closed")
        case .urged: ("催单", "Urged")
        case .supervisionRaised: ("督办升级", "Supervision raised")
        case .supervisionLowered: ("督办降级", "Supervision lowered")
        case .mergedInto: ("并单", "Merged")
        case .unmerged: ("撤销并单", "Unmerged")
        case .recategorised: ("更正类别", "Category corrected")
        case .placeCorrected: ("更正地点", "Place corrected")
        case .callerSupplemented: ("诉求人补充", "Caller supplemented")
        case .reassigned: ("改派", "Reassigned")
        case .takenOver: ("中心接管", "Taken over by the centre")
        case .voided: ("作废", "Voided")
        case .reopened: ("重新打开", "Reopened")
        case .fakeFinishFound: ("虚假办结", "False finish found")
        case .preWarned: ("时限预警", "Warned before the due time")
        case .overdueNoted: ("超期", "Overdue")
        case .dueRecomputed: ("时限重算", "Due time recomputed")
        }
    }

    /// A refusal as a clerk reads it; the stable code always stands with it.
    func refusal(_ problem: any Problem) -> String {
        guard isChinese else { return "\(problem.message). \(self[.tryThis]): \(problem.hint) [\(problem.code)]" }
        guard case .notDecided(let refusal)? = problem as? CommandRefusal else {
            return problem is CommandRefusal
                ? "\(self[.formStale]) [\(problem.code)]" : "\(self[.busy]) [\(problem.code)]"
        }
        return "\(chinese(refusal)) [\(problem.code)]"
    }

    private func chinese(_ refusal: TicketRefusal) -> String {
        switch refusal {
        case .unknownTicket: self[.notFound]
        case .alreadyExists: "工单已登记"
        case .wrongState(_, let kind, let status, let expected):
            "工单现为「\(self.status(status))」；「\(event(kind))」须在「"
                + expected.map { self.status($0) }.joined(separator: "、") + "」时办理"
        case .notWriter(_, let kind, let node, _): "「\(event(kind))」不由本节点 \(node) 决定"
        case .missingField(_, let field, _): "缺少必填项：\(label(field))"
        case .badField(_, let field, _): "此项不合要求：\(label(field))"
        case .unknownField(_, let field): "没有此项：\(field)"
        case .inFuture: "时间晚于现在，请检查本机时钟"
        case .wrongRole(_, let kind, let actor, let allowed):
            "「\(event(kind))」不由此岗位（\(actor)）办理，应由：\(allowed.joined(separator: "、"))"
        case .guarded(_, _, let rule, let found): "\(chinese(rule))（\(found)）"
        }
    }

    /// The form's label of a field of the body.
    private func label(_ path: String) -> String {
        let fields = TicketForms.steps.flatMap { TicketForms.fields(of: $0) }
        return fields.first { $0.path == path }.map { self[$0.label] } ?? path
    }

    private func chinese(_ rule: TicketGuard) -> String {
        switch rule {
        case .communityLead: "社区只能协办"
        case .leadReported: "上报单位不得主办"
        case .unitAbove: "只能派给下级单位"
        case .returnLimit: "本轮退单次数已用完"
        case .returnWindow: "已过退单时限"
        case .returnAfterRuling: "裁定后不得退单"
        case .sameDispatcher: "须由另一名派单员审核"
        case .noRequest: "没有待审的申请"
        case .extensionLate: "已过可申请延期的时间"
        case .extensionLimit: "本轮延期次数已用完"
        case .extensionUrgent: "紧急工单不得延期"
        case .extensionSpan: "延期须晚于原时限，且不超过原时限的长度"
        case .contactTries: "联系次数不足"
        case .sameAccount: "须由另一人确认"
        case .helper: "本单位不是协办单位"
        case .evidence: "设施类工单须附照片"
        case .answerSource: "须注明知识条目或三方通话"
        case .categoryUnknown: "须先确定类别"
        case .redoWindow: "已过重办期限"
        case .supervisionLevel: "督办级别不对"
        case .mergeWithItself: "不能并入自身"
        case .streetOwned: "不是街道自办件"
        case .afterDispatch: "已派单，不得作废"
        case .notSuspended: "未挂起"
        case .dateOrder: "日期先后不对"
        case .handlerReviews: "承办人不得审核自己的答复"
        case .redoOpen: "尚有待决定的重办建议"
        case .insideStreet: "街道自办件只能派给本街道单位"
        case .notFake: "未认定为虚假办结"
        }
    }
}
