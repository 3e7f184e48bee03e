/// Chinese: importing, its maps, and why a row is refused.

extension Chinese {
    static let intake: KeyValuePairs<String, String> = [
        // Files.
        "it cannot be opened; does it exist, and may this user read it?": "无法打开；文件是否存在，当前用户可否读取？",
        "its length cannot be read": "无法取得其长度",
        "it cannot be read as UTF-8 text": "无法按 UTF-8 文本读取",
        "reading failed at byte {}: {}": "在第 {0} 字节处读取失败：{1}",
        "the file is empty": "文件为空",
        "the packed bytes end too early; the file was cut": "压缩数据不完整；文件被截断",
        "the packed bytes are damaged (zlib {})": "压缩数据已损坏（zlib {0}）",
        "zlib cannot start ({})": "zlib 无法启动（{0}）",
        "iconv does not know the encoding {}": "iconv 不认识编码 {0}",
        "{}: at byte {}, {}": "{0}：在第 {1} 字节处，{2}",
        "give the path of a CSV or JSON lines file, plain or packed with gzip": "请给出 CSV 或 JSON 行文件的路径，可用 gzip 压缩",
        "fetch the file again; rows before the fault were taken, and a second run repeats none of them":
            "请重新获取文件；出错处之前的行已导入，再次运行不会重复",
        "install zlib and glibc with its gconv modules (Debian: zlib1g, libc6)":
            "请安装 zlib 和带 gconv 模块的 glibc（Debian：zlib1g、libc6）",
        // Maps.
        "map {}, line {}: {}": "映射 {0} 第 {1} 行：{2}",
        "there is no map \"{}\"": "没有映射“{0}”",
        "map {} reads the column \"{}\", and the file has only {}: {}": "映射 {0} 读取列“{1}”，而文件只有 {2} 列：{3}",
        "map {} reads the column \"{}\", and the first row has {} fields, which are not named so":
            "映射 {0} 读取列“{1}”，而首行的 {2} 个字段均无此名",
        "the file has no header row, which map {} needs": "文件没有标题行，而映射 {0} 需要",
        "{}: the header row cannot be read: {}": "{0}：标题行无法读取：{1}",
        "mend the first row of the file, or save the file again as CSV with LF or CRLF at the ends of lines":
            "请更正文件的第一行，或将文件重新存为以 LF 或 CRLF 换行的 CSV",
        "{}: byte {} is not UTF-8, and the first bytes do not tell whether the file is UTF-8 or GB18030":
            "{0}：第 {1} 字节不是 UTF-8，而文件开头不足以判定是 UTF-8 还是 GB18030",
        "write `encoding: utf-8` or `encoding: gb18030` into the map; what is not of it is then refused row by row":
            "请在映射中写明 `encoding: utf-8` 或 `encoding: gb18030`；不符合该编码的行将逐行拒收",
        "docs/import.md lists every key of a map": "映射的全部键见 docs/import.md",
        "give the path of a map file, or one of {}": "请给出映射文件的路径，或以下之一：{0}",
        "take the map that fits the file, change the column's name in the map, or put a header row above the data":
            "请使用与文件相符的映射，或在映射中修改列名，或在数据之上加标题行",
        "CSV files need their column names in the first row": "CSV 文件第一行须为列名",
        "not YAML: {}": "不是 YAML：{0}",
        "delimiter is one ASCII character": "delimiter 为一个 ASCII 字符",
        "\"{}\" is no offset such as +08:00 and no zone such as America/New_York":
            "“{0}”不是 +08:00 之类的时差，也不是 America/New_York 之类的时区",
        "there is no key \"{}\"": "没有键“{0}”",
        "source is missing: the name that the events carry": "缺少 source：事件所带的来源名称",
        "id is missing: the column or columns that name a record for ever": "缺少 id：永久标识一条记录的列",
        "created is missing: the column with the time of intake": "缺少 created：受理时间所在的列",
        "matter is missing: what it is about": "缺少 matter：诉求内容",
        "states is missing: at least one rule": "缺少 states：至少一条规则",
        "\"{}\" is no time format": "“{0}”不是时间格式",
        "unit has code and name, not \"{}\"": "unit 有 code 和 name，没有“{0}”",
        "a time has column and formats, not \"{}\"": "时间项有 column 和 formats，没有“{0}”",
        "a time needs column and formats": "时间项须有 column 和 formats",
        "a field has column(s), join, constant, values and otherwise, not \"{}\"":
            "字段项有 column(s)、join、constant、values 和 otherwise，没有“{0}”",
        "a field needs a column or a constant": "字段项须有 column 或 constant",
        "place has text, area, street, community, latitude and longitude, not \"{}\"":
            "place 有 text、area、street、community、latitude 和 longitude，没有“{0}”",
        "a state rule has when and state, not \"{}\"": "状态规则有 when 和 state，没有“{0}”",
        "a state rule needs a state": "状态规则须有 state",
        "a step has name, at, when, state, closes, reply, note and flags, not \"{}\"":
            "步骤有 name、at、when、state、closes、reply、note 和 flags，没有“{0}”",
        "a step needs name and at": "步骤须有 name 和 at",
        "person has name, phone, idNumber and address, not \"{}\"":
            "person 有 name、phone、idNumber 和 address，没有“{0}”",
        "person needs name, phone, idNumber or address": "person 须有 name、phone、idNumber 或 address",
        "\"{}\" is a column of person, and another key would write it in the open":
            "“{0}”是 person 的列，另有一键会将其以明文写出",
        "\"{}\" is a column of person: a condition can ask for present or absent only":
            "“{0}”是 person 的列：条件只能问 present 或 absent",
        "clean knows excel-escapes, nbsp, full-width-spaces and trim, not \"{}\"":
            "clean 可用 excel-escapes、nbsp、full-width-spaces 和 trim，没有“{0}”",
        "{} is written as key: value": "{0}应写成“键: 值”",
        "{} is a list": "{0}应为列表",
        "a text was expected": "应为文本",
        "\"{}\" is none of {}": "“{0}”不在以下之列：{1}",
        "a map": "映射",
        "a time": "时间项",
        "a field": "字段",
        "a state rule": "状态规则",
        "a step": "步骤",
        "person": "诉求人（person）",
        // Rows.
        "a row": "行",
        "the names of a line's columns": "一行各列的名称",
        "a line": "行",
        "matter": "诉求内容",
        "time of intake": "受理时间",
        "byte {} of the file is not {}; does the map name the right encoding?":
            "文件第 {0} 字节不是 {1} 编码；映射中的编码是否正确？",
        "{} fields where the header has {}": "有 {0} 个字段，而标题行有 {1} 个",
        "{} is longer than {} bytes": "{0}超过 {1} 字节",
        "the quote opened at byte {} is never closed": "第 {0} 字节处的引号没有闭合",
        "text follows a closing quote at byte {}": "第 {0} 字节处的右引号后还有文本",
        "no newline (LF) follows the carriage return (CR) at byte {}; lines end in LF or CRLF":
            "第 {0} 字节处的回车符（CR）后没有换行符（LF）；各行须以 LF 或 CRLF 结尾",
        "the line is no JSON object: {}": "此行不是 JSON 对象：{0}",
        "no id in {}": "{0} 中没有编号",
        """
        the id in {} holds a phone or identity number, which would stand open for ever; take another column, or name this \
        one in `plain` if its values are none
        """: "{0} 中的编号含有电话或证件号码，将永久以明文保存；请改用其他列，若其值并非此类号码，请将此列写入 `plain`",
        "no {} in {}": "{1} 中没有{0}",
        "{} holds \"{}\", which matches none of the map's time formats": "{0} 的值“{1}”不符合映射中的任何时间格式",
        "{} holds \"{}\", and nothing came in before 1900 or more than a day after this import":
            "{0} 的值“{1}”不可能是受理时间：早于 1900 年，或比本次导入晚一天以上",
        "{} holds \"{}\", which is no coordinate in degrees": "{0} 的值“{1}”不是以度计的坐标",
        "the record needs {} bytes, an event holds {}; its longest field is {}":
            "记录需 {0} 字节，一个事件最多 {1} 字节；其最长字段为 {2}",
        "caller and numbers in the texts need {} sealed bytes, an event holds {}":
            "诉求人及文本中的号码加密后需 {0} 字节，一个事件最多 {1} 字节",
        // Why rows were refused, counted: `RefusalReason.name`.
        "refused row:notText": "编码不符",
        "refused row:fieldCount": "列数不符",
        "refused row:oversize": "超过长度上限",
        "refused row:unclosedQuote": "引号未闭合",
        "refused row:textBehindQuote": "引号之后另有文字",
        "refused row:loneReturn": "换行不符",
        "refused row:notJSON": "不是 JSON 对象",
        "refused row:noID": "没有编号",
        "refused row:openID": "编号中有电话或证件号码",
        "refused row:noValue": "缺少必填内容",
        "refused row:badTime": "时间无法识别",
        "refused row:badCoordinate": "坐标无法识别",
        "refused row:bodyTooLong": "内容过长",
        "refused row:badPerson": "诉求人信息不可用",
        "refused row:tooMuchToSeal": "须加密的内容过多",
    ]
}
