/// The names of what acts without a person (系统操作人): timers, rules, imports.

import Tickets

/// A system actor; the raw values stand in stored events.
package enum SystemActor: String, CaseIterable, Sendable {
    case deemedSigning, resume, preWarning, overdue, recompute, close
    case rule, robot, receipt, `import`, enrol, rotate, link

    package var names: (zh: String, en: String) {
        switch self {
        case .deemedSigning: ("视为签收", "deemed signing")
        case .resume: ("恢复计时", "resuming")
        case .preWarning: ("时限预警", "warning")
        case .overdue: ("超期", "overdue")
        case .recompute: ("时限重算", "due times")
        case .close: ("归档", "archive")
        case .rule: ("派单规则", "dispatch rule")
        case .robot: ("智能回访", "callback robot")
        case .receipt: ("送达认定", "receipts")
        case .import: ("导入", "import")
        case .enrol: ("节点入网", "enrolment")
        case .rotate: ("密钥轮换", "key exchange")
        case .link: ("线路监测", "lines")
        }
    }
}

extension PageTexts {
    /// - Parameter name: as stored; one of another version stands as it is.
    package func system(_ name: String) -> String {
        let names = SystemActor(rawValue: name)?.names
        return language == .chinese ? "系统（\(names?.zh ?? name)）" : "system (\(names?.en ?? name))"
    }
}
