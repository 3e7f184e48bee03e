/// Chinese: the help texts of the command line.

extension Chinese {
    static let help: KeyValuePairs<String, String> = [
        // The frame that ArgumentParser puts around them.
        "OVERVIEW:": "概述：",
        "USAGE:": "用法：",
        "Usage:": "用法：",
        "ARGUMENTS:": "参数：",
        "OPTIONS:": "选项：",
        "SUBCOMMANDS:": "子命令：",
        "Error:": "错误：",
        "Help:": "说明：",
        "Show help information.": "显示帮助。",
        // All commands.
        "Event-sourced ticket store with replication for a district's command centre.": "区级集成指挥中心的事件溯源工单库，支持多节点同步。",
        "The node's folder.": "节点文件夹。",
        "A node's folder.": "节点文件夹。",
        "The centre's folder.": "中心的文件夹。",
        "The street's folder.": "街道的文件夹。",
        "The folder to make.": "要新建的文件夹。",
        "The file to make.": "要生成的文件。",
        "The node's folder, or a log file made by `gridline backup`.": "节点文件夹，或 `gridline backup` 生成的日志文件。",
        "The node's id.": "节点编号。",
        "The node's id: 1-32 of a-z, 0-9 and -.": "节点编号：1–32 个字符，限 a-z、0-9 和 -。",
        "Where HTTP listens.": "HTTP 监听地址。",
        "Where HTTP listens; loopback only.": "HTTP 监听地址，限本机回环。",
        "Print as JSON.": "以 JSON 输出。",
        // init, enroll, nodes.
        "Make a node's folder with keys and a sample configuration.": "新建节点文件夹，含密钥和样例配置。",
        "central or street.": "central（中心）或 street（街道）。",
        "central or street": "central 或 street",
        "Area code of the district or street.": "区或街道的区划代码。",
        "Area code of the street.": "街道的区划代码。",
        "Two digits of this node in ticket numbers, 0-99.": "本节点在工单编号中的两位数，0–99。",
        "The centre's node id; for a street.": "中心的节点编号，街道填写。",
        "Where the centre's streets connect: host:port.": "街道连接中心的地址，主机:端口。",
        "The port of the common feed; each node's is above it.": "公共订阅流的端口，各节点的端口在其之上。",
        "The port where invited nodes enrol.": "受邀节点入网的端口。",
        "Make a street's folder from an invitation and enrol it at the centre, or exchange its key.":
            "凭邀请码新建街道节点文件夹并在中心入网，或更换其密钥。",
        "The folder to make; or one that this command made before, and that is to enrol or exchange its key.":
            "要新建的文件夹，或此命令先前新建、现要入网或更换密钥的文件夹。",
        "What `gridline nodes invite` or `nodes rotate` printed.":
            "`gridline nodes invite` 或 `nodes rotate` 输出的字符串。",
        "Invite nodes, list them, exchange their keys, revoke them.": "邀请、列出、撤销节点，更换其密钥。",
        "Print the string with which an enrolled node exchanges its key; it works once.":
            "输出已入网节点更换密钥用的字符串，一次有效。",
        "Hours for which the string is good, 1-720.": "字符串有效的小时数，1–720。",
        "Hours for which the old key stays beside the new one unless that is used before, 1-720.":
            "新密钥未使用前旧密钥继续有效的小时数，1–720。",
        "This one of the node's two keys alone; the node stays.": "只撤销节点两个密钥中的这一个；节点保留。",
        "End a node's membership, or one of its two keys, at once.": "立即撤销节点，或其两个密钥之一。",
        "Print the string with which a node enrols; it works once.": "输出节点入网用的邀请码，一次有效。",
        "host:port at which the street reaches the centre. Default: its replicationListen.":
            "街道连接中心的 主机:端口。默认为中心的 replicationListen。",
        "Hours for which the invitation is good, 1-720.": "邀请码有效的小时数，1–720。",
        "Why, for the log.": "理由，写入日志。",
        "List the nodes that were ever invited.": "列出曾受邀的全部节点。",
        // serve, status.
        "Run the node: log, views, replication, HTTP.": "运行节点：日志、视图、同步、HTTP。",
        "Show positions, feeds, lag and what SQLite this is.": "显示位置、订阅流、落后情况和 SQLite 版本。",
        "The node's folder, or the URL of a running node (GRIDLINE_TOKEN holds its token).":
            "节点文件夹，或运行中节点的 URL（其口令在 GRIDLINE_TOKEN 中）。",
        // rules.
        "Show the rules in force, and publish new ones.": "显示现行规则，发布新规则。",
        "Print one kind of rules as JSON, as it is published.": "以发布时的形式输出一类规则（JSON）。",
        "One of {}.": "以下之一：{0}。",
        "Put rules in force, at the centre and with it at every street.": "发布规则，在中心及各街道生效。",
        "A JSON file in the form of docs/format/rules.md, or a preset's name.":
            "JSON 文件（格式见 docs/format/rules.md），或预置规则的名称。",
        "List the rules that ship, or print one as JSON.": "列出预置规则，或以 JSON 输出其一。",
        "The preset to print.": "要输出的预置规则。",
        "Print the list as JSON; a preset is JSON either way.": "以 JSON 输出列表；单个预置规则总是 JSON。",
        // ticket.
        "List, count, show, open tickets and take every step of their life, at a running node.":
            "在运行中的节点上列出、统计、查看、登记工单，办理各个步骤。",
        "The folder of a running node, or its URL; for a URL GRIDLINE_TOKEN holds the text of keys/token.":
            "运行中节点的文件夹或 URL；用 URL 时 GRIDLINE_TOKEN 为 keys/token 的内容。",
        "Print the node's answer as JSON.": "以 JSON 输出节点的返回。",
        "The acting account. Default: the shell's user.": "操作账号。默认为当前用户。",
        "Its role: agent, dispatcher, clerk …": "岗位：agent、dispatcher、clerk …（受理员、派遣员、街道指挥中心工作人员）",
        "Its unit's code.": "所在单位的代码。",
        "The command's id, a UUID: the same one again does nothing twice.": "指令编号（UUID）：同一编号不会重复办理。",
        "List tickets by due time, or as --order says.": "列出工单，按到期时间或 --order 所定的顺序。",
        """
        Each line: ticket, number, status, due time, by when its first open request is to be decided, whether its lateness is \
        still to be settled, leading unit, title, or one made from what it is about.
        """: "每行依次为：工单、编号、状态、到期时间、首个待审申请的审核时限、是否超期待核、主办单位、标题（无标题的取自诉求内容）。",
        "Only this status, by its code or as lists show it; may be repeated.": "只列此状态（代码或列表所示名称），可多次给出。",
        "Only the leading unit's.": "只列此主办单位的。",
        "Only those that this unit helps with.": "只列此单位协办的。",
        "Only this kind, such as complaint.": "只列此类诉求，如 complaint（投诉）。",
        "Only this urgency, such as urgent24h.": "只列此紧急程度，如 urgent24h。",
        "Only the category's and what is below it: a path such as 城市管理/停车.": "只列此类别及其下级的，写法如 城市管理/停车。",
        "Only the area's: what begins with this code.": "只列此区划的：代码以此开头。",
        "Only those due before this time; without a zone it is the node's, as for all times here.":
            "只列在此时之前到期的；不带时区则为节点时区，此处各时间均同。",
        "Only those overdue at this time.": "只列在此时已超期的。",
        "Only those overdue now.": "只列现已超期的。",
        "Only those filed at this time or later.": "只列在此时或之后登记的。",
        "Only those filed before this time.": "只列在此时之前登记的。",
        "Only those with open conflicts, or without.": "只列有待处理冲突的，或没有的。",
        "Only those whose clock is stopped, or runs.": "只列已停止计时的，或正在计时的。",
        "Only those supervised at this level or above, 0-3.": "只列督办级别为此级或更高的，0–3。",
        "Only those that were warned before their due time, or were not.": "只列已作时限预警的，或未作的。",
        "Only those with a request that is to be decided before this time.": "只列有申请须在此时之前审定的。",
        "Only those noted as overdue while the holder's line was down and not settled yet, or without them.":
            "只列超期待核的（到期时承办单位线路断开，尚未核定），或不含这些的。",
        "Only those in which the words stand; in the order of the search.": "只列含有这些文字的，按查找的顺序。",
        "due (the most urgent first) or newest.": "due（最紧迫的在前）或 newest（最新的在前）。",
        "How many, 1-500.": "数量，1–500。",
        "`next` of the page before.": "上一页给出的 `next`。",
        "Waits until the node holds this position, two seconds at most.": "等到节点到达此位置，最多两秒。",
        "Count tickets by unit, category, day or status.": "按单位、类别、日期或状态统计工单。",
        "Each line: what is counted by, tickets, once overdue, overdue unconfirmed, urges, open conflicts, redos.":
            "每行依次为：统计项、工单数、曾超期数、超期待核数、催单数、待处理冲突数、重办数。",
        "unit, category, day or status; may be repeated. Default: unit.":
            "unit、category、day 或 status（单位、类别、日期、状态），可多次给出。默认为 unit。",
        "Only the category's and what is below it.": "只计此类别及其下级的。",
        "Only those filed on this day or later, such as 2026-11-23.": "只计在此日或之后登记的，如 2026-11-23。",
        "Only those filed on this day or before.": "只计在此日或之前登记的。",
        "ascending or descending.": "ascending（升序）或 descending（降序）。",
        "List the conflicts that nobody has settled, oldest first.": "列出待处理冲突，最早的在前。",
        "Show a ticket with its complete history, now or as it was.": "显示工单及全部办理过程，现在或过去某时。",
        "The ticket's name or number.": "工单的名称或编号。",
        "The ticket's name.": "工单的名称。",
        "Ask the centre for a ticket that this street has lost with its disk.": "向中心调取本街道随磁盘丢失的工单。",
        "As of what had happened by this time; without a zone it is the node's.": "截至此时已发生的；不带时区则为节点时区。",
        "As this node knew it at this time; without a zone it is the node's.": "本节点在此时所知的；不带时区则为节点时区。",
        "Register a ticket.": "登记工单。",
        "A field, name=value; `ticket steps registered` lists them.":
            "字段，名称=值；用 `ticket steps registered` 列出。",
        """
        name=, phone=, idNumber= or address= of the caller; sealed. Others on this machine see it in the list of \
        processes: use --person-file.
        """: "诉求人的 name=、phone=、idNumber= 或 address=，加密保存。本机其他用户可在进程列表中看到：请用 --person-file。",
        """
        A file with lines name=, phone=, idNumber= and address= of the caller, or a JSON object of them; - reads stdin. \
        This way names stand in no list of processes.
        """: "文件，每行为诉求人的 name=、phone=、idNumber= 或 address=，或由其组成的 JSON 对象；- 表示标准输入。这样姓名不会出现在进程列表中。",
        "Take a step: signed, dispatched, replySubmitted … (`ticket steps` lists them).":
            "办理一个步骤：signed、dispatched、replySubmitted …（用 `ticket steps` 列出）。",
        "The step.": "步骤。",
        "A field, name=value; a list by repeating it.": "字段，名称=值；列表则多次给出。",
        "Only if the ticket still has this version.": "仅当工单仍为此版本。",
        "When it happened, if not now; without a zone it is the node's.": "发生时间，不填为现在；不带时区则为节点时区。",
        "List the steps of a ticket's life, or the fields of one.": "列出工单的步骤，或某一步骤的字段。",
        "A step.": "步骤。",
        // acknowledge.
        "Say that a raised alarm is seen to; it becomes no more severe from then on.": "声明某告警已有人处理；此后不再升级。",
        "The alarm's rule, as `gridline status --json` has it.": "告警规则名，见 `gridline status --json`。",
        "A label of the alarm, name=value, such as node=yuanhe; repeat it for each.":
            "告警的标签，名称=值，如 node=yuanhe；多个则重复。",
        // persons.
        "Find who called, reveal who called for a ticket, erase a person on every node.":
            "查找诉求人、查看工单的诉求人、在所有节点上销毁某人的身份信息。",
        "Find the ids of persons by a phone or identity number.": "按电话或证件号码查找人员编号。",
        """
        A file with one line phone= or idNumber=, or a JSON object of it; - reads stdin. This way the number stands in no \
        list of processes.
        """: "文件，只有一行 phone= 或 idNumber=，或由其组成的 JSON 对象；- 表示标准输入。这样号码不会出现在进程列表中。",
        "Show who called for a ticket; who looked, and why, goes on record first.": "显示工单的诉求人；何人、为何查看先行记录在案。",
        "Destroy a person's key on every node, for ever; `persons erasure` says which have done it.":
            "在所有节点上永久销毁某人的密钥；用 `persons erasure` 查看哪些节点已执行。",
        "The person's id, from `persons find` or `persons reveal`.": "人员编号，由 `persons find` 或 `persons reveal` 得出。",
        "Show which nodes have destroyed the key of a person who was erased.": "显示哪些节点已销毁该人的密钥。",
        // import, generate, export.
        "Bring tickets in from CSV or JSON lines.": "从 CSV 或 JSON 行文件导入工单。",
        "The file; .gz is unpacked on the way.": "文件；.gz 会自动解压。",
        "A shipped map ({}) or a map file.": "自带的映射（{0}）或映射文件。",
        "The file holds events as `gridline export --events` writes them, instead of tickets.":
            "文件中是 `gridline export --events` 导出的事件，而不是工单。",
        "The source's name, where files of one map count their ids apart.": "来源名称；同一映射的文件各自编号时使用。",
        "Print the counts as JSON.": "以 JSON 输出计数。",
        "Print realistic invented district tickets, for `gridline import --map generated`.":
            "输出虚构的仿真工单，供 `gridline import --map generated` 导入。",
        "How many tickets, 1 to 10,000,000.": "工单数量，1 到 10,000,000。",
        "The seed; the same seed gives the same tickets.": "种子；同一种子得到相同的工单。",
        "Print events as JSON lines, or a view as CSV.": "以 JSON 行输出事件，或以 CSV 输出视图。",
        "All events, in the order of this log.": "全部事件，按本日志的顺序。",
        "A table of the views: tickets, conflicts, ticketCounts, poison.":
            "视图中的表：tickets、conflicts、ticketCounts、poison。",
        "Only positions above this one, with --events.": "只输出此位置之后的，与 --events 同用。",
        // verify, replay, compare.
        "Check chains, hashes, feeds, memberships and views.": "校验链、散列值、订阅流、归属和视图。",
        """
        What `verify --json` printed earlier for this log, which it must still hold; or what it prints for a peer (a \
        street, when this is the centre), whose feeds this log must have published as the peer has them.
        """: """
        先前对本日志 `verify --json` 的输出，本日志须仍与之相符；或对端（本节点为中心时指街道）的输出，其订阅流须为本日志所\
        发布且内容一致。
        """,
        "Print the certificate as JSON.": "以 JSON 输出校验凭证。",
        "Rebuild every view from the log and compare digests.": "由日志重建全部视图并比对摘要。",
        "Only what had happened by this time: 2026-11-23, 2026-11-23T14:05, both in the node's zone, or with Z or +08:00.":
            "截至此时已发生的：2026-11-23、2026-11-23T14:05（均为节点时区），或带 Z 或 +08:00。",
        "Only what this log had learned by this time, in the order of arrival.": "本日志截至此时已收到的，按到达顺序。",
        "Keep the rebuilt views in this file.": "将重建的视图保存到此文件。",
        "Print the certificates as JSON.": "以 JSON 输出视图凭证。",
        "Compare the tickets that a centre and a street both hold, event by event and row by row.":
            "逐事件、逐行比对中心与街道共有的工单。",
        // backup, restore, keys.
        "Copy log and configuration, also while the node runs. Keys stay behind: see `gridline keys export`.":
            "复制日志和配置，节点运行时也可。不含密钥：见 `gridline keys export`。",
        "The file to make; must end in .sqlite.": "要生成的文件，须以 .sqlite 结尾。",
        "Make a node's folder from a backup file.": "由备份文件新建节点文件夹。",
        "The file that `gridline backup` made.": "`gridline backup` 生成的文件。",
        "What `gridline keys export` made; without it the node gets new keys, and identities stay sealed.":
            "`gridline keys export` 生成的文件；不给则节点使用新密钥，身份仍为密文。",
        "Keep the keys of a node apart from its backups.": "将节点的密钥与备份分开保存。",
        "Write keys and vault, encrypted with a passphrase, also while the node runs.":
            "写出密钥和密钥库，以口令短语加密，节点运行时也可。",
        "The node's id; for a folder that has lost its gridline.yaml.": "节点编号；用于丢失了 gridline.yaml 的文件夹。",
        "A file whose first line is the passphrase; without it GRIDLINE_PASSPHRASE.":
            "首行为口令短语的文件；不给则用 GRIDLINE_PASSPHRASE。",
    ]
}
