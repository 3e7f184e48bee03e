/// Chinese: membership, replication, sockets, the node's threads and their alarms.

extension Chinese {
    static let nodes: KeyValuePairs<String, String> = [
        "row {} of the log is rotten and does not say which event it held: nobody can be asked for it; restore the node from a backup, or replace it":
            "日志第 {0} 行已损坏，且看不出原是哪个事件，无从索取；请从备份恢复本节点，或更换节点",
        "event {}, row {} of the log, is rotten, and nobody who is connected gives it back: it is asked for again; if nobody has it, restore the node from a backup, or replace it":
            "事件 {0}（日志第 {1} 行）已损坏，已连接的节点都未能给出；将再次索取；如无节点持有，请从备份恢复本节点，或更换节点",
        "event {}, row {} of the log, was let go while its ticket was elsewhere, and the centre does not give it back: the ticket is shown without it, and it is asked for again":
            "事件 {0}（日志第 {1} 行）的内容在工单转出期间已清除，中心未能给回；工单将不含该事件显示，并会再次索取",
        "row {} of the log was rotten, and has its event {} again": "日志第 {0} 行曾损坏，现已取回事件 {1}",
        "what {} gave for row {} of the log does not take its place: {}": "{0}给出的内容不能替换日志第 {1} 行：{2}",
        "node {}": "节点 {0}",
        "the centre": "中心",
        "nothing proves that it stood there": "无法证明原在此处",
        "there is no such row": "没有此行",
        "a name in it is damaged, too": "其中的名称也已损坏",
        "the row contradicts its indexes: {}": "该行与其索引矛盾：{0}",
        "what a street put aside is not looked at": "街道另行存放的内容未予查看",
        "the hub gets no answer about rows that are aside": "无法回答中心关于另行存放各行的询问",
        "a part of the log cannot be read": "日志有一部分无法读取",
        "an outage may be missing": "可能缺少一次断线记录",
        "the members are not read anew": "节点名册未能重新读取",
        // Membership.
        "{} is the centre itself": "{0} 即中心本身",
        "node {} is enrolled already": "节点 {0} 已入网",
        "node {} was never invited here": "节点 {0} 从未在此受邀",
        "the centre does not let node {} in with this invitation": "中心不接受节点 {0} 凭此邀请码入网",
        "{} is not the centre": "{0} 不是中心",
        "the invitation would end at {}, and it is {}": "邀请截止于 {0}，而现在已是 {1}",
        "there are {} nodes already": "已有 {0} 个节点",
        "invite street nodes; their ids differ from the centre's": "请邀请街道节点；其编号须与中心不同",
        "revoke it first with `gridline nodes revoke`, then invite it again":
            "请先用 `gridline nodes revoke` 撤销，再重新邀请",
        "it may be used, expired or revoked: ask for a new one, `gridline nodes invite` at the centre":
            "邀请码可能已使用、过期或撤销：请在中心用 `gridline nodes invite` 另取",
        "give the command at the centre's folder": "请在中心的文件夹执行此命令",
        "give a time that lies ahead": "请给出将来的时间",
        "revoke nodes that are gone; one centre serves this many at most": "请撤销已停用的节点；一个中心至多服务这么多",
        "a secret's hash is 64 hexadecimal digits; two keys stand beside each other for 30 days at most":
            "密语的散列值为 64 位十六进制数；新旧密钥至多并存 30 天",
        "node {} is exchanging its key already: {} ends at {} at the latest": "节点 {0} 正在更换密钥：{1} 最迟于 {2} 失效",
        "{} is no key with which node {} may connect": "{0} 不是节点 {1} 可用于连接的密钥",
        "{} is the only key of node {}": "{0} 是节点 {1} 唯一的密钥",
        "wait until the node has used its new key, or end one of both: `gridline nodes revoke --key KEY`":
            "请等该节点用过新密钥，或撤销其中之一：`gridline nodes revoke --key 密钥`",
        "exchange it with `gridline nodes rotate`, or revoke the node: `gridline nodes revoke` without --key":
            "请用 `gridline nodes rotate` 更换，或撤销该节点：`gridline nodes revoke`（不带 --key）",
        "ending a key that was exchanged": "使已更换的密钥失效",
        "the node's keys": "本节点的密钥",
        "the invitation of {} was used already, replaced by a later one, or revoked: the centre at {} does not take it":
            "节点 {0} 的邀请码已使用、已被新码取代或已撤销：中心（{1}）不接受",
        "the invitation of {} expired at {}, and it is {} by this machine's clock":
            "节点 {0} 的邀请码已于 {1} 过期；按本机时钟现为 {2}",
        """
        the invitation of {} was used already, replaced by a later one, or revoked: the centre runs at {}, and lets nobody \
        in at {}
        """: "节点 {0} 的邀请码已使用、已被新码取代或已撤销：中心在 {1} 运行，{2} 现不接受任何节点入网",
        "no centre answered at {}, asked each second for {} s: {}": "{0} 处没有中心应答（{1} 秒内每秒询问一次）：{2}",
        "something listens there, without the key that the invitation names": "该处有程序在监听，但没有邀请码所指的密钥",
        "the machine is there, and nothing listens at the port": "机器可达，但该端口无程序监听",
        """
        if this folder used it, it is enrolled: start it with `gridline serve`; otherwise ask the centre for a new \
        invitation, made with `gridline nodes invite`
        """: "若是本文件夹使用的，则已入网：请用 `gridline serve` 启动；否则请向中心另取邀请码（`gridline nodes invite`）",
        "{}; if it was never used, something on the way lets {} through and not {}":
            "{0}；若从未使用，则途中放行了 {1} 而未放行 {2}",
        "ask the centre for a new invitation, made with `gridline nodes invite`":
            "请向中心另取邀请码（`gridline nodes invite`）",
        """
        the centre's keys or addresses have changed since: ask it for a new invitation, made with \
        `gridline nodes invite`
        """: "中心的密钥或地址已变更：请向中心另取邀请码（`gridline nodes invite`）",
        """
        check that the centre runs (`gridline serve`), that this machine reaches {}, and that no firewall \
        stands between; if the centre is elsewhere now, ask it for a new invitation: `gridline nodes invite --address`
        """: """
        请检查中心是否在运行（`gridline serve`）、本机能否连到 {0}、途中有无防火墙阻挡；\
        若中心已换地址，请另取邀请码：`gridline nodes invite --address`
        """,
        // The hub's alarms.
        "node {} asks for feed {}; refused": "节点 {0} 请求订阅流 {1}；已拒绝",
        "node {} sends {}, which is another node's; refused": "节点 {0} 发来他节点的事件 {1}；已拒绝",
        "node {} says that it is {}; refused": "节点 {0} 自称为 {1}；已拒绝",
        "node {} runs twice, as {}; was its folder copied? The newer one is served":
            "节点 {0} 有两个进程在运行：{1}；是否复制过文件夹？现为较新的一个服务",
        """
        node {} sends more than is taken of one node beside the others: {} of its messages were left out so far; see what it \
        sends, or revoke it
        """: "节点 {0} 发送的数据超出与其他节点并行时可处理的份额：至今已略过 {1} 条消息；请查看其发送内容，或吊销该节点",
        "the hub is not told that this node stops": "未能告知中心本节点停止",
        "{} of node {} is here as {} and comes as {}; kept in quarantine":
            "节点 {1} 的 {0} 在此为 {2}，发来的为 {3}；已隔离保存",
        """
        {} of node {} is here as {} and comes as {}; not kept: the quarantine has all that it takes of one origin
        """: "节点 {1} 的 {0} 在此为 {2}，发来的为 {3}；未保存：该来源的隔离数量已达上限",
        """
        {} more events of {} are others than those here; {} of them are in quarantine, which takes {} of one origin
        """: "{1} 另有 {0} 个事件与此处不同；其中 {2} 个已隔离（每个来源至多隔离 {3} 个）",
        "{} of node {} is refused: {}": "已拒绝节点 {1} 的 {0}：{2}",
        "a message of node {} is unreadable": "节点 {0} 的消息无法读取",
        "{} applications for enrolment were turned down": "已拒绝 {0} 次入网申请",
        // A street's alarms.
        "feed {} ends at row {} at the hub, and at {} here; was the hub restored?":
            "订阅流 {0} 在中心止于第 {1} 行，在此止于第 {2} 行；中心是否恢复过备份？",
        "feed {}: what is here above row {} is not the hub's, and is kept aside":
            "订阅流 {0}：此处第 {1} 行之后的内容与中心不同，已另行保留",
        "feed {} differs from the hub's at row {}: {} here, {} there": "订阅流 {0} 第 {1} 行与中心不同：此处为 {2}，中心为 {3}",
        "feed {}: what follows row {} does not say that the feed begins anew there; it is pulled from row 1":
            "订阅流 {0}：第 {1} 行之后的内容未表明订阅流由此重新开始；将从第 1 行拉取",
        "a message from the hub is unreadable": "中心的消息无法读取",
        "{} is here as {}, the hub has {}": "{0} 在此为 {1}，在中心为 {2}",
        "{} from the hub is refused: {}": "已拒绝中心发来的 {0}：{1}",
        "{} from the hub came without its predecessor": "中心发来的 {0} 缺少前一事件",
        "the hub takes nothing of {} after {}: it found {}; see its alarms":
            "中心不再接收 {0} 在 {1} 之后的事件：发现{2}；请查看中心的告警",
        "{} is neither at the hub nor here: nothing of its origin from there on is sent":
            "中心与本节点均缺少 {0}：该来源自此以后的事件不再发送",
        "another event under the same id": "同一编号的另一事件",
        "a broken chain": "链不衔接",
        "the hub refuses this node: {}": "中心拒绝本节点：{0}",
        "it does not know the session": "会话不存在",
        "it is busy": "中心正忙",
        "it speaks another version": "协议版本不同",
        "this node is revoked": "本节点已被撤销",
        "this node is not invited": "本节点未受邀请",
        // Messages.
        "a message that is no GRP": "不是 GRP 消息",
        "protocol version {}": "协议版本 {0}",
        "versions {} to {}": "版本 {0} 至 {1}",
        "state {}": "状态 {0}",
        "stream \"{}\" or person \"{}\"": "事件流“{0}”或当事人“{1}”",
        "reason {}": "原因 {0}",
        "flags {}": "标志 {0}",
        "session {} of a message that has none": "会话 {0}，而该消息不属于任何会话",
        "a flag of {}": "标志为 {0}",
        "feed \"{}\"": "订阅流“{0}”",
        "node \"{}\"": "节点“{0}”",
        "a negative number, {}": "负数 {0}",
        "a compressed body that does not unpack to {} bytes": "压缩正文解压后不是 {0} 字节",
        "row kind {}": "行的种类 {0}",
        // Sockets.
        "another program listens there; stop it, or change the address in gridline.yaml":
            "另一程序占用了该地址；请停止它，或修改 gridline.yaml 中的地址",
        "check the address and the keys in gridline.yaml and keys/": "请检查 gridline.yaml 和 keys/ 中的地址与密钥",
        "see the system's log; the node tries again by itself": "请查看系统日志；节点会自动重试",
        "a key has 40 characters of Z85": "密钥为 40 个 Z85 字符",
        "no event descriptor": "无法取得事件描述符",
        "listen on {}": "监听 {0} ",
        "connect to {}": "连接 {0} ",
        // The node itself.
        "a rule is not in force": "有规则未生效",
        "the rules in the log could not be read": "日志中的规则无法读取",
        "the clock leapt ahead by {} minutes, to {}: check it; timers wait for {} minutes":
            "时钟向前跳了 {0} 分钟，至 {1}：请核对；定时器暂停 {2} 分钟",
        "the end of the log cannot be read": "日志末尾无法读取",
        "{} is passed over": "已跳过 {0}",
        "the timers of a ticket are passed over": "已跳过一个工单的定时器",
        "keys of persons are not exchanged": "当事人密钥未能交换",
        "the key of a box is not asked for until its row is healed": "密封数据所在行修复之前，不请求其密钥",
        "the key of {} that {} sent does not open {}": "{1} 发来的 {0} 的密钥打不开 {2}",
        "{} events of feed {} are back from node {}; {} rows there are not signed and stay aside":
            "订阅流 {1} 的 {0} 个事件已由节点 {2} 送回；该节点另有 {3} 行未经签名，仍另行存放",
        "not all of feed {} is back: {}": "订阅流 {0} 未能全部送回：{1}",
        "node {} has {} rows of feed {} that are not here, and no signature of this hub over them: they stay aside there":
            "节点 {0} 有订阅流 {2} 的 {1} 行不在此处，且没有本节点的签名：这些行仍另行存放在该节点",
        "the rows end before the signed one": "各行未到签名之行即已中断",
        "the rows do not lead to the signed one": "各行不能衔接到签名之行",
        "more than {} events are lacking": "缺少的事件超过 {0} 个",
        "{} events are not there any more": "有 {0} 个事件已不在该处",
        "feed {} cannot be compared with the hub's": "订阅流 {0} 无法与汇聚节点的比对",
        "a ticket is not carried over yet into a feed that begins anew": "订阅流重新开始，有一张工单暂未转入",
        "what was carried over into a feed that begins anew is looked at again": "订阅流重新开始，已转入的内容将重新检查",
        "feed {} cannot be read on": "订阅流 {0} 无法继续读取",
        "nothing of {} after {} is sent": "{0} 在 {1} 之后的事件不再发送",
        "timer {} of {}": "{1} 的定时器 {0}",
        "a message without a node's key; refused": "消息未注明节点密钥；已拒绝",
        "{} commands could not be sealed": "{0} 条指令无法加密",
        "a command could not be sealed": "一条指令无法加密",
        "keys that were made for refused commands are not deleted": "为被拒绝的指令生成的密钥未能删除",
        "a transaction was lost": "一个事务未能完成",
        // Who may do what is about no ticket.
        "{} is for {}, not for {}": "{0}应由岗位 {1} 办理，当前岗位为 {2}",
        "looking at who called": "查看诉求人身份",
        "looking at who called for a confidential ticket": "查看保密工单的诉求人身份",
        "erasing a person": "销毁身份信息",
        "publishing rules": "发布规则",
        "inviting and revoking nodes": "邀请和撤销节点",
        "enrolling a node": "节点入网",
        "let one of them do it; docs/format/nodes.md lists the roles": "请由上述岗位办理；岗位见 docs/format/nodes.md",
        "the key {} was used before, for {}": "指令编号 {0} 先前已用于 {1}",
        "give each command a key of its own; only a repeat of the same command takes the same key":
            "请为每条指令使用各自的编号；仅在重复同一指令时使用同一编号",
        "the views cannot say which tickets have timers, so the whole log is read":
            "视图无法给出哪些工单有定时器，因此读取整个日志",
        "keys of {} persons are not destroyed yet": "{0} 人的密钥尚未销毁",
        "views stand still": "视图停止更新",
        "{} tickets are shown in no list: `gridline export DIR --view poison` says why":
            "{0} 个工单不出现在任何列表中：原因见 `gridline export DIR --view poison`",
        "views.sqlite was damaged; the views are made anew from the log": "views.sqlite 已损坏；正在由日志重建视图",
        "{} commands wait already": "已有 {0} 条指令在等待",
        "the node is stopping": "节点正在停止",
        "send the same command again in a second, with the same key": "请一秒后以同一指令编号再次提交",
        "{} applications for enrolment were turned down, the last for this reason": "已拒绝 {0} 次入网申请，最近一次的原因",
    ]
}
