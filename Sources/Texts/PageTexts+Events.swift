/// The names of events, and problems in words.

package import Events
package import Tickets

extension PageTexts {
    /// The name of an event's type; a type of another version stands as it is stored.
    package func event(_ type: EventType) -> String { event(named: type.name) }

    package func event(named type: String) -> String { TicketEventKind(typeName: type).map { event($0) } ?? type }

    package func event(_ kind: TicketEventKind) -> String {
        let both = PageTexts.names(kind)
        return language == .chinese ? both.zh : both.en
    }

    package static func names(_ kind: TicketEventKind) -> (zh: String, en: String) {
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
        case .conflictResolved: ("处理冲突", "Settle the conflict")
        }
    }

    /// A problem as a clerk reads it: what was wrong, what to do, and the stable code.
    ///
    /// - Parameter offsetMinutes: of the zone in which moments are written; nil for UTC.
    package func refusal(_ problem: any Problem, offsetMinutes: Int? = nil) -> String {
        let message = language.text(problem.message, offsetMinutes: offsetMinutes)
        let hint = language.text(problem.hint, offsetMinutes: offsetMinutes)
        return language == .chinese
            ? "\(message)。\(self[.tryThis])：\(hint) [\(problem.code)]"
            : "\(message). \(self[.tryThis]): \(hint) [\(problem.code)]"
    }
}
