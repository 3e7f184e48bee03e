/// The catalogue of what pages say, in Chinese (zh-CN) and English.

import Events
import Tickets

struct PageTexts {
    let isChinese: Bool

    /// Chinese unless the browser puts another language first.
    init(acceptLanguage: String?) {
        let first = acceptLanguage?.split(separator: ",").first.map { $0.lowercased() } ?? "zh"
        isChinese = first.hasPrefix("zh") || first.hasPrefix("*")
    }

    var language: String { isChinese ? "zh-CN" : "en" }
    var next: String { isChinese ? "下一页" : "Next page" }
    var notEffective: String { isChinese ? "未生效" : "not effective" }
    func title(_ node: NodeID) -> String { isChinese ? "工单 · \(node)" : "Tickets · \(node)" }

    var columns: [String] {
        isChinese
            ? ["编号", "状态", "类别", "标题", "承办单位", "时限"] : ["Number", "Status", "Category", "Title", "Holder", "Due"]
    }

    func badge(linked: Bool, outbox: Int64, position: Int64) -> String {
        if isChinese {
            let line = linked ? "已连接" : "未连接，可照常办理"
            return outbox > 0 ? "\(line)；已在本地登记，\(outbox) 条尚未到达中心" : "\(line)；本地共 \(position) 条记录"
        }
        let line = linked ? "connected" : "not connected, work goes on"
        return outbox > 0
            ? "\(line); recorded here, \(outbox) not yet at the centre" : "\(line); \(position) events here"
    }

    func status(_ status: TicketStatus) -> String {
        guard isChinese else { return status.rawValue }
        return switch status {
        case .registered: "已登记"
        case .answered: "直接答复"
        case .rejected: "不予受理"
        case .toDispatch: "待派单"
        case .dispatched: "待签收"
        case .inHand: "办理中"
        case .returnAsked: "退单待审"
        case .ruling: "会商裁定"
        case .replied: "已答复待审"
        case .finished: "已办结"
        case .calledBack: "已回访"
        case .closed: "归档"
        case .merged: "已并单"
        case .void: "作废"
        }
    }
}
