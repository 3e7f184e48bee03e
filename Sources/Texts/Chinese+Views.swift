/// Chinese: the views.

extension Chinese {
    static let views: KeyValuePairs<String, String> = [
        "the views are at position {}, the log ends at {}": "视图位于 {0}，日志止于 {1}",
        "the rebuild into {} was stopped": "已停止重建到 {0}",
        "a running node makes its views anew by itself; else delete views.sqlite, it is rebuilt":
            "运行中的节点会自行重建视图；否则删除 views.sqlite，启动时重建",
        "views hold nothing of their own: delete views.sqlite and start again, it is rebuilt":
            "视图不含独有数据：请删除 views.sqlite 后重新启动，视图会自动重建",
        "the log was restored or exchanged; start the node, which rebuilds its views":
            "日志曾被恢复或更换；请启动节点，视图会自动重建",
        "take the value from the answer that gave it, unchanged": "请原样使用此前返回的值",
        "start it again; it goes on where it stopped": "请再次启动；将从停止处继续",
        "the machine went down before {} was on the disk": "机器在 {0} 落盘之前停机",
        "write views": "写入视图",
        "build {}": "构建 {0} ",
        "rename {} to {}": "将 {0} 改名为 {1} ",
        "the connection is closed": "连接已关闭",
        "there is no such file": "没有此文件",
        "view; there are {}": "视图；现有：{0}",
        "views file with {} {}": "{0} 为 {1} 的视图文件",
        "cursor": "游标",
        "cursor of this list": "此列表的游标",
        "cursor of these counts": "此统计的游标",
        "ticket status": "工单状态",
        "conflict": "冲突",
    ]
}
