/// Chinese: what the subcommands print and say, and what is wrong with how they were called.

extension Chinese {
    static let commands: KeyValuePairs<String, String> = [
        "{} is gone, and with it the keys of callers": "{0} 不见了，诉求人的密钥都在其中",
        """
        put it back, or restore the node from a backup with `keys export`'s file; to go on without these keys, make an empty \
        file of that name
        """: "请放回该文件，或用备份和 `keys export` 的文件恢复节点；若不要这些密钥，请以该名建一个空文件",
        "the centre has not let {} in as node {}": "中心尚未准许 {0} 以节点 {1} 入网",
        """
        run `gridline enroll {} --with STRING`, with a new string of `gridline nodes invite` if that was refused; or remove \
        the folder
        """: "请运行 `gridline enroll {0} --with 邀请码`；若已被拒绝，请用 `gridline nodes invite` 的新邀请码；或删除该文件夹",
        // Alarms that are seen to.
        "\"{}\" is no label": "“{0}”不是标签",
        "write name=value, such as node=yuanhe": "请写成 名称=值，如 node=yuanhe",
        "{} is seen to": "{0} 已有人处理",
        "          {} sees to it": "          {0} 正在处理",
        "          seen to: gridline acknowledge DIR {}{}": "          如有人处理：gridline acknowledge DIR {0}{1}",
        // Persons.
        "name": "姓名",
        "telephone": "电话",
        "identity number": "证件号码",
        "address": "地址",
        "nobody's name or number was given with this ticket": "此工单未登记任何姓名或号码",
        "{}\tthe person was erased: nobody can open this again": "{0}\t身份信息已销毁，任何人都无法再打开",
        "{}\tthe key is not at this node: {}": "{0}\t密钥不在本节点：{1}",
        "{} is erased here; see `gridline persons erasure` for the other nodes":
            "{0} 已在本节点销毁；其他节点见 `gridline persons erasure`",
        "erased at {}: {} confirmed, {} waiting": "销毁于 {0}：{1} 个节点已确认，{2} 个待确认",
        "{}\tdestroyed the key at {}": "{0}\t已于 {1} 销毁密钥",
        "{}\thad let the key go at {}, with the end of a ticket": "{0}\t密钥此前已于 {1} 随工单办结释放",
        "{}\thas not answered yet": "{0}\t尚未答复",
        "{}\tis revoked and cannot answer": "{0}\t已撤销，无法答复",
        // Tickets.
        "the ticket is here": "工单已在本节点",
        "the centre was asked; the ticket comes with the line": "已向中心调取；工单将随线路送达",
        "{} holds no signing key": "{0} 中没有签名密钥",
        "restore it with the keys folder, or remove it: a new one is made, and what the old one signed can no longer be taken back from streets":
            "请随 keys 目录一并恢复，或将其删除：届时另行生成，但旧密钥签过的内容再也无法从街道取回",
        "Error: {} [{}]": "错误：{0} [{1}]",
        "Try: {}": "建议：{0}",
        "alarm: {}": "告警：{0}",
        // Folders and files.
        "{} exists": "{0} 已存在",
        "{} is there: another command is making {}, or was killed while it did":
            "{0} 已存在：另一命令正在新建 {1}，或在新建时被终止",
        "see that none is, remove {}, then try again": "请确认没有命令在新建，删除 {0} 后重试",
        "copied up to {}, root {}, the log opens with its end at {}, root {}":
            "已复制到第 {0} 行，根值 {1}；打开后的日志止于第 {2} 行，根值 {3}",
        """
        name another folder; an existing node is never overwritten. To make it again with the keys it has here: \
        `gridline keys export {} KEYS`, then `gridline restore BACKUP NEWFOLDER --keys KEYS`
        """: """
        请另选文件夹；不会覆盖已有节点。若要用此处的密钥重建该节点：先运行 `gridline keys export {0} 密钥文件`，\
        再运行 `gridline restore 备份文件 新文件夹 --keys 密钥文件`
        """,
        """
        name another folder; an existing node is never overwritten. To make it again with the keys it has here: \
        `gridline keys export {} KEYS --node {}`, then `gridline restore BACKUP NEWFOLDER --keys KEYS`
        """: """
        请另选文件夹；不会覆盖已有节点。若要用此处的密钥重建该节点：先运行 `gridline keys export {0} 密钥文件 --node {1}`，\
        再运行 `gridline restore 备份文件 新文件夹 --keys 密钥文件`
        """,
        "name a new file; nothing is overwritten": "请另取文件名；不会覆盖任何文件",
        "{} cannot be written: {}": "无法写入 {0}：{1}",
        "name a file in a folder that is there and where you may write": "请给出已有且可写入的文件夹中的文件",
        "nobody reads the output any more": "输出已无人读取",
        "the output cannot be written: {}": "无法写出：{0}",
        "free space on the disk, or write to another place": "请清理磁盘空间，或写到别处",
        "{} cannot be read": "无法读取 {0}",
        "check the folder's owner and free space": "请检查文件夹的所有者和剩余空间",
        "name a file that you may read": "请给出可读取的文件",
        "name a file that is there": "请给出已有的文件",
        "{}/{} is missing": "缺少 {0}/{1}",
        "restore the keys folder, or make a new node": "请恢复 keys 文件夹，或新建节点",
        "{}/token has {} characters, a token has {} at least": "{0}/token 有 {1} 个字符，口令至少 {2} 个字符",
        "restore the keys folder, or write a new one: openssl rand -hex 32 > {}/token":
            "请恢复 keys 文件夹，或写入新口令：openssl rand -hex 32 > {0}/token",
        "{} is missing": "缺少 {0}",
        "start the node once: gridline serve {}": "请启动一次节点：gridline serve {0}",
        "{} is no node's folder: it has no gridline.yaml": "{0} 不是节点文件夹：没有 gridline.yaml",
        "make one with `gridline init {} --node centre`": "请用 `gridline init {0} --node centre` 新建",
        "{} holds a node already, or what is left of one: {}": "{0} 中已有节点或其遗留文件：{1}",
        "name another folder, or move all of it away; an existing node is never overwritten":
            "请另选文件夹，或将其全部移走；不会覆盖已有节点",
        "name a new folder; an existing node is never overwritten": "请另取新文件夹；不会覆盖已有节点",
        "the folder {} cannot be made: {}": "无法新建文件夹 {0}：{1}",
        "name a folder that is not there yet, where you may write": "请给出尚不存在、可写入的文件夹",
        "could not remove {}: {}": "无法删除 {0}：{1}",
        // The configuration.
        "the configuration in {}": "{0} 中的配置",
        "{} cannot be read: {}": "{0} 无法读取：{1}",
        "YAML: {}": "YAML：{0}",
        "a list of keys": "键的列表",
        "{}: {} is \"{}\"": "{0}：{1} 的值为“{2}”",
        "{} must be {}": "{0} 应为{1}",
        "no key of this version; known are {}": "本版本的键；现有：{0}",
        "the centre's node id": "中心的节点编号",
        "the centre's public key, 40 characters; `gridline enroll` writes it": "中心的公钥，40 个字符；由 `gridline enroll` 写入",
        "mend the file; `gridline init` writes a sample": "请更正文件；`gridline init` 会写出样例",
        // init, enroll, nodes.
        "\"{}\" is no role": "“{0}”不是节点角色",
        "use central or street": "请用 central 或 street",
        "number {} has more than two digits": "编号 {0} 超过两位",
        "use 0 to 99, different at each node": "请用 0 到 99，各节点不同",
        "--replication is the centre's": "--replication 只用于中心",
        "a street gets its centre from `gridline enroll`": "街道由 `gridline enroll` 取得中心地址",
        "made node {} in {}": "已在 {1} 新建节点 {0}",
        "node {} is enrolled at {}; start it: gridline serve {}": "节点 {0} 已在 {1} 入网；请启动：gridline serve {2}",
        "{} holds node {}, and the invitation is for {} of another centre or name":
            "{0} 中为节点 {1}，而邀请码给的是另一中心或另一名称的 {2}",
        "this is no whole invitation: {}…": "邀请码不完整：{0}…",
        "copy the whole string that `gridline nodes invite` printed; it begins with {}":
            "请复制 `gridline nodes invite` 输出的整个字符串；以 {0} 开头",
        "{} hours": "{0} 小时",
        "give 1 to 720": "请给出 1 到 720",
        "{} serves no streets": "{0} 不服务街道",
        "invite at the centre; its gridline.yaml has replicationListen":
            "请在中心发出邀请；其 gridline.yaml 中有 replicationListen",
        "\"{}\" is no address": "“{0}”不是地址",
        "write host:port, such as 10.1.2.3:7401": "请写 主机:端口，如 10.1.2.3:7401",
        "write host:port, such as 127.0.0.1:8080": "请写 主机:端口，如 127.0.0.1:8080",
        "no street can connect to {}: it stands for all addresses of the centre's machine":
            "街道无法连接 {0}：它代表中心机器的所有地址",
        "give the one at which streets reach it: `gridline nodes invite {} --node {} --address HOST:{}`":
            "请给出街道可以连接的地址：`gridline nodes invite {0} --node {1} --address 主机:{2}`",
        "{} is reached from this machine only": "{0} 只能在本机连接",
        """
        for a street on another machine set replicationListen: "0.0.0.0:{}" in {}/gridline.yaml, start the centre again, \
        and invite with --address HOST:{}
        """: """
        若街道在另一台机器：请在 {1}/gridline.yaml 中设 replicationListen: "0.0.0.0:{0}"，重新启动中心，\
        再以 --address 主机:{2} 邀请
        """,
        "the territory in force names node {} for no unit: no ticket will go to it by its unit":
            "现行区划未将任何单位指向节点 {0}：不会有工单按单位派到该节点",
        "the territory cannot be read, so that nobody looked which node it names": "区划无法读取，未能核对其所列节点",
        "the territory in force names no node for {}: its tickets stay at the centre":
            "现行区划未给 {0} 指定节点：其工单留在中心",
        "the territory in force names node {} for {}, so that its tickets never go to {}":
            "现行区划将 {1} 指向节点 {0}，其工单不会派到 {2}",
        """
        `gridline rules show {} territory > territory.json`, write "node": "{}" at unit {} there and a new version, \
        `gridline rules publish {} territory territory.json`
        """: """
        运行 `gridline rules show {0} territory > territory.json`，在其中单位 {2} 处写入 "node": "{1}" 并改版本，\
        再运行 `gridline rules publish {3} territory territory.json`
        """,
        """
        invite it under that name, `gridline nodes invite {} --node {} --area {}`, or publish another territory: {}
        """: "请以该名称邀请：`gridline nodes invite {0} --node {1} --area {2}`；或发布另一区划：{3}",
        "Warning: {}": "注意：{0}",
        "{} is not in the log": "日志中没有 {0}",
        "run `gridline verify {}`": "请运行 `gridline verify {0}`",
        "At the street, within {} h: gridline enroll FOLDER --with STRING; the old key is good for {} h after that at most":
            "请在 {0} 小时内于街道执行：gridline enroll 文件夹 --with 字符串；此后旧密钥至多再有效 {1} 小时",
        "node {} has a new key; it is used from now on, also by a node that runs, and the old one ends then":
            "节点 {0} 已有新密钥；即日起使用（运行中的节点亦然），旧密钥随之失效",
        "{} is no node's folder, and the string exchanges the key of {}": "{0} 不是节点文件夹，而该字符串用于更换 {1} 的密钥",
        """
        name that node's folder; for a node whose folder is lost: `gridline nodes revoke` and `gridline nodes \
        invite` at the centre
        """: "请给出该节点的文件夹；文件夹已丢失的，请在中心执行 `gridline nodes revoke` 和 `gridline nodes invite`",
        "key {} of node {} ended, at once": "节点 {1} 的密钥 {0} 已立即失效",
        "At the street, within {} h: gridline enroll FOLDER --with STRING":
            "请在 {0} 小时内于街道执行：gridline enroll 文件夹 --with 邀请码",
        "node {} is revoked; what it has written and not sent stays on its disk":
            "已撤销节点 {0}；其已写入而未上传的内容留在其磁盘上",
        // serve.
        "{} is not on loopback": "{0} 不在本机回环地址上",
        "HTTP cannot listen on {}: {}": "HTTP 无法监听 {0}：{1}",
        "stop what listens there, or change http in gridline.yaml, or give --http":
            "请停止占用该地址的程序，或修改 gridline.yaml 中的 http，或给出 --http",
        "serve on 127.0.0.1 and put a proxy with TLS before it": "请在 127.0.0.1 上服务，前置带 TLS 的代理",
        "{} cannot be written; `gridline nodes` will not find this node: {}":
            "无法写入 {0}；`gridline nodes` 将找不到本节点：{1}",
        "node {} serves {}/": "节点 {0} 正在服务：{1}/",
        "node {} stopped": "节点 {0} 已停止",
        "the node stops: {}": "节点停止：{0}",
        // status.
        "node      {} ({})": "节点    {0}（{1}）",
        "log       position {}, root {}, {} origins": "日志    位置 {0}，根值 {1}，来源 {2} 个",
        "views     position {}, lag {}": "视图    位置 {0}，落后 {1}",
        "feed      {} ends at {}, chain {}": "订阅流  {0} 止于第 {1} 行，链值 {2}",
        "cursor    {} is applied to {}, chain {}": "游标    {0} 已应用至第 {1} 行，链值 {2}",
        "SQLite    {}": "SQLite  {0}",
        "          note: {}": "        注意：{0}",
        "running   {} commands in {} commits since its start": "运行    启动以来指令 {0} 条，提交 {1} 次",
        "line      {}, outbox {}, lag {}": "线路    {0}，未上传 {1}，落后 {2}",
        "up": "连通",
        "down": "断开",
        "peer      {} behind {}, outbox {}, heard {} ms ago, clock {} ms off, {} frames lost":
            "对端    {0} 落后 {1}，未上传 {2}，{3} 毫秒前有联系，时钟相差 {4} 毫秒，丢失 {5} 帧",
        "{} holds no configuration: it is taken for the log of a centre at UTC{}; replay the node's folder, or what `gridline backup` made":
            "{0} 中没有配置：按 UTC{1} 的中心日志处理；请重放节点文件夹，或 `gridline backup` 生成的文件",
        "conflicts {} open": "冲突    待处理 {0} 个",
        "tickets   {} are at the centre and not where their unit works; their pages say why":
            "工单    {0} 个在中心，未送达其单位所在节点；原因见其页面",
        "upgrade   {} tickets have events of a later version: upgrade this node to see all of them":
            "upgrade   {0} 个工单有较新版本的事件：请升级本节点以完整显示",
        "log       {} bodies that were let go are asked back": "log       {0} 项已清除的内容正在取回",
        "log       {} rows are rotten, {} were healed since the start": "log       {0} 行已损坏，启动以来修复 {1} 行",
        "note: rotten rows of the log: {}. A node that runs, and has a line to nodes that hold these events, fetches them again by itself: `gridline status` counts them.":
            "注意：日志中已损坏的行：{0}。运行中的节点若与持有这些事件的节点连通，会自行取回：`gridline status` 显示数目。",
        "poisoned  {} tickets that no view shows; `gridline export DIR --view poison` says why":
            "异常    {0} 个工单无法在视图中显示；原因见 `gridline export DIR --view poison`",
        "alarm     {}": "告警    {0}",
        // verify, compare, replay.
        "{} events checked": "已校验 {0} 个事件",
        "note: this file is a raw copy of a log; events may be missing at its end. Copy logs with `gridline backup`.":
            "注意：此文件是日志的直接副本，末尾可能缺少事件。请用 `gridline backup` 复制日志。",
        "whole": "完好",
        "DAMAGED": "已损坏",
        "{}: {} events in {} streams, root {}, {} feeds": "{0}：事件 {1} 个，事件流 {2} 个，根值 {3}，订阅流 {4} 个",
        "content {}, the log gives {}": "内容为 {0}，由日志得出 {1}",
        "views at {} hold what the log gives: {}": "位于 {0} 的视图与日志一致：{1}",
        "{} is no certificate": "{0} 不是校验凭证",
        "make one with `gridline verify DIR --json > {}`": "请用 `gridline verify 文件夹 --json > {0}` 生成",
        "name what `gridline verify DIR --json` printed for this log, or for a peer, unchanged":
            "请给出 `gridline verify 文件夹 --json` 对本日志或对端的输出，不作改动",
        "{} at {}: {}": "{0} 第 {1} 行：{2}",
        "keep the folder as it is; restore from a backup, or fetch the events again from a peer":
            "请保持文件夹原样；从备份恢复，或从对端重新获取事件",
        "{}: {} events at {}, {} at {}, not the same": "{0}：{2} 有事件 {1} 个，{4} 有 {3} 个，不一致",
        "rows {} at the centre, {} at {}": "中心的行为 {0}，{2} 的为 {1}",
        "{}: {} takes it for its own, and {} does not send it there": "{0}：{1} 视为本节点的工单，{2} 却不向其发送",
        "{}: {} takes it for its own, and {} does not hold it": "{0}：{1} 视为本节点的工单，{2} 却没有",
        "{} of {} is at {}, and is in no feed that {} sends there": "{1} 的事件 {0} 在 {2}，却不在 {3} 发往该处的任何订阅流中",
        """
        let both run until they are in step, and compare again; if it stays, it came by `gridline import --events`, which \
        belongs at the centre, or by a fault: keep both folders, and replace the street (docs/operations.md)
        """:
            "请让两个节点运行至同步后再比对；若仍有，则它来自 `gridline import --events`（该命令应在中心执行）或某个错误：请保留两个文件夹，并更换该街道节点（docs/operations.md）",
        "{} lacks {} events of {}": "{0} 缺少 {2} 的 {1} 个事件",
        "let both run until `gridline status {}` says outbox 0, then compare again":
            "请让两个节点运行，直到 `gridline status {0}` 显示未上传 0，再比对",
        "{} is not a centre's folder": "{0} 不是中心的文件夹",
        "{} is not the folder of a street of {}": "{0} 不是 {1} 下属街道的文件夹",
        "name the centre's folder first, then that of one of its streets": "请先给出中心的文件夹，再给出其下属街道的文件夹",
        "{} = {}: {} shared tickets, rows {}": "{0} = {1}：共有工单 {2} 张，行摘要 {3}",
        "--as-of and --known-at together": "同时使用了 --as-of 和 --known-at",
        "use one of them": "请只用其一",
        "{} \"{}\" is no time": "{0} 的“{1}”不是时间",
        "write {}; without a zone it is the node's": "请写成 {0}；不带时区则为节点所在时区",
        "the node at {} does not say its zone": "节点 {0} 未说明时区",
        "write times with their zone, such as 2026-11-23T14:05:00+08:00": "请写明时区，如 2026-11-23T14:05:00+08:00",
        "write {}": "请写成 {0}",
        "replayed to position {} in {} ms": "已重放至位置 {0}，用时 {1} 毫秒",
        "replayed  {}  position {}  root {}": "重放  {0}  位置 {1}  根值 {2}",
        "live      {}  position {}  {}": "现有  {0}  位置 {1}  {2}",
        "equal": "一致",
        "DIFFERENT": "不一致",
        "  {}: {} rows": "  {0}：{1} 行",
        "live content {}, replayed {}": "现有内容 {0}，重放得出 {1}",
        // backup, restore, keys.
        "\"{}\" does not end in .sqlite": "“{0}”不以 .sqlite 结尾",
        "name it {}.sqlite, so that verify and replay know it": "请命名为 {0}.sqlite，以便 verify 和 replay 识别",
        "{} photographs and recordings are not in it: copy what {} lists from blobs/":
            "备份不含 {0} 个照片、录音：请按 {1} 所列从 blobs/ 复制",
        "{} photographs and recordings, {} of them here": "照片、录音 {0} 个，其中本节点有 {1} 个",
        "the bytes of {} are not its own": "{0} 的内容与其散列值不符",
        "{} was here, and is not here any more": "{0} 曾在本节点，现已不在",
        "{} takes no files": "{0} 不能附文件",
        "note it with `progressNoted --attach`": "请用 `progressNoted --attach` 记录",
        "{}/api/v1/blobs answered without sha256": "{0}/api/v1/blobs 的返回缺少 sha256",
        "A photograph, recording or PDF that goes with it; several by repeating it.":
            "随附的照片、录音或 PDF；多个可重复此选项。",
        "backed up {} events, root {}": "已备份 {0} 个事件，根值 {1}",
        "not in the backup, which keeps gridline.yaml: {}; write them there, or set them again where it is restored":
            "备份只含 gridline.yaml，不含环境变量 {0}；请把它们写入 gridline.yaml，或在恢复后的节点上重新设置",
        "there is no file {}": "没有文件 {0}",
        "make one with `gridline backup DIR {}`": "请用 `gridline backup 文件夹 {0}` 生成",
        "restored {} events of {}, root {}": "已恢复 {1} 的 {0} 个事件，根值 {2}",
        "without its keys: identities stay sealed, and nodes that knew this one do not recognise it":
            "未带密钥：身份仍为密文，原先认识本节点的节点不再认得它",
        "{} bytes: keys and vault of {}": "{0} 字节：{1} 的密钥和密钥库",
        "persons who are erased later are erased again when this is restored beside a log that has their erasure, before anything opens":
            "此后被销毁身份信息的人员，与含有销毁记录的日志一同恢复时，会在启用之前再次销毁",
        "if it has the keys of a node that lost it, name that node: --node ID": "若其中是丢失该文件的节点的密钥，请用 --node 给出节点编号",
        "{} is the folder of node {}": "{0} 是节点 {1} 的文件夹",
        "leave --node out; it is for a folder that has lost its gridline.yaml":
            "请去掉 --node；它只用于丢失了 gridline.yaml 的文件夹",
        "no passphrase": "没有口令短语",
        "name --passphrase-file FILE, or set GRIDLINE_PASSPHRASE": "请用 --passphrase-file 文件，或设置 GRIDLINE_PASSPHRASE",
        "the passphrase has fewer than {} characters": "口令短语不足 {0} 个字符",
        "the file is no archive of keys": "文件不是密钥存档",
        "the keys do not open with this passphrase": "此口令短语无法解开密钥",
        "the keys are node {}'s, not {}'s": "密钥属于节点 {0}，不属于 {1}",
        "use a long one, such as five words, and keep it apart from the file": "请用较长的短语，如五个词，并与文件分开保管",
        "make one with `gridline keys export`": "请用 `gridline keys export` 生成",
        "check the passphrase; a file that was changed does not open either": "请核对口令短语；被改动的文件同样无法解开",
        "name the archive that was made beside this backup": "请使用与此备份一同生成的存档",
        // import, export, generate.
        "no --map": "缺少 --map",
        "name the map of the file, or --events for exported events": "请注明文件的映射；导出的事件请用 --events",
        "{} % of the file": "文件的 {0}%",
        "{} rows, {} % of the file": "{0} 行，文件的 {1}%",
        "{} lines have no body: the node that wrote the file had let it go; take these events from the centre":
            "{0} 行没有内容：导出该文件的节点已将其清除；这些事件请从中心取得",
        "{} bodies were let go of tickets that left": "已转出工单清除的内容共 {0} 项",
        "note: bodies that were let go and are to come back, by rows of the log: {}. A node that runs asks the centre for them.":
            "注意：以下日志行的内容已清除，须取回：{0}。节点运行时会向中心索取。",
        "views at {} are behind what this node let go; start it, or run `gridline replay`, and verify again":
            "位于 {0} 的视图尚未跟上本节点的清除；请启动节点或运行 `gridline replay` 后再次校验",
        "taken {}, repeated {}, quarantined {}": "导入 {0}，重复 {1}，隔离 {2}",
        "refused: {}": "已拒绝：{0}",
        "refused row {}: {}": "已拒绝第 {0} 行：{1}",
        "… and {} more; --json lists {}": "……另有 {0} 行；--json 列出 {1} 行",
        "{} events of {} were refused": "{1} 中有 {0} 个事件被拒绝",
        "export them again from the log that they come from, and run `gridline verify` there":
            "请从来源日志重新导出，并在该处运行 `gridline verify`",
        "none of the {} rows of {} fits map {}": "{1} 的 {0} 行均不符合映射 {2}",
        "see the reasons above; docs/import.md says how a map is written": "原因见上；映射的写法见 docs/import.md",
        "rows {}, taken {}, repeated {}, updated {}, outdated {}, refused {}, sealedNumbers {}":
            "共 {0} 行，导入 {1}，重复 {2}，更新 {3}，过时 {4}，拒绝 {5}，加密号码 {6}",
        "  refused {}: {}": "  拒绝 {0}：{1}",
        "{} is here as {}, the file has {}": "{0} 在此为 {1}，文件中为 {2}",
        "{} comes before {}": "{0} 应在 {1} 之后",
        "line {} of {} is no event: {}": "{1} 第 {0} 行不是事件：{2}",
        "the lines before it are in the log; export the file again and repeat, nothing comes in twice":
            "此前各行已写入日志；请重新导出文件后再次导入，不会重复",
        "line {} of {} is longer than {} bytes": "{1} 第 {0} 行超过 {2} 字节",
        "is it a file of `gridline export --events`?": "此文件是否由 `gridline export --events` 导出？",
        "name what to export": "未注明要导出的内容",
        "there is no view \"{}\"": "没有视图“{0}”",
        "views are {}": "视图有：{0}",
        "use either --events or --view NAME": "请用 --events 或 --view 名称",
        "{} tickets": "{0} 张工单",
        "use 1 to 10,000,000": "请用 1 到 10,000,000",
        // rules, ticket.
        "{} is no file and no preset": "{0} 既不是文件，也不是预置规则",
        "presets are {}": "预置规则有：{0}",
        "{} {} is in force from the next decision on": "{0} {1} 自下一次决定起生效",
        "\"{}\" is no step of a ticket": "“{0}”不是工单的步骤",
        "use `gridline ticket open`": "请用 `gridline ticket open`",
        "see `gridline ticket steps`": "请用 `gridline ticket steps` 查看",
        "\"{}\" is no field": "“{0}”不是字段",
        "write name=value": "请写成 名称=值",
        "--person and --person-file together": "同时使用了 --person 和 --person-file",
        "--person-file is no JSON object that can be read": "--person-file 不是可读取的 JSON 对象",
        "write {\"name\":…,\"phone\":…,\"idNumber\":…,\"address\":…}, or lines name=value":
            "请写成 {\"name\":…,\"phone\":…,\"idNumber\":…,\"address\":…}，或每行 名称=值",
        "value {} of {} begins with none of {}": "{1} 的第 {0} 个值不以下列之一开头：{2}",
        "{}\t{}\tversion {}\t{}": "{0}\t{1}\t第 {2} 版\t{3}",
        "times are on the node's clock, UTC{}": "时间按节点时区（UTC{0}）显示",
        "was there already": "此前已登记",
        "Note: {}": "提示：{0}",
        "the node at {} asks for its token, and GRIDLINE_TOKEN is not set": "位于 {0} 的节点要求口令，但未设置 GRIDLINE_TOKEN",
        "the node at {} does not take the token in GRIDLINE_TOKEN": "位于 {0} 的节点不接受 GRIDLINE_TOKEN 中的口令",
        "the node at {} does not take the token in {}": "位于 {0} 的节点不接受 {1} 中的口令",
        """
        the token stands in the node's folder: put GRIDLINE_TOKEN=$(cat FOLDER/keys/token) before the command, or name the \
        folder in place of the URL
        """: """
        口令在节点文件夹中：请在命令前写 GRIDLINE_TOKEN=$(cat 文件夹/keys/token)，\
        或用文件夹代替 URL
        """,
        "the file was changed after the node started: restart the node, or put the file back":
            "该文件在节点启动后被改动：请重启节点，或恢复原文件",
        "invited": "已邀请",
        "enrolled": "已入网",
        "revoked": "已撤销",
        "centre": "中心",
        "street": "街道",
        "recorded": "已登记",
        "there is more: --cursor {}": "还有更多：--cursor {0}",
        "{}\t{}\t{}\t{}": "{0}\t{1}\t{2}\t{3}",
        "{}\t{}\t{}": "{0}\t{1}\t{2}",
        "must": "必填",
        "may": "选填",
    ]
}
