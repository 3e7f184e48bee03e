/// Chinese: what several areas say.

extension Chinese {
    static let common: KeyValuePairs<String, String> = [
        "{}, {}": "{0}、{1}",
        "{} or {}": "{0}或{1}",
        "{}: {}": "{0}：{1}",
        "{}; {}": "{0}；{1}",
        "{}: {}; {}": "{0}：{1}；{2}",
        "{} is \"{}\"": "{0} 的值为“{1}”",
        "{} failed: {}": "{0}失败：{1}",
        "none": "无",
        "missing": "缺失",
        "open {}": "打开 {0} ",
        "read {}": "读取 {0} ",
        "a value that is no object": "值不是对象",
        "a list of texts": "文本列表",
        "an object": "对象",
        "a list of objects": "对象列表",
        "true or false": "true 或 false",
        "a node id": "节点编号",
        "an event id": "事件编号",
        "see `gridline nodes list`": "请用 `gridline nodes list` 查看",
    ]
}
