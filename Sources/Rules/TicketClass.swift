/// What a limit depends on: the kind of a request and its urgency.

/// The kind of a request (诉求类型); stored by its name.
package enum RequestKind: String, Sendable, CaseIterable {
    /// 咨询
    case consult
    /// 求助
    case help
    /// 投诉
    case complaint
    /// 举报
    case report
    /// 建议
    case suggestion
    /// 其他
    case other

    /// Kinds grow with the years and with other platforms: a code unknown here counts as `other`.
    package init(code: String) { self = RequestKind(rawValue: code) ?? .other }
}

/// How fast a request must be handled (紧急程度); stored by its name.
package enum Urgency: String, Sendable, CaseIterable {
    /// 一般
    case ordinary
    /// 紧急: life or property, within hours
    case urgent2h
    /// 急: water, power, gas or heating, within a day
    case urgent24h
    /// 疑难: several departments or a legal procedure
    case complex

    /// Whether the short windows apply and an extension is ruled out.
    package var isUrgent: Bool {
        switch self {
        case .urgent2h, .urgent24h: true
        case .ordinary, .complex: false
        }
    }
}
