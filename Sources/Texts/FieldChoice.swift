/// The words for what a field stores as a code (选项): each field has its own, so that `refused` of a callback is no label of a page.

package import Tickets

/// A closed list of stored values, of one field or of fields that mean the same.
package enum FieldChoice: CaseIterable, Sendable {
    /// 诉求渠道, 诉求类型, 紧急程度
    case channel, matterKind, urgency
    /// 接手单位: by its number
    case emergency
    /// 联系方式, 挂起原因, 办结类型
    case way, suspension, finish
    /// 计时依据
    case counting
    /// 评价, 免回访原因, 保管期限
    case grade, exemption, retention
    /// 督办级别, 作废原因
    case supervision, voiding

    /// - Returns: nil for a field in which people write what they like.
    package init?(_ field: String, of kind: TicketEventKind) {
        switch (kind, field) {
        case (.registered, "channel"), (.imported, "channel"), (.importUpdated, "channel"): self = .channel
        case (.registered, "kind"), (.imported, "kind"), (.importUpdated, "kind"): self = .matterKind
        case (.registered, "urgency"), (.imported, "urgency"), (.importUpdated, "urgency"): self = .urgency
        case (.emergencyTransferred, "service"): self = .emergency
        case (.firstContactMade, "way"), (.firstContactFailed, "way"), (.replySubmitted, "callerTold.way"): self = .way
        case (.suspendAsked, "reasonClass"): self = .suspension
        case (.replySubmitted, "kind"), (.finished, "kind"): self = .finish
        case (.receiptNoted, "why"): self = .counting
        case (.callbackRecorded, "grade"): self = .grade
        case (.callbackExempted, "code"): self = .exemption
        case (.closed, "retention"): self = .retention
        case (.supervisionRaised, "level"), (.supervisionLowered, "level"): self = .supervision
        case (.voided, "reason"): self = .voiding
        case _: return nil
        }
    }

    /// The words for a stored value; nil for one that is not of the list, which people may have written.
    package func names(_ value: String) -> (zh: String, en: String)? {
        switch self {
        case .channel: channel(value)
        case .matterKind: matterKind(value)
        case .urgency: urgency(value)
        case .emergency: emergency(value)
        case .way: way(value)
        case .suspension: suspension(value)
        case .finish: finish(value)
        case .counting: counting(value)
        case .grade: grade(value)
        case .exemption: exemption(value)
        case .retention: value == "standard" ? ("普通", "standard") : nil
        case .supervision: supervision(value)
        case .voiding: voiding(value)
        }
    }

    // MARK: - Intake

    private func channel(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "hotline": ("热线", "hotline")
        case "phone": ("电话", "telephone")
        case "web": ("网络", "web")
        case "grid": ("网格", "grid")
        case "app": ("手机应用", "app")
        case "wechat": ("微信", "WeChat")
        case "mailbox": ("信箱", "mailbox")
        case "letter": ("来信", "letter")
        case "staff": ("工作人员", "staff")
        case "social": ("社交媒体", "social media")
        case "system": ("系统转入", "another system")
        case "import": ("导入", "import")
        case "other": ("其他", "other")
        case _: nil
        }
    }

    private func matterKind(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "consult": ("咨询", "question")
        case "help": ("求助", "call for help")
        case "complaint": ("投诉", "complaint")
        case "report": ("举报", "report")
        case "suggestion": ("建议", "suggestion")
        case "thanks": ("感谢", "thanks")
        case "other": ("其他", "other")
        case _: nil
        }
    }

    private func urgency(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "ordinary": ("普通", "ordinary")
        case "urgent2h": ("紧急（2 小时）", "urgent (2 hours)")
        case "urgent24h": ("紧急（24 小时）", "urgent (24 hours)")
        case "complex": ("复杂", "complex")
        case _: nil
        }
    }

    private func emergency(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "110": ("110 报警", "110, police")
        case "119": ("119 火警", "119, fire brigade")
        case "120": ("120 急救", "120, ambulance")
        case "122": ("122 交通事故", "122, traffic police")
        case _: nil
        }
    }

    // MARK: - Handling

    private func way(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "phone": ("电话", "telephone")
        case "visit": ("上门", "visit")
        case "message": ("短信", "message")
        case _: nil
        }
    }

    private func suspension(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "hearing": ("听证", "hearing")
        case "test": ("检测", "test")
        case "appraisal": ("鉴定", "appraisal")
        case "season": ("季节性施工", "season")
        case "project": ("工程项目", "project")
        case "other": ("其他", "other")
        case _: nil
        }
    }

    private func finish(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "solved": ("实际解决", "solved")
        case "staged": ("阶段性办结", "staged")
        case "explained": ("解释说明", "explained")
        case _: nil
        }
    }

    private func counting(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "outage": ("断网期间办理", "the line was down")
        case "arrival": ("按到达中心的时间", "the arrival counts")
        case "owner": ("由主管节点决定", "the owner's own time")
        case _: nil
        }
    }

    // MARK: - After the finish

    private func grade(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "1": ("1 分（最低）", "1 of 5")
        case "2": ("2 分", "2 of 5")
        case "3": ("3 分", "3 of 5")
        case "4": ("4 分", "4 of 5")
        case "5": ("5 分（最高）", "5 of 5")
        case _: nil
        }
    }

    private func exemption(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "anonymous": ("诉求人匿名", "the caller is anonymous")
        case "refused": ("诉求人不接受回访", "the caller wants no callback")
        case "exhausted": ("多次联系未果", "not reached after all tries")
        case "mergedChild": ("已并入其他工单", "merged into another ticket")
        case _: nil
        }
    }

    private func supervision(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "0": ("无", "none")
        case "1": ("普通", "plain")
        case "2": ("黄牌", "yellow card")
        case "3": ("红牌", "red card")
        case _: nil
        }
    }

    private func voiding(_ value: String) -> (zh: String, en: String)? {
        switch value {
        case "duplicate": ("重复登记", "registered twice")
        case "test": ("测试工单", "a test")
        case _: nil
        }
    }
}

extension PageTexts {
    /// The words for a stored value of a field; the value itself where nobody has words for it.
    ///
    /// - Parameter field: the path in the body, such as `callerTold.way`.
    package func choice(_ value: String, _ field: String, of kind: TicketEventKind) -> String {
        guard let names = FieldChoice(field, of: kind)?.names(value) else { return value }
        return language == .chinese ? names.zh : names.en
    }
}
