/// What stands below the fields of a form (填写说明): their labels are a word or two, this is what they leave out.

extension PageTexts {
    /// nil for what is no field of a form.
    package func hint(_ key: TextKey) -> String? { key.hint.map { language == .chinese ? $0.zh : $0.en } }
}

extension TextKey {
    package var hint: (zh: String, en: String)? {
        switch self {
        case .way: ("如何联系诉求人", "how the caller was reached, or was to be")
        case .note: ("其他需要说明的", "what else is to be known")
        case .tries: ("共联系几次，1 至 99", "how often it was tried, 1 to 99")
        case .reasonClass: ("等待的事项", "what the work waits for")
        case .reason: ("为何提出申请", "why it is asked for")
        case .promised: ("承诺办结的时间", "when it will be done")
        case .review: ("何时再看能否继续办理", "when to look whether work can go on")
        case .replyText: ("答复诉求人的内容", "what the caller is told")
        case .fact: ("所述情况是否属实", "whether what was said is so")
        case .demand: ("诉求是否合理", "whether what is asked for is reasonable")
        case .finishKind: ("解决到什么程度", "how far it is solved")
        case .toldWay: ("以何种方式告知诉求人", "how the caller was told")
        case .toldAt: ("何时告知诉求人", "when the caller was told")
        case .evidence, .attachments: ("照片、录音或 PDF，可选多个", "photographs, recordings or PDF, several if need be")
        case .basis: ("所依据的规定", "the rule it rests on")
        case .proposedUnit: ("建议承办单位的代码", "code of the unit that should have it")
        case .leader: ("同意退单的负责人账号", "account of the leader who agrees")
        case .until: ("希望延至何时", "the due time that is wished for")
        case .callerTold: ("如何告知诉求人", "how the caller was told")
        case .noteText: ("需要记下的情况", "what there is to say")
        case .conflictEvent: ("未生效事件的编号", "id of the event that does not count")
        case .outcome: ("未生效的事项如何处理", "what becomes of what does not count")
        case _: nil
        }
    }
}
