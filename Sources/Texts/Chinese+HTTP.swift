/// Chinese: what the HTTP side says of a request, and what `gridline` says of a node that it asks.

extension Chinese {
    static let http: KeyValuePairs<String, String> = [
        "parameter {} is \"{}\"": "参数 {0} 的值为“{1}”",
        "there is no parameter {}, given as \"{}\"": "没有参数 {0}（给出的值为“{1}”）",
        "position {} is asked for, and {} is here": "所求位置为 {0}，本节点现为 {1}",
        "there is no role \"{}\"": "没有“{0}”这一岗位",
        "choose one of {}": "请选择其一：{0}",
        "{} is not for this path": "此路径不支持 {0}",
        "methods here are {}": "可用的方法：{0}",
        "the request carries no valid token": "请求未带有效口令",
        "Idempotency-Key is \"{}\"": "Idempotency-Key 的值为“{0}”",
        "the body names no actor": "正文未注明操作人（actor）",
        "the request has no body": "请求没有正文",
        "the body is no JSON object: {}": "正文不是 JSON 对象：{0}",
        "\"{}\" of the body must be {}": "正文中的“{0}”应为{1}",
        "the body has a member \"{}\" that nobody reads": "正文中的“{0}”不是可用的项",
        "the body has {}, of which one is taken": "正文中的 {0} 只能给出一项",
        "send one of them; ask again with the other": "请只提交一项；另一项另行查询",
        "position {} is asked for, and the log ends at {}": "所求位置为 {0}，日志止于 {1}",
        "members here are {}": "可用的项：{0}",
        "the log was restored or is another one: read it anew, from position 0 on":
            "日志恢复过备份或已更换：请从位置 0 起重新读取",
        "a whole number": "整数",
        "a fresh UUID, and the same one when it is repeated": "新的 UUID，重试时使用同一个",
        "a list of 1 to {} commands": "1 至 {0} 条指令的列表",
        "the body has no {}": "正文缺少 {0}",
        "the centre erases, and counts who has done it; a street does neither": "销毁身份信息及其确认统计由中心办理，街道不办理",
        "{} is not known here": "此处查无 {0}",
        "{} is not erased": "{0} 未被销毁",
        "the key is still at the street that took the call: look again when its line is up":
            "密钥仍在受理的街道：线路恢复后请再查看",
        "the key is on its way, or went with a ticket that has left or has been over for long: the centre can look, and a ticket that is reopened brings its key back":
            "密钥正在途中，或已随工单转出、办结期满而移除：可请中心查看，工单重新办理时密钥会送回",
        "the centre gives this node no {}": "中心不向本节点提供 {0}",
        "this node asks the centre for too many tickets already, or has no line to one":
            "本节点向中心调取的工单过多，或没有通往中心的线路",
        "check the ticket's name; one that was given to another unit is at that unit's node":
            "请核对工单名称；已转给其他单位的工单在该单位的节点",
        "ask again in a few seconds": "请过几秒再试",
        "check the id; an erasure is `gridline persons erase`, or POST /api/v1/persons/{key}/erase":
            "请核对编号；销毁用 `gridline persons erase` 或 POST /api/v1/persons/{key}/erase",
        "give the id that find or reveal answered; what a street took is known once its line has brought it":
            "请使用 find 或 reveal 给出的编号；街道受理的，线路送达后此处才可查",
        "the body is longer than {} bytes": "正文超过 {0} 字节",
        "{} live streams are open already": "已有 {0} 个实时流",
        "HTTP {}": "HTTP {0}",
        "choose one of its values; /openapi.yaml lists them": "请改用可用的值；可用的值见 /openapi.yaml",
        "parameters here are {}": "可用的参数：{0}",
        "ask again in a second; a position is of the node that gave it": "请一秒后再查；位置只对给出它的节点有效",
        "see /openapi.yaml for the steps": "步骤见 /openapi.yaml",
        "a ticket is registered by no step of it": "工单登记不是工单的步骤",
        "send POST /api/v1/tickets; the answer names the ticket": "请发送 POST /api/v1/tickets；返回内容给出工单",
        "send Authorization: Bearer with the text of keys/token in the node's folder":
            "请带上 Authorization: Bearer 和节点文件夹中 keys/token 的内容",
        "send a fresh UUID as Idempotency-Key, and the same one when you try again":
            "请以新的 UUID 作为 Idempotency-Key，重试时使用同一个",
        "send {\"actor\":{\"account\":…,\"role\":…,\"unit\":…},\"body\":{…}}":
            "请提交 {\"actor\":{\"account\":…,\"role\":…,\"unit\":…},\"body\":{…}}",
        "send {}; see /openapi.yaml for its form": "请提交 {0}；格式见 /openapi.yaml",
        "ask the centre; its decision reaches every node": "请在中心办理；其决定会到达每个节点",
        "send less; photographs and recordings are uploaded by themselves (POST /api/v1/blobs) and named":
            "请减少内容；照片、录音须单独上传（POST /api/v1/blobs），再在步骤中注明",
        "the step names the file {}, which is not here": "步骤所附文件 {0} 不在本节点",
        "upload it first (POST /api/v1/blobs), then send the same step with the same key":
            "请先上传（POST /api/v1/blobs），再以同一指令号提交同一步骤",
        "close one, or come back later with Last-Event-ID: nothing is missed":
            "请关闭一个，或稍后带 Last-Event-ID 再来：不会遗漏",
        "see /openapi.yaml for what is here": "可用的请求见 /openapi.yaml",
        // Times.
        "2026-11-23 (a day in the node's zone), 2026-11-23T14:05Z or 2026-11-23T14:05:00+08:00":
            "2026-11-23（本节点时区的一天）、2026-11-23T14:05Z 或 2026-11-23T14:05:00+08:00",
        // Asking a node.
        "the node at {} cannot be reached: {}": "无法连接节点 {0}：{1}",
        "check that it runs (`gridline serve`) and that the address is right": "请检查节点是否在运行（`gridline serve`）、地址是否正确",
        "{} answered {} with something that is no JSON object": "{0} 返回 {1}，内容不是 JSON 对象",
        "check that the address is a Gridline node's": "请检查地址是否为 Gridline 节点",
        "the node answered {}": "节点返回 {0}",
        "see the node's talk": "请查看节点的输出",
        "no node serves {}": "{0} 没有节点在服务",
        "start it: gridline serve {}": "请启动：gridline serve {0}",
        "another program writes to {}, and it is no running node": "另一程序正在写入 {0}，但不是运行中的节点",
        "wait until it is done (an import, perhaps), then try again": "请等其完成（可能是导入）后再试",
        "{} tickets have the number {}": "编号 {1} 对应 {0} 张工单",
        "check the number, or ask the node that registered it": "请核对编号，或向登记该工单的节点查询",
        "name one: {}": "请指定其一：{0}",
        "\"{}\" is no ticket's number: its check digit or its day is wrong": "“{0}”不是工单编号：校验位或日期不对",
        "read it again digit by digit: one is wrong, or two are swapped": "请逐位核对：有一位写错，或相邻两位颠倒",
        "no ticket here has the number {}": "此处没有编号为 {0} 的工单",
        "no alarm \"{}\" with these labels is raised": "当前没有标签相符的告警“{0}”",
        "it may be over; take rule and labels from the node's status as they stand there": "告警可能已解除；请按节点状态中的原样给出规则名和标签",
        "an error that nobody expected, at {}": "意外错误，发生于 {0}",
        "an answer at {} failed": "{0} 的一次应答失败",
        "the alarms of `gridline status` say what it was; send the same request with the same key again":
            "原因见 `gridline status` 的告警；请以同一指令编号再次提交同一请求",
    ]
}
