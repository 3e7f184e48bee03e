/// The names of roles (岗位), for pages and refusals; docs/format/tickets.md lists the same.

package import Tickets

extension PageTexts {
    package func role(_ role: TicketRole) -> String {
        let both = PageTexts.names(role)
        return language == .chinese ? both.zh : both.en
    }

    /// A refusal names the role in English as it is stored, since that is what a program sends.
    package static func names(_ role: TicketRole) -> (zh: String, en: String) {
        switch role {
        case .agent: ("受理员", "Intake agent")
        case .specialDesk: ("专席", "Special desk")
        case .shiftLeader: ("带班", "Shift leader")
        case .dispatcher: ("派遣员", "Dispatcher")
        case .quality: ("质检员", "Quality reviewer")
        case .supervisor: ("督查员", "Supervisor")
        case .callback: ("回访员", "Callback agent")
        case .archivist: ("档案员", "Archivist")
        case .knowledge: ("知识库管理员", "Knowledge base keeper")
        case .evaluator: ("考核员", "Evaluator")
        case .auditor: ("审计员", "Auditor")
        case .clerk: ("街道指挥中心工作人员", "Street command clerk")
        case .liaison: ("承办单位联络员", "Unit's liaison")
        case .handler: ("承办人", "Unit's handler")
        case .leader: ("承办单位负责人", "Unit's leader")
        case .gridLeader: ("网格长", "Grid leader")
        case .gridWorker: ("网格员", "Grid worker")
        case .microGridLeader: ("微网格长", "Micro-grid leader")
        case .web: ("网上渠道", "Web channel")
        case .systemAdmin: ("系统管理员", "System administrator")
        case .securityAdmin: ("安全管理员", "Security administrator")
        case .auditAdmin: ("审计管理员", "Audit administrator")
        }
    }
}
