/// Chinese: the log, appending, backups, the vault.

extension Chinese {
    static let log: KeyValuePairs<String, String> = [
        // What a node records of itself.
        "{} is not on record": "{0}未能记录",
        "{} is not on record, and neither is what is refused from now on": "{0}未能记录；此后被拒的记录不再逐一告知",
        "that row {} of the log is healed": "日志第 {0} 行已修复一事",
        "its healing cannot be put on record": "其修复无法记录",
        "that {} waits until {} can be read": "{0} 须待 {1} 可读一事",
        "that {} goes where it should": "{0} 的补送",
        "what was put aside of feed {}": "订阅流 {0} 中另行存放的内容",
        "that feed {} begins anew": "订阅流 {0} 重新开始一事",
        "that tickets wake in feed {}": "工单转入订阅流 {0} 一事",
        "what came back of feed {} from node {}": "节点 {1} 送回订阅流 {0} 的内容",
        "the line to {}": "通往 {0} 的线路变化",
        "the receipt of {}": "{0} 的送达认定",
        "that the key of {} is destroyed": "{0} 的密钥已销毁一事",
        "that the key of {} expired": "{0} 的密钥到期一事",
        "the end of a key that was exchanged": "已更换密钥的失效",
        // Appending.
        "{} is at version {}, the command expected {}": "{0} 现为第 {1} 版，指令以 {2} 为前提",
        "a stream that is there": "事件流已存在",
        "a stream that is not there yet": "事件流尚不存在",
        "read the stream again, decide anew, and send the command with the version you saw":
            "请重新读取，重新决定，并带上所见版本再次提交",
        "{} of an event for {} has {}, the limit is {}": "{1} 的事件中{0}为 {2}，上限为 {3}",
        "the body": "正文",
        "the whole": "整体",
        "the basis": "依据",
        "the actor": "操作人",
        "the type's name": "类型名称",
        "the type's version": "类型版本",
        "shorten the text, or attach it as a blob and name the blob in the body": "请缩短文本，或作为附件保存并在正文中注明",
        "{} events in one command, the limit is {}": "一条指令含 {0} 个事件，上限为 {1}",
        "make {}": "创建 {0} ",
        "write to {}": "写入 {0} ",
        "look at {}": "查看 {0} ",
        "the file is longer than {} bytes": "文件超过 {0} 字节",
        "the file is no photograph, recording or document of a known type": "文件不是可识别的照片、录音或文件类型",
        "the file is said to be {}, and is {}": "文件声明为 {0}，实为 {1}",
        "the file {} is not here": "本节点没有文件 {0}",
        "the file {} is damaged": "文件 {0} 已损坏",
        "send a smaller one, such as a photograph at a lower resolution": "请上传较小的文件，例如降低照片分辨率",
        "send the file's bytes as the body": "请将文件内容作为请求正文",
        "types are {}": "可用类型为 {0}",
        "send it as {}": "请以 {0} 类型提交",
        "upload it first, to this node; what another node has comes with its event":
            "请先上传到本节点；其他节点的文件随其事件到达",
        """
        run `gridline verify`; stop the node, move the file and `blobs/exchange` away, start it: it comes again from a node \
        that has it
        """: "请运行 `gridline verify`；停止节点，移走该文件和 `blobs/exchange` 后启动：会从有此文件的节点重新取得",
        "a piece up to byte {} and {} of {}": "分片自第 {0} 字节起 {1} 字节，超出总长 {2}",
        "photographs and recordings cannot be stored or read": "照片、录音无法保存或读取",
        "what an event names is not looked for": "未能查找事件所附的文件",
        "whose photographs are missing is not known": "无法得知缺少哪些工单的照片",
        "who has a file that is missing is not known": "无法得知所缺文件由谁持有",
        "whether a node may have a file is not known": "无法得知某节点可否取得文件",
        "what is noted of photographs and recordings is not used": "照片、录音的记事未予采用",
        "the file {} came twice with bytes that are not its own; it is asked for again later":
            "文件 {0} 两次收到的内容均与其散列值不符，稍后再取",
        "the file {} of {} bytes is not fetched: at most {} are taken here (blobLimitMiB)":
            "文件 {0} 为 {1} 字节，未取：本节点上限为 {2} 字节（blobLimitMiB）",
        "split the work into several commands": "请拆分为多条指令",
        "its hash is not that of its fields": "其散列值与各项不符",
        "its origin has another event of the same command and index": "同一来源已有另一事件，指令和序位相同",
        "its previous is not the hash of the event before": "其 previous 不是前一事件的散列值",
        "the event after it, which is here, follows another one": "已存的后一事件衔接的是另一事件",
        // Storing.
        "{} failed: the disk is full": "{0}失败：磁盘已满",
        "{} is forbidden: {}": "{0}不被允许：{1}",
        "{} at {} is damaged: {}": "{0} 第 {1} 行已损坏：{2}",
        "stop the node, check the disk, then run `gridline verify` before starting it again":
            "请停止节点，检查磁盘，运行 `gridline verify` 后再启动",
        "try again; if it stays, see the system's log": "请重试；如仍出现，请查看系统日志",
        "nothing of it was stored; run `gridline verify` and report what it says":
            "未存储任何内容；请运行 `gridline verify` 并上报其输出",
        "free space on the disk; nothing acknowledged is lost, and the node goes on when there is room":
            "请清理磁盘空间；已确认的内容不会丢失，有空间后节点自动继续",
        "run `gridline verify`, keep the folder as it is, and restore from a backup or a peer":
            "请运行 `gridline verify`，保持文件夹原样，并从备份或对端恢复",
        // Operations.
        "open log": "打开日志",
        "name {}": "命名 {0} ",
        "remove {}": "删除 {0} ",
        "sync {}": "落盘 {0} ",
        "verify {}": "校验 {0} ",
        "back up to {}": "备份到 {0} ",
        "checkpoint": "检查点",
        "the WAL holds {} pages of 8 KiB, because a reader of the log never ends":
            "WAL 已有 {0} 页（每页 8 KiB），因为有日志读取一直未结束",
        "bind a parameter of {}": "为 {0} 绑定参数",
        "roll back": "回滚",
        "forbid checkpoint on close": "禁止关闭时做检查点",
        "{} is left of another log, and SQLite would read it into {}": "{0} 是另一份日志的遗留文件，SQLite 会将其读入 {1}",
        "move it to another folder, since it may hold events that nothing else has; or name another file":
            "其中可能有别处没有的事件，请移到别的文件夹；或另取文件名",
        "another process has {} open for writing": "另一进程正在写入 {0}",
        "stop it first, or ask the running node over HTTP: `gridline status`, `gridline ticket`":
            "请先停止它，或通过 HTTP 操作运行中的节点：`gridline status`、`gridline ticket`",
        "this log belongs to node {}, not to {}": "此日志属于节点 {0}，不属于 {1}",
        "application id {} and format {}, wanted {} and {}: not a Gridline log, or one of another version of Gridline: open it with the version that made it":
            "应用编号 {0}、格式 {1}，应为 {2} 和 {3}：不是 Gridline 日志，或由另一版本的 Gridline 建立：请用建立它的版本打开",
        """
        the log ends at {} and does not hold the event {} that it acknowledged; an older copy that is meant to be here \
        needs log.sqlite.head removed
        """: "日志止于 {0}，缺少已确认的事件 {1}；若确要使用较旧的副本，请删除 log.sqlite.head",
        // What a row holds.
        "chain is not 16 bytes": "链值不是 16 字节",
        "kind, stream, hash or chain is malformed, or the event is gone": "种类、事件流、散列值或链值格式有误，或事件已不在",
        "stream or chain is malformed": "事件流或链值格式有误",
        "a stream or person in vault.sqlite is malformed": "vault.sqlite 中的事件流或当事人格式有误",
        "{}: the signed end is not as it was written": "{0}：签名的末端与写入时不符",
        "{}: no such row was kept": "{0}：未保存过此行",
        "{}: row {} is the next one": "{0}：下一行应为第 {1} 行",
        "hash is not 32 bytes": "散列值不是 32 字节",
        "previous is not 32 bytes": "previous 不是 32 字节",
        "hash, command, algorithm, index or sequence is malformed": "散列值、指令、算法、序位或序号格式不对",
        "a reference to other events is malformed": "对其他事件的引用格式不对",
        "the event before, whose hash it needs, is missing": "缺少前一事件，无法取得其散列值",
        "the hash of the event before is malformed": "前一事件的散列值格式不对",
        "the hash of an origin's last event is malformed": "某来源最后一个事件的散列值格式不对",
        "the hash of event {} of an origin is malformed": "某来源第 {0} 号事件的散列值格式不对",
        "the name is no feed's": "名称不是订阅流名称",
        "\"{}\" is no feed's name": "“{0}”不是订阅流名称",
        "a feed's name or chain is malformed": "订阅流的名称或链值格式不对",
        "kind or chain is malformed": "种类或链值格式不对",
        "names position {}, which is not in events": "所指位置 {0} 不在 events 中",
        "SQLite gave no number to a new row": "SQLite 未给新行编号",
        "a row that events refer to is missing or unreadable": "事件引用的行缺失或无法读取",
        "a person or command is malformed": "人员编号或指令编号格式不对",
        "the vault has no lookup key": "密钥库没有查找密钥",
        "no head note": "没有日志末端记录",
        "feed name \"{}\"": "订阅流名称“{0}”",
        "a check value that is not that of the bytes": "校验值与数据不符",
        // SQLite itself.
        """
        this version can lose commits when two connections checkpoint at once (sqlite.org/wal.html#walresetbug); \
        Gridline checkpoints on one connection only, so do not open log.sqlite for writing with other tools
        """: """
        此版本在两个连接同时做检查点时可能丢失提交（sqlite.org/wal.html#walresetbug）；Gridline 只在一个连接上做检查点，\
        请勿用其他工具以写方式打开 log.sqlite
        """,
        // The vault.
        "a person in vault.sqlite is malformed": "vault.sqlite 中有人员编号格式不对",
        "an event in vault.sqlite is malformed": "vault.sqlite 中有事件编号格式不对",
        "a key in vault.sqlite is malformed": "vault.sqlite 中有密钥格式不对",
    ]
}
