/// The words invented tickets are made of. Streets are those of 相城区 (public names); points lie inside the district.

enum GeneratorWords {
    struct Street {
        let name: String
        /// 1e-4 degrees, somewhere inside the street's area.
        let latitudeE4: Int
        let longitudeE4: Int
    }

    struct Item {
        let code: String
        let category: String
        let name: String
        let unit: String
        let complaint: String
        var isUrgent = false
    }

    /// Calls by hour of the day, 0–23: peaks at 9–11 and 14–16.
    static let hourWeights = [4, 3, 2, 2, 2, 3, 8, 25, 60, 100, 100, 70, 40, 55, 95, 90, 65, 45, 35, 30, 25, 18, 12, 7]

    static let streets = [
        Street(name: "元和街道", latitudeE4: 313_950, longitudeE4: 1_206_300),
        Street(name: "太平街道", latitudeE4: 314_480, longitudeE4: 1_206_650),
        Street(name: "黄桥街道", latitudeE4: 313_800, longitudeE4: 1_205_850),
        Street(name: "北桥街道", latitudeE4: 315_000, longitudeE4: 1_206_050),
        Street(name: "北河泾街道", latitudeE4: 314_200, longitudeE4: 1_206_400),
        Street(name: "漕湖街道", latitudeE4: 314_700, longitudeE4: 1_205_700),
        Street(name: "澄阳街道", latitudeE4: 314_000, longitudeE4: 1_206_600),
        Street(name: "望亭镇", latitudeE4: 314_350, longitudeE4: 1_204_550),
        Street(name: "黄埭镇", latitudeE4: 314_350, longitudeE4: 1_205_450),
        Street(name: "渭塘镇", latitudeE4: 314_700, longitudeE4: 1_206_450),
        Street(name: "阳澄湖镇", latitudeE4: 314_850, longitudeE4: 1_207_400),
    ]
    static let communities = [
        "玉成社区", "众泾社区", "日益社区", "康元社区", "荷塘社区", "香城社区", "古巷社区", "春申社区", "旺泾村", "新泾村", "凤阳村", "消泾村",
    ]
    static let roads = ["春申湖路", "华元路", "采莲路", "人民路", "御窑路", "太阳路", "广济北路", "阳澄湖路", "康元路", "聚金路", "相城大道", "凤阳路"]
    static let spots = ["附近", "小区门口", "路口", "菜场旁", "河边", "学校门口", "对面工地", "公交站台", "商铺前", "东侧"]

    static let items = [
        Item(code: "0102", category: "市容环境", name: "暴露垃圾", unit: "街道城管办", complaint: "垃圾成堆，多日没有清运，气味很重。"),
        Item(code: "0103", category: "市容环境", name: "积存垃圾渣土", unit: "区城管局", complaint: "装修垃圾长期堆放，占了半条路。"),
        Item(code: "0105", category: "市容环境", name: "水域不洁", unit: "街道河长办", complaint: "河面漂浮物多，河水发黑发臭。"),
        Item(code: "0110", category: "市容环境", name: "道路破损", unit: "区住建局", complaint: "路面坑洼，电瓶车容易摔倒。"),
        Item(code: "0116", category: "市容环境", name: "油烟污染", unit: "生态环境局", complaint: "饭店油烟直排，居民不敢开窗。"),
        Item(code: "0101", category: "市容环境", name: "私搭乱建", unit: "街道综合执法局", complaint: "楼顶有人搭建房屋，存在隐患。"),
        Item(code: "0201", category: "宣传广告", name: "非法小广告", unit: "街道环卫站", complaint: "楼道和电线杆上贴满小广告。"),
        Item(code: "0301", category: "施工管理", name: "施工扰民", unit: "区住建局", complaint: "工地夜间施工到凌晨，无法休息。"),
        Item(code: "0302", category: "施工管理", name: "工地扬尘", unit: "区住建局", complaint: "工地没有喷淋，尘土飞扬。"),
        Item(code: "0401", category: "突发事件", name: "路面塌陷", unit: "区应急局", complaint: "路面突然塌陷，请马上围挡。", isUrgent: true),
        Item(code: "0502", category: "街面秩序", name: "占道经营", unit: "街道综合执法局", complaint: "流动摊贩占道，早晚高峰无法通行。"),
        Item(code: "0505", category: "街面秩序", name: "机动车乱停放", unit: "区公安分局", complaint: "车辆停在人行道和消防通道上。"),
        Item(code: "0601", category: "公用设施", name: "路灯不亮", unit: "区城管局", complaint: "路灯不亮已有一周，夜里很危险。"),
        Item(code: "0604", category: "公用设施", name: "井盖缺失", unit: "区水务局", complaint: "窨井盖不见了，行人容易掉下去。", isUrgent: true),
        Item(code: "0701", category: "安全隐患", name: "电动车违规充电", unit: "消防救援大队", complaint: "有人在楼道里飞线充电。"),
        Item(code: "0804", category: "水务管理", name: "自来水停水", unit: "自来水公司", complaint: "停水没有通知，什么时候恢复？", isUrgent: true),
        Item(code: "1001", category: "基层治理", name: "物业服务", unit: "区住建局", complaint: "物业收费不公示，电梯坏了没人修。"),
        Item(code: "1003", category: "基层治理", name: "邻里纠纷", unit: "司法所", complaint: "楼上长期漏水，双方协商不成。"),
        Item(code: "1101", category: "民生服务", name: "社保咨询", unit: "人社局", complaint: "咨询社保关系转移怎么办理。"),
        Item(code: "1102", category: "民生服务", name: "入学咨询", unit: "教育局", complaint: "咨询外来务工人员子女入学条件。"),
    ]
    static let channels = [
        "hotline", "hotline", "hotline", "hotline", "hotline", "hotline", "web", "app", "wechat", "mailbox",
    ]
    static let openings = ["市民反映：", "来电人称，", "您好，", "本人住在", "路过", "我是附近居民，"]
    static let repeatOpenings = ["再次反映：", "之前打过12345，至今没有解决，", "同一问题第二次来电：", "催办："]
    static let details = [
        "这个情况从上个月就开始了。", "已向社区反映过两次。", "每天晚上十点以后最严重。", "周边有老人和小孩。", "物业说不归他们管。", "下雨天更加厉害。",
        "6月18日有人来看过，没有处理。", "涉及大概200户居民。", "现场有照片可以提供。", "工单号2026010512345也是说这件事。", "已经交了3000元，没有发票。",
    ]
    static let demands = ["希望尽快处理。", "请相关部门核实并回复。", "要求给个明确的时间。", "请问由哪个部门负责？", "望答复。", "希望能彻底解决。"]
    static let results = ["已清理完毕并加强巡查。", "已责令限期整改。", "已安排维修，预计三日内完成。", "已向来电人解释说明。", "情况属实，已立案处理。"]
    static let surnames = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "朱", "沈", "顾", "陆"]
    static let givenNames = [
        "建国", "秀英", "志强", "丽华", "伟", "芳", "晓燕", "海涛", "玉兰", "文杰", "静", "国平", "雪梅", "明", "佳怡", "子轩", "红", "永康",
        "慧敏", "磊",
    ]
}
