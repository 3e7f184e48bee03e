/// Chinese: rules as data.

extension Chinese {
    static let rules: KeyValuePairs<String, String> = [
        "Field \"{}\" of the {} is {}; it must be {}.": "{1}的字段“{0}”为 {2}，应为{3}",
        "{} cannot be read: {}.": "{0}无法读取：{1}",
        "There is no preset \"{}\"; there are {}.": "没有预置规则“{0}”；现有：{1}",
        "There is no kind of rules \"{}\"; there are {}.": "没有规则种类“{0}”；现有：{1}",
        "{} takes {} bytes; an event holds {}.": "{0}占 {1} 字节；一个事件最多 {2} 字节",
        "Correct the field (docs/format/rules.md lists each) and publish the rules again.":
            "请更正该字段（各字段见 docs/format/rules.md），再次发布规则",
        "Write it as a JSON object (docs/format/rules.md) and publish it again.":
            "请写成 JSON 对象（见 docs/format/rules.md），再次发布",
        "Name one of the kinds listed.": "请使用列出的种类之一",
        "Name one of the presets listed.": "请使用列出的预置规则之一",
        "Shorten the texts and publish the rules again.": "请缩短文本，再次发布规则",
        "Version \"{}\" of the {} is there already, with other content.": "{1}的版本“{0}”已经存在，且内容不同",
        "Give the changed rules a version of their own: due times name the version they came from.":
            "请为改动后的规则另定版本：到期时间注明其所依据的版本",
        // What is read.
        "Preset \"{}\"": "预置规则“{0}”",
        "The body of {} {}": "{0} {1} 的正文",
        "The body of {}": "{0} 的正文",
        "The stream of {}": "{0} 的事件流",
        "body of {}": "{0} 正文",
        "calendar": "工作日历",
        "calendar exception": "日历例外",
        "catalogue {}": "派单目录 {0} ",
        "catalogue entry": "派单目录条目",
        "territory {}": "区划 {0} ",
        "unit": "单位",
        "unit {}": "单位 {0} ",
        "limit": "时限",
        "due": "到期时间",
        "limit table": "时限表",
        "handling limits": "办理时限",
        "handling limits of {}": "{0} 办理时限",
        "signing limit": "签收时限",
        "first-contact limit": "先行联系时限",
        "return window": "退单时限",
        "decision limit": "审核时限",
        "extension policy": "延期规则",
        "outage policy": "断网规则",
        // What is wanted.
        "there once": "只出现一次的值",
        "text": "文本",
        "an array": "数组",
        "an integer from {} to {}": "{0} 到 {1} 的整数",
        "a day, YYYY-MM-DD": "日期，格式 YYYY-MM-DD",
        "a day up to publishedThrough, {}": "不晚于 publishedThrough（{0}）的日期",
        "at most ten integers from 1 to 1000, ascending": "至多十个 1 到 1000 的整数，由小到大",
        "the code of a unit that stands before it": "排在其前的某单位代码",
        "seven lists of intervals, one of them not empty": "七个时段列表，至少一个不为空",
        "lists of [start, end) in minutes of the day, in order and apart":
            "以当日分钟计的 [开始, 结束) 列表，按顺序且互不重叠",
    ]
}
