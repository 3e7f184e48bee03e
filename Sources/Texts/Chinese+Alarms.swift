/// Chinese: alarms that are raised and cleared, and what to do about each.

extension Chinese {
    static let alarms: KeyValuePairs<String, String> = [
        "still so: {}; {}": "仍未解除：{0}；{1}",
        "no longer so: {}": "已解除：{0}",
        "no longer known: {}": "已无从得知：{0}",
        // The shipped rules, and the watch.
        "node {} has not confirmed {} rows of its feeds, more than {}": "节点 {0} 尚未确认其订阅流的 {1} 行，超过 {2}",
        "see whether its line or its disk is slow: docs/operations.md, Lag": "请查看其线路或磁盘是否缓慢：docs/operations.md，Lag",
        "node {} lacks rows that are {} s old, more than {}": "节点 {0} 缺少 {1} 秒前的内容，超过 {2} 秒",
        "node {} holds {} events that are not here, more than {}": "节点 {0} 有 {1} 个事件未到中心，超过 {2}",
        "see its alarms, and whether its origin is halted: docs/operations.md, Outbox":
            "请查看该节点的告警，以及其来源是否已停收：docs/operations.md，Outbox",
        "node {} has held events back for {} s, more than {}": "节点 {0} 的事件已滞留 {1} 秒，超过 {2} 秒",
        "the line to node {} has been down for {} s": "通往节点 {0} 的线路已中断 {1} 秒",
        "call the office; it works on by itself: docs/operations.md, Line down":
            "请电话联系该街道；其可照常办理：docs/operations.md，Line down",
        "{} rows of the centre are missing here, more than {}": "本节点缺少中心的 {0} 行，超过 {1}",
        "see whether the line or this disk is slow: docs/operations.md, Lag": "请查看线路或本机磁盘是否缓慢：docs/operations.md，Lag",
        "rows of the centre have been missing here for {} s, more than {}": "本节点缺少中心的内容已 {0} 秒，超过 {1} 秒",
        "the centre has not confirmed {} events of this node, more than {}": "本节点有 {0} 个事件中心尚未确认，超过 {1}",
        "they are safe here; see the line, and the alarms above: docs/operations.md, Outbox":
            "事件已在本机保存；请查看线路及其他告警：docs/operations.md，Outbox",
        "the oldest event that the centre has not confirmed is {} s old": "中心尚未确认的最早事件已有 {0} 秒",
        "it is safe here; see the line, and the alarms above: docs/operations.md, Outbox":
            "该事件已在本机保存；请查看线路及其他告警：docs/operations.md，Outbox",
        "the line to the centre has been down for {} s": "通往中心的线路已中断 {0} 秒",
        "work on; see the office's network, and call the centre: docs/operations.md, Line down":
            "请照常办理；查看本单位网络并电话联系中心：docs/operations.md，Line down",
        "the clock of node {} is {} s off this one's": "节点 {0} 的时钟与本机相差 {1} 秒",
        "set it right there, by NTP; what it records counts at its arrival: docs/operations.md, Clocks":
            "请在该节点用 NTP 校时；其记录以到达时间计：docs/operations.md，Clocks",
        "the nodes' clocks are {} s off this one's: the centre's own clock is wrong": "各节点的时钟与本机相差 {0} 秒：中心自身的时钟有误",
        "set this machine's clock right, by NTP: docs/operations.md, Clocks": "请用 NTP 校准本机时钟：docs/operations.md，Clocks",
        "the centre's clock is {} s off this one's": "中心的时钟与本机相差 {0} 秒",
        "compare both with a clock that is right, and set the wrong one: docs/operations.md, Clocks":
            "请与准确的时钟核对，校准有误的一方：docs/operations.md，Clocks",
        "urgent ticket {} has not reached node {}, {} s after its dispatch": "紧急工单 {0} 派出 {2} 秒后仍未送达节点 {1}",
        "call unit {} and tell it: docs/operations.md, Urgent ticket": "请电话通知单位 {0}：docs/operations.md，Urgent ticket",
        "{} tickets are at the centre and not where their unit works": "{0} 个工单在中心，不在承办单位所在节点",
        "enrol the node, then reassign them; their pages say why: docs/operations.md, Not delivered":
            "请先让节点入网，再重新派单；原因见工单页面：docs/operations.md，Not delivered",
        "{} rows of the log are rotten, and nobody has given them back yet": "日志有 {0} 行数据已损坏，尚未从其他节点取回",
        "see its line, and the alarms above; then the disk's health: docs/operations.md, Rotten rows":
            "请查看线路及其他告警，再检查磁盘健康状况：docs/operations.md，Rotten rows",
        "{} conflicts wait for a person": "{0} 个冲突待人工处理",
        "settle them on the page of conflicts: docs/operations.md, Conflicts": "请在冲突页面处理：docs/operations.md，Conflicts",
        "the views lack {} events of the log, more than {}": "视图比日志少 {0} 个事件，超过 {1}",
        "lists show what was; see whether the disk is full or slow: docs/operations.md, Views":
            "列表显示的是较早的情况；请查看磁盘是否已满或缓慢：docs/operations.md，Views",
        "one commit in a hundred takes {} ms and more, the limit is {}": "百分之一的提交耗时 {0} 毫秒以上，限值 {1} 毫秒",
        "see what else writes to this disk, and its health: docs/operations.md, Slow disk":
            "请查看还有什么在写此磁盘及磁盘的健康状况：docs/operations.md，Slow disk",
        "{} MiB are left on the node's disk, fewer than {}": "节点磁盘仅剩 {0} MiB，少于 {1} MiB",
        "make room before nothing can be recorded any more: docs/operations.md, Disk nearly full":
            "请及时腾出空间，否则将无法登记：docs/operations.md，Disk nearly full",
        "some measures cannot be taken, and raise no alarm": "部分指标无法测量，不会据此告警",
        "the system does not say how much of the disk of {} is free": "系统未给出 {0} 所在磁盘的剩余空间",
        "look with df, and watch it yourself": "请用 df 查看，并自行留意",
        "{} sees to it: {}": "{0} 正在处理：{1}",
        // Status.
        "down      {} for {} s": "中断      {0}，已 {1} 秒",
        "disk      {} MiB free": "磁盘      剩余 {0} MiB",
        "commits   p99 {} µs": "提交      p99 {0} 微秒",
        "RAISED    {}, since {}: {}": "当前告警  {0}，自 {1}：{2}",
        "          try: {}": "          建议：{0}",
    ]
}
