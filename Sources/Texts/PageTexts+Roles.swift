/// The names of roles (岗位).

package import Tickets

extension PageTexts {
    /// In Chinese; English readers see the role as it is stored.
    package static func name(_ role: TicketRole) -> String {
        switch role {
        case .agent: "受理员"
        case .specialDesk: "专席"
        case .shiftLeader: "带班"
        case .dispatcher: "派单员"
        case .quality: "质检员"
        case .supervisor: "督查员"
        case .callback: "回访员"
        case .archivist: "档案员"
        case .knowledge: "知识库管理员"
        case .evaluator: "考核员"
        case .auditor: "审计员"
        case .clerk: "街道办件员"
        case .liaison: "承办单位联络员"
        case .handler: "承办人"
        case .leader: "承办单位负责人"
        case .gridLeader: "网格长"
        case .gridWorker: "网格员"
        case .microGridLeader: "微网格长"
        case .web: "网上渠道"
        case .systemAdmin: "系统管理员"
        case .securityAdmin: "安全管理员"
        case .auditAdmin: "审计管理员"
        }
    }
}
