/// The catalogue of what pages say, in Chinese (zh-CN) and English: each key has both, or it does not compile.

package import Events
package import Tickets

/// One saying of the pages.
package enum TextKey: String, CaseIterable, Sendable {
    case list, next, search, number, status, category, title, unit, due, place, history, when, who, what, effect
    case late, soon, none, effective, notEffective, conflicts, settled, open, act, send, done, repeated, refused,
        tryThis
    case login, account, role, nodeToken, logIn, logOut, loginFailed, formStale, badForm, notFound, busy, back
    case linked, offline, outbox, version, matter, reply, language, nodeState, way, note, replyText, fact, demand
    case finishKind, toldWay, toldAt, evidence, reason, basis, proposedUnit, leader, until, callerTold, noteText
    case required, badMoment, position, viewPosition, poisoned, needsUpgrade, needsUpgradeNotice, needingUpgrade
    case letGo, letGoNotice, missingNotice
    case lag, outboxCount, alarms, peers
    case peer, peerBehind, peerOutbox, peerHeard, conflictEvent, outcome
    case allUnits, ownUnit, groupOpen, groupDue, groupOverdue, groupSoon, group, words, categoryPath, conflictList
    case counts, byUnit, byCategory, byDay, ticketCount, overdueCount, unconfirmedCount, urgeCount, redoCount, more
    case noUnit, noCategory, localOnly, reasonNotOwner, reasonNotHolder, reasonRightEnded, reasonOverruled, against
    case ticket, tries, reasonClass, promised, review, badNumber
    case day, noPage, pageFailed, recordedAt, countedAt, arrivedAt
    case decisionDue, lateUnconfirmed, lateness, latenessOpen, groupUnconfirmed, groupDecision, groupRegistered
    case groupDispatch, choose
    case attachments, picture, sound, film, document, blobNotHere, blobNotAtCentre, takenBefore, takenAfter, takenScene
    case unchanged, sessionOver, formKept, stoppedUntil, mergedInto, yes, no, undelivered, undeliveredCount
    case seenTo, seeTo
    case raised, severity, raisedSince, raisedWhat, severityNotice, severityWarning, severityCritical, commitP99
    case diskFree, line, lagSeconds, outboxSeconds, sessionSeconds, downSeconds, clockOffset, rowsLive, rowsPulled
    case gaps, rewinds, credit, lostFrames, rottenRows, healedRows

    package var both: (zh: String, en: String) {
        switch self {
        case .attachments: ("附件", "Attachments")
        case .picture: ("照片", "Photograph")
        case .sound: ("录音", "Recording")
        case .film: ("录像", "Film")
        case .document: ("文件", "Document")
        case .blobNotHere: ("文件尚未到本节点", "the file is not here yet")
        case .blobNotAtCentre: ("文件未到中心", "the file is not yet at the centre")
        case .takenBefore: ("处置前", "before")
        case .takenAfter: ("处置后", "after")
        case .takenScene: ("现场", "scene")
        case .list: ("待办工单", "Open tickets")
        case .next: ("下一页", "Next page")
        case .search: ("查找", "Search")
        case .number: ("编号", "Number")
        case .status: ("状态", "Status")
        case .category: ("类别", "Category")
        case .title: ("标题", "Title")
        case .unit: ("单位", "Unit")
        case .due: ("时限", "Due")
        case .place: ("地点", "Place")
        case .history: ("办理过程", "History")
        case .when: ("时间", "When")
        case .who: ("操作人", "Who")
        case .what: ("事项", "What")
        case .effect: ("效力", "Effect")
        case .late: ("已超期", "overdue")
        case .soon: ("24 小时内到期", "due within 24 hours")
        case .none: ("没有", "none")
        case .effective: ("生效", "effective")
        case .notEffective: ("未生效", "not effective")
        case .conflicts: ("冲突", "Conflicts")
        case .settled: ("已处理", "settled")
        case .open: ("待处理", "open")
        case .act: ("办理", "Actions")
        case .send: ("提交", "Submit")
        case .done: ("已登记，已保存", "Recorded, and on the disk")
        case .repeated: ("此前已登记，未重复", "Recorded before; nothing was added")
        case .unchanged: ("此前已是如此，没有新增记录", "It was so already; nothing was added")
        case .sessionOver:
            ("登录已失效。请重新登录，所填内容会保留", "The session is over. Log in again; what you typed is kept")
        case .formKept: ("尚未登记：请核对所填内容后提交", "Not recorded yet: look over what you typed and submit it")
        case .stoppedUntil: ("停止计时至", "Stopped until")
        case .mergedInto: ("并入工单", "Merged into")
        case .yes: ("是", "yes")
        case .no: ("否", "no")
        case .refused: ("未登记", "Not recorded")
        case .tryThis: ("建议", "Try this")
        case .login: ("登录", "Log in")
        case .account: ("账号", "Account")
        case .role: ("岗位", "Role")
        case .nodeToken: ("节点口令", "Node token")
        case .logIn: ("登录", "Log in")
        case .logOut: ("退出", "Log out")
        case .loginFailed: ("口令不对，或有空项", "The token is wrong, or a field is empty")
        case .formStale: ("页面已失效，请刷新后重试", "The page is out of date; load it again and repeat")
        case .badForm: ("提交的内容无法读取", "The form cannot be read")
        case .notFound: ("没有这张工单", "There is no such ticket here")
        case .busy: ("节点暂时无法登记，请用原页面再次提交", "The node cannot record now; submit this page again")
        case .back: ("返回列表", "Back to the list")
        case .linked: ("已连接中心", "connected to the centre")
        case .offline: ("与中心断开，可照常办理", "not connected to the centre; work goes on")
        case .outbox: ("本地已记录，%d 条未到中心", "recorded here, %d not yet at the centre")
        case .version: ("版本", "Version")
        case .matter: ("诉求内容", "Matter")
        case .reply: ("答复", "Reply")
        case .language: ("English", "中文")
        case .nodeState: ("节点状态", "Node status")
        case .way: ("联系方式", "Way")
        case .note: ("备注", "Note")
        case .replyText: ("答复内容", "Answer")
        case .fact: ("事实认定", "Fact")
        case .demand: ("诉求认定", "Demand")
        case .finishKind: ("办结类型", "Finish")
        case .toldWay: ("告知方式", "Told by")
        case .toldAt: ("告知时间", "Told at")
        case .evidence: ("照片", "Photographs")
        case .reason: ("理由", "Reason")
        case .basis: ("依据", "Basis")
        case .proposedUnit: ("建议单位", "Proposed unit")
        case .leader: ("负责人", "Leader")
        case .until: ("申请延至", "Wished due")
        case .callerTold: ("告知情况", "Caller told")
        case .noteText: ("记录内容", "Record")
        case .required: ("必填", "required")
        case .badMoment: ("时间无法读取，应如 2026-11-23 09:30", "no time such as 2026-11-23 09:30")
        case .position: ("日志位置", "Log position")
        case .viewPosition: ("视图位置", "View position")
        case .poisoned: ("未能显示的工单", "Tickets in no list")
        case .needsUpgrade: ("需升级", "needs upgrade")
        case .letGo: ("已转出", "left")
        case .letGoNotice:
            (
                "本工单已转往其他单位，其他单位所写内容已按期从本节点清除，完整内容在中心；转回本单位时自动恢复",
                "this ticket left for another unit, and this node has let go what others wrote in it; the centre has all of it, and it is here again when it comes back"
            )
        case .missingNotice:
            (
                "本工单有事件的内容已在转出期间清除，中心未能给回，所示状态不含这些事件",
                "bodies of this ticket were let go while it was elsewhere, and the centre does not give them back: what is shown is without those events"
            )
        case .needsUpgradeNotice:
            (
                "需升级：本工单有较新版本的事件，本节点尚不能识别，所示状态可能不全",
                "needs upgrade: this ticket has events of a later version, and what is shown may not be all of it"
            )
        case .needingUpgrade: ("需升级的工单", "Tickets that need an upgrade")
        case .rottenRows: ("日志损坏的行", "Rotten rows of the log")
        case .healedRows: ("启动以来修复的行", "Rows healed since the start")
        case .lag: ("缺少的行", "Rows missing here")
        case .outboxCount: ("未到中心", "Not yet at the centre")
        case .alarms: ("近期告警", "Alarms of late, newest first")
        case .peers: ("街道节点", "Street nodes")
        case .peer: ("节点", "Node")
        case .peerBehind: ("尚未确认的行", "Rows not confirmed")
        case .peerOutbox: ("尚未上传", "Not sent up yet")
        case .peerHeard: ("上次联系（秒前）", "Heard, seconds ago")
        case .allUnits: ("所有单位", "All units")
        case .ownUnit: ("本单位", "Own unit")
        case .groupRegistered: ("新登记", "Newly registered")
        case .groupDispatch: ("待派单", "To be dispatched")
        case .choose: ("请选择", "Choose")
        case .groupOpen: ("全部待办", "All open")
        case .groupDue: ("限时办理中", "With a limit running")
        case .groupOverdue: ("已超期", "Overdue")
        case .groupSoon: ("临近到期（已预警）", "Due soon (warned)")
        case .group: ("范围", "Which")
        case .words: ("关键词", "Words")
        case .categoryPath: ("类别，如 城市管理/停车", "Category, such as 城市管理/停车")
        case .conflictList: ("待处理冲突", "Open conflicts")
        case .counts: ("统计", "Counts")
        case .byUnit: ("按单位", "By unit")
        case .byCategory: ("按类别", "By category")
        case .byDay: ("按登记日", "By day of filing")
        case .ticketCount: ("工单数", "Tickets")
        case .overdueCount: ("曾超期", "Were overdue")
        case .unconfirmedCount: ("超期待核", "Overdue, not confirmed")
        case .urgeCount: ("催单", "Urges")
        case .redoCount: ("重办", "Redos")
        case .more: ("更多", "More")
        case .noUnit: ("（未派单）", "(no unit)")
        case .noCategory: ("（未分类）", "(no category)")
        case .localOnly: ("本地已记录，未到中心", "recorded here, not yet at the centre")
        case .reasonNotOwner: ("不由该节点决定", "that node does not decide it")
        case .reasonNotHolder: ("当时不是承办单位", "did not hold the ticket")
        case .reasonRightEnded: ("承办权已终止", "the right had ended")
        case .reasonOverruled: ("中心已接管", "the centre had taken over")
        case .against: ("与之冲突的决定", "Decision it lost to")
        case .ticket: ("工单", "Ticket")
        case .tries: ("联系次数", "Tries")
        case .reasonClass: ("挂起原因", "Waits for")
        case .promised: ("承诺时间", "Promised by")
        case .review: ("复查时间", "Review at")
        case .badNumber: ("须为 1 至 99 的整数", "a whole number from 1 to 99")
        case .day: ("日期", "Day")
        case .conflictEvent: ("未生效事项", "Event without effect")
        case .outcome: ("处理结果", "Outcome")
        case .noPage: ("没有这个页面", "There is no such page")
        case .pageFailed: ("无法显示", "Cannot be shown")
        case .recordedAt: ("记录于", "recorded")
        case .countedAt: ("计时以此为准", "the time that counts is")
        case .arrivedAt: ("到达中心", "at the centre since")
        case .decisionDue: ("审核时限", "Decide by")
        case .lateUnconfirmed: ("超期待核", "overdue, not confirmed")
        case .lateness: ("超期", "Lateness")
        case .latenessOpen:
            (
                "待核：到期时承办单位节点断线，已办事项可能尚未到达",
                "not confirmed: the holder's node was cut off at the due time; what was done there may not be here yet"
            )
        case .undelivered: ("未送达", "not delivered")
        case .undeliveredCount: ("未送达的工单", "Tickets not delivered")
        case .raised: ("当前告警", "Alarms raised now")
        case .severity: ("级别", "Severity")
        case .raisedSince: ("起始时间", "Since")
        case .raisedWhat: ("内容", "What is so")
        case .seenTo: ("处理人", "Seen to by")
        case .seeTo: ("我来处理", "I see to it")
        case .severityNotice: ("提示", "notice")
        case .severityWarning: ("警告", "warning")
        case .severityCritical: ("严重", "critical")
        case .commitP99: ("提交耗时 p99（微秒）", "Commit p99, microseconds")
        case .diskFree: ("磁盘剩余（字节）", "Disk free, bytes")
        case .line: ("通往中心的线路", "Line to the centre")
        case .lagSeconds: ("缺少已久（秒）", "Missing for, seconds")
        case .outboxSeconds: ("滞留已久（秒）", "Waiting for, seconds")
        case .sessionSeconds: ("会话已持续（秒）", "Session, seconds")
        case .downSeconds: ("线路中断（秒）", "Line down for, seconds")
        case .clockOffset: ("时钟相差（毫秒）", "Clock off by, milliseconds")
        case .rowsLive: ("实时到达的行", "Rows that came live")
        case .rowsPulled: ("拉取的行", "Rows pulled")
        case .gaps: ("实时缺口", "Gaps in what came live")
        case .rewinds: ("另行保留的次数", "Times rows were put aside")
        case .credit: ("每次拉取（字节）", "Bytes a pull")
        case .lostFrames: ("途中丢失的帧", "Frames lost")
        case .groupUnconfirmed: ("超期待核", "Overdue, not confirmed")
        case .groupDecision: ("申请待审（有审核时限）", "With a request to decide")
        }
    }
}

/// The catalogue in one language.
package struct PageTexts: Equatable, Sendable {
    package let language: Language

    package init(_ language: Language) { self.language = language }

    /// Chinese unless the browser puts another language first.
    package init(acceptLanguage: String?) { language = Language(acceptLanguage: acceptLanguage, otherwise: .chinese) }

    private var isChinese: Bool { language == .chinese }

    package subscript(_ key: TextKey) -> String { isChinese ? key.both.zh : key.both.en }

    package func title(_ node: NodeID) -> String { "\(self[.list]) · \(node)" }

    package func outbox(_ count: Int64) -> String { self[.outbox].replacing("%d", with: String(count)) }

    package func status(_ status: TicketStatus) -> String {
        let both = PageTexts.names(status)
        return isChinese ? both.zh : both.en
    }

    package static func names(_ status: TicketStatus) -> (zh: String, en: String) {
        switch status {
        case .registered: ("已登记", "registered")
        case .answered: ("直接答复", "answered")
        case .rejected: ("不予受理", "rejected")
        case .toDispatch: ("待派单", "to dispatch")
        case .dispatched: ("待签收", "to sign")
        case .inHand: ("办理中", "in hand")
        case .returnAsked: ("退单待审", "return asked")
        case .ruling: ("会商裁定", "ruling")
        case .replied: ("已答复待审", "replied")
        case .finished: ("已办结", "finished")
        case .calledBack: ("已回访", "called back")
        case .closed: ("归档", "closed")
        case .merged: ("已并单", "merged")
        case .void: ("作废", "void")
        }
    }

    package func effect(_ effect: TicketEffect) -> String {
        let both: (String, String) =
            switch effect {
            case .effective: ("生效", "effective")
            case .duplicate(let first): ("未生效：与 \(first) 是同一指令", "not effective: the same command as \(first)")
            case .notOwner(let owner): ("未生效：应由 \(owner) 决定", "not effective: \(owner) decides")
            case .notHolder: ("未生效：当时不是承办单位", "not effective: did not hold the ticket")
            case .rightEnded(let event): ("未生效：承办权已由 \(event) 终止", "not effective: the right ended by \(event)")
            case .overruled(let event): ("未生效：中心已接管（\(event)）", "not effective: the centre took over (\(event))")
            case .malformed: ("未生效：内容无法读取", "not effective: the body cannot be read")
            case .letGo: ("内容已清除：工单已转出", "let go: the ticket left")
            case .missing: ("未生效：内容缺失", "not effective: the body is missing")
            case .unknownType: ("需升级：本版本不认识此类型", "needs upgrade: this version does not know the type")
            }
        return isChinese ? both.0 : both.1
    }
}
