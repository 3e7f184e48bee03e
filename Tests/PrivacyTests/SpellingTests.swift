/// Mobiles among names, marks and other numbers, and what is written like them and is evidence.

import Events
import Privacy
import Testing

@Suite("Numbers as people spell them") struct SpellingTests {
    @Test(
        "a complete mobile is found, whatever name, mark or extension stands at it",
        arguments: [
            "来电人13812345678元和街道居民反映", "联系电话13812345678 元和街道古元路", "共有13812345678元和街道", "13812345678平方路",
            "13812345678亿达", "电话13812345678元", "¥13812345678", "Tel.13812345678", "电话.13812345678", "电话:#13812345678",
            "电话.138-1234-5678", "V13812345678", "微信V：13812345678", "zhang13812345678", "13812345678call me",
            "手机13812345678.12月3日来电", "手机13812345678-8001", "138-1234-5678-8001", "13812345678_张.wav",
            "录音_13812345678.wav",
            "20180704_13812345678.wav", "0512-13812345678", "1-13812345678", "1.13812345678", "支付宝账号13812345678",
            "Phone No.13812345678", "13812345678@qq.com",
        ])
    func surroundings(text: String) {
        #expect(PersonalNumbers.find(in: text).map(\.normalised) == ["13812345678"])
    }

    @Test(
        "letters at a number are a name or a mark, one of them as well as capital pinyin, and hide it nowhere",
        arguments: [
            "ZHANG13812345678", "机主LI13812345678", "业主A13812345678", "DH13812345678", "SJ13812345678", "Li13812345678",
            "baba13812345678", "13812345678A座3楼", "13812345678B栋", "13812345678F室", "13812345678a座", "138-1234-5678A",
            "LI138-1234-5678", "WANG138 1234 5678", "138 12345678A座", "LI138-12345678", "LI8613812345678",
            "LI86-138-1234-5678", "LI013812345678", "ZHANG138/1234/5678", "138、1234、5678A座", "A一三八一二三四五六七八",
            "一三八一二三四五六七八B栋", "LI１３８１２３４５６７８A座",
            // Digits in one more place are a room, a storey or an extension.
            "13812345678A3座", "13812345678B1203室", "13812345678a3", "13812345678b1203", "301B13812345678",
            "LI13812345678B2栋", "机主BA13812345678A座", "B2F13812345678", "13812345678x8001", "13812345678ext801",
            // In doubt it is sealed: what is sealed can be revealed, what stands open cannot be taken back.
            "GD13812345678", "13812345678AB",
        ])
    func lettersAtMobiles(text: String) {
        #expect(PersonalNumbers.find(in: text).map(\.normalised) == ["13812345678"])
        #expect(!PersonalNumbers.hidden(in: text).contains("5678"))
    }

    @Test(
        "letters at an identity number are as little of it",
        arguments: [
            ("SFZ11010519491231002X", "11010519491231002X"), ("11010519491231002XA座", "11010519491231002X"),
            ("LI11010519491231002XA座3楼", "11010519491231002X"), ("sfz110105 19491231 002x", "11010519491231002X"),
            ("110105 19491231 002XA座", "11010519491231002X"), ("110105194912310038A栋", "110105194912310038"),
            ("SFZ110105491231002", "110105491231002"), ("110105491231002A座", "110105491231002"),
        ])
    func lettersAtIdentities(text: String, normalised: String) {
        #expect(PersonalNumbers.find(in: text).map(\.normalised) == [normalised])
        #expect(!PersonalNumbers.hidden(in: text).contains("1231"))
    }

    @Test("two that only letters part are two, each beside its own")
    func lettersBetween() {
        for text in [
            "老王A13812345678,B13912345678", "A13812345678B13912345678", "LI13812345678WANG13912345678",
            "LI13812345678-13912345678", "手机13812345678OR13912345678",
        ] {
            #expect(PersonalNumbers.find(in: text).map(\.normalised) == ["13812345678", "13912345678"], "\(text)")
        }
        let three = "a13812345678b13912345678c13712345678"
        #expect(PersonalNumbers.find(in: three).count == 3)
        for text in [
            "SFZ11010519491231002XDH13812345678", "11010519491231002X13812345678",
            "LI110105194912310038DH13812345678A座",
        ] {
            #expect(PersonalNumbers.find(in: text).map(\.kind) == [.residentID, .mobile], "\(text)")
        }
    }

    @Test(
        "a mobile is found in every spelling",
        arguments: [
            "138\u{200B}1234\u{200B}5678", "1\u{FEFF}3812345678", "138\u{AD}-\u{2060}1234-5678",
            "1\u{FE0F}\u{20E3}3\u{FE0F}\u{20E3}8\u{FE0F}\u{20E3}12345678", "138/1234/5678", "138 / 1234 / 5678",
            "138_1234_5678",
            "138、1234、5678", "１３８、１２３４、５６７８", "备用12 138/1234/5678", "一三八一二三四五六七八", "幺三八幺二三四五六七八",
            "壹叁捌壹贰叁肆伍陆柒捌", "1三8一二三四5六七8", "一三八 一二三四 五六七八", "一三八，一二三四，五六七八",
        ])
    func spellings(text: String) {
        #expect(PersonalNumbers.find(in: "打\(text)，急").map(\.normalised) == ["13812345678"])
        #expect(
            !PersonalNumbers.hidden(in: text).contains("5678") && !PersonalNumbers.hidden(in: text).contains("五六七八"))
    }

    @Test("two in one text are two")
    func several() {
        for text in ["13812345678/13912345678", "13812345678、13912345678", "13812345678，一三九一二三四五六七八"] {
            #expect(PersonalNumbers.find(in: text).map(\.normalised) == ["13812345678", "13912345678"], "\(text)")
        }
        #expect(PersonalNumbers.find(in: "身份证11010519491231002X-1").map(\.kind) == [.residentID])
        #expect(PersonalNumbers.find(in: "电话.0512-65781234").map(\.normalised) == ["0512-65781234"])
        #expect(PersonalNumbers.find(in: "热线400-123-4567 元和街道").map(\.kind) == [.service])
    }

    @Test(
        "amounts, dates, lists, codes, coordinates and ids stay as they are",
        arguments: [
            "1,380,000元", "13,812,345,678元", "合计人民币13812345678元整", "3.5亿元", "2018/07/04", "2018_07_04", "2018、07、04",
            "12、13、14", "12/13/14号", "138、139、1380", "138/1234", "100、1200、1300", "135、1234、5678、9012",
            "12、138、1234、5678",
            "31.13812345678,120.13912345678", "IMG_20180704_172441", "苏E13812", "沪AD13812", "202611230100012",
            "工单号26112301-0012",
            "工单号GD-2018-13812345678", "GD1-13812345678", "一二三四五六七八九", "二零一八年七月四日", "一三五七九", "1795397400000",
            "66d797e9-b7ef-8bb5-922e-013800138000", "66d797e9-b7ef-8bb5-9221-013800138000",
            "/tickets/66d797e9-1381-2345-678f-a13800138000", "13800138000abc0", "c13800138000f1ba9",
            "66d7e138-1234-5678-9221-a13800138000", "图66D797E9-B7EF-8BB5-922E-A13800138000.jpg",
            "66d797e9-b7ef-8bb5-922e-13800138000c", "street1.a13800138000bcde/138", "street1.13800138000b1203/5",
            "编码A1B13800138000C", "卷A1B138/1234/5678C", "c110105194912310038f1ba9", "c110105491231002f1ba9",
            // Of other lengths than a mobile, or called what they are.
            "HT20181234567", "SF1381234567890", "单号SF8613812345678", "JD0138123456789", "沪A13812", "沪AD13812345",
            "合同号HT13812345678", "订单编号：DD13812345678", "运单号JDVA13812345678", "GRID320507401002003",
            "网格WG320507401002003", "WG320507001002003",
        ])
    func evidence(text: String) {
        #expect(PersonalNumbers.find(in: text) == [])
    }

    @Test("no hash holds a number, whichever it is")
    func hashes() {
        for number in 0..<5_000 {
            let hash = Digest.sha256(Array("photograph \(number)".utf8)).description
            #expect(PersonalNumbers.find(in: "照片 \(hash)") == [], "\(hash)")
        }
    }

    @Test("the code of a grid is none of an old identity number, unless it is called one")
    func grids() {
        for text in [
            "网格320507001002003内路灯", "320507001002003", "网格号：320507102031003", "网格 320507401002003",
            "区划代码320507401002003",
        ] {
            #expect(PersonalNumbers.find(in: text) == [], "\(text)")
        }
        for text in ["身份证320507001002003", "320507491231002", "320507401002003", "家住元和街道 320507491231002"] {
            #expect(PersonalNumbers.find(in: text).map(\.kind) == [.oldResidentID], "\(text)")
        }
    }

    @Test("what is hidden where it is said holds all that is sealed where it is stored, and what a label excepts")
    func superset() {
        let texts = [
            "订单编号：13812345678", "GD-13812345678", "共13800000000元", "31.13812345678", "来电人13812345678元和街道",
            "138、1234、5678",
            "网格320507001002003", "身份证11010519491231002X", "0512-65781234转801", "V13812345678", "一三八一二三四五六七八",
            "合同号HT13812345678", "业主LI13812345678A座", "SFZ11010519491231002XA座", "A13812345678B13812345678",
        ]
        for text in texts {
            let found = PersonalNumbers.find(in: text)
            let hidden = PersonalNumbers.hidden(in: text)
            #expect(
                found.isEmpty || hidden == PersonalNumbers.replacing(found, in: text) { "⟦\($0.kind.rawValue)⟧" },
                "\(text)")
            #expect(!hidden.contains("13812345678") && !hidden.contains("13800000000"), "\(text)")
        }
    }
}
