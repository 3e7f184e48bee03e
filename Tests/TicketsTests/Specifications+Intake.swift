/// The specifications of intake, dispatch and handling: rows of the table from registration to the sub-dispatch.

import Events

@testable import Tickets

enum Specifications {
    static let all = intake + dispatch + handling + returning + requests + additions + reply + after + supervision

    private static let filing: JSONObject = Place.filing
    private static let reporters = [
        "agent", "specialDesk", "web", "clerk", "gridWorker", "gridLeader", "microGridLeader",
    ]

    private static let intake: [Specification] = [
        Specification(
            .registered, given: Place.nowhere, filing, roles: reporters, from: [],
            refused: [
                ["", ""], [""], ["噪声", " "], ["噪声/"], [.string(String(repeating: "噪", count: 67))],
                .array(Array(repeating: .string(String(repeating: "a", count: 199)), count: 6)),
            ].map { Refusal("GL-4006", filing.changing("category", to: $0)) }
                + [
                    Refusal("GL-4006", filing.changing("person", to: "王五 虎丘区某路3号")),
                    Refusal("GL-4006", filing.changing("person", to: "person/0011")),
                    Refusal("GL-4006", filing.changing("unit", to: "a,b"), at: History.street),
                    Refusal(.unitUnknown, filing.changing("unit", to: "nowhere"), at: History.street),
                ],
            then: { $0.exists && $0.status == .registered && $0.matter == "路灯不亮" && $0.reporterChain == ["grid7"] }),
        Specification(
            .imported, given: Place.nowhere, ["channel": "web", "matter": "噪声"], roles: ["system import"], from: [],
            then: { $0.exists && $0.channel == "web" && $0.round == 0 }),
        Specification(
            .importUpdated, given: Place.imported, ["channel": "web", "matter": "噪声扰民"], roles: ["system import"],
            from: TicketStatus.any, again: .another, then: { $0.exists }),
        Specification(
            .directAnswerGiven, given: Place.registered, ["text": "已告知", "article": "kb-7/3"],
            roles: ["agent", "specialDesk"], from: [.registered], refused: [Refusal(.answerSource, ["text": "已告知"])],
            then: { $0.status == .answered && $0.reply == "已告知" }),
        Specification(
            .rejected, given: Place.registered, ["reasonCode": "11-2", "told": "信访渠道", "confirmedBy": "boss"],
            roles: ["agent", "specialDesk"], from: [.registered], refused: [Refusal(.sameAccount, by: "boss")],
            then: { $0.status == .rejected }),
        Specification(
            .emergencyTransferred, given: Place.registered, ["service": "119", "afterSeconds": 20],
            roles: ["agent", "specialDesk"], from: [.registered],
            refused: [Refusal("GL-4006", ["service": "911", "afterSeconds": 20])],
            then: { $0.status == .answered && $0.isEmergency }),
        Specification(
            .queuedForDispatch, given: Place.registered, roles: ["agent", "specialDesk"], from: [.registered],
            refused: [Refusal(.categoryUnknown, given: Place.uncategorised)],
            then: { $0.status == .toDispatch && $0.category == ["noise"] }),
        Specification(
            .voided, given: Place.registered, ["reason": "duplicate"], roles: ["shiftLeader"], from: [.registered],
            refused: [Refusal(.afterDispatch, given: Place.registeredAgain)], then: { $0.status == .void }),
    ]

    private static let guardsOfLead: [Refusal] = [
        Refusal(.communityLead, ["lead": "community3"]), Refusal(.leadReported, ["lead": "grid7"]),
        Refusal("GL-4005", ["lead": "grid7", "override": ["by": "sun"]]),
        Refusal(.gridLead, ["lead": "320507001003005"]), Refusal(.unitUnknown, ["lead": "nowhere"]),
        Refusal(.unitUnknown, ["lead": "320507001", "helpers": [["unit": "nowhere"]]]),
        Refusal("GL-4006", ["lead": "320507001 "]), Refusal("GL-4006", ["lead": "320507001,320507002"]),
        Refusal("GL-4006", ["lead": "320507001\u{200B}"]), Refusal("GL-4006", ["lead": .string("")]),
        Refusal("GL-4006", ["lead": .string(String(repeating: "1", count: 201))]),
        Refusal("GL-4006", ["lead": "320507001", "helpers": [["unit": "a,b"]]]),
        Refusal(.nodeNotEnrolled, ["lead": "320507002", "leadNode": "street9"]),
        Refusal(.nodeNotEnrolled, ["lead": "320507001", "helpers": [["unit": "320507002", "node": "street9"]]]),
        Refusal("GL-4005", ["lead": "320507001", "helpers": [["node": "street2"]]]),
        Refusal("GL-4006", ["lead": "320507001", "helpers": [["unit": "320507002", "node": "No node"]]]),
        Refusal("GL-4006", ["lead": "320507001", "helpers": Place.helper(1)]),
        Refusal("GL-4006", ["lead": "320507001", "helpers": Place.helper(27)]),
    ]

    private static let dispatch: [Specification] = [
        Specification(
            .dispatched, given: Place.queued, ["lead": "320507001"], roles: ["dispatcher", "system rule"],
            from: [.toDispatch],
            refused: guardsOfLead + [
                Refusal(
                    .insideStreet, given: Place.queuedInStreet, ["lead": "320507002", "leadNode": "street2"],
                    at: History.street)
            ],
            then: {
                $0.status == .dispatched && $0.lead == UnitAtNode(unit: "320507001", node: History.street)
                    && $0.hop == 1
                    && $0.round == 1 && $0.due?.at == Desk.at(26) && $0.signDue?.at == Desk.at(3)
                    && $0.firstDispatcher == "zhao"
            }),
        Specification(
            .reassigned, given: Place.inHand, ["lead": "320507002", "leadNode": "street2"],
            roles: ["dispatcher", "supervisor"], from: [.dispatched, .inHand], refused: guardsOfLead,
            then: {
                // The unit is new, the clock is not.
                $0.status == .dispatched && $0.lead?.node == History.other && $0.hop == 2 && $0.round == 1
                    && $0.due?.at == Desk.at(24) && $0.signedAt == nil && $0.handler == nil
            }),
        Specification(
            .rulingOpened, given: Place.returnAsked, ["reason": "职责交叉"], roles: ["supervisor"], from: [.returnAsked],
            then: { $0.status == .ruling }),
        Specification(
            .rulingMade, given: Place.ruling, ["lead": "320507002", "leadNode": "street2", "basis": "会商纪要"],
            roles: ["supervisor"], from: [.ruling],
            then: { $0.status == .dispatched && $0.isFinal && $0.hop == 2 && $0.lead?.unit == "320507002" }),
    ]

    private static let handling: [Specification] = [
        Specification(
            .signed, given: Place.dispatched, by: "li", writer: .holder, roles: ["liaison", "clerk"],
            from: [.dispatched],
            refused: [Refusal(.holderUnit, of: "320507002"), Refusal(.holderUnit, of: "320507")],
            then: {
                $0.status == .inHand && $0.signedAt == Desk.at(2) && $0.handler == "li" && $0.due?.at == Desk.at(24)
            }),
        Specification(
            .signDeemed, given: Place.dispatched, roles: ["system deemedSigning"], from: [.dispatched],
            then: { $0.status == .inHand && $0.isSignDeemed && $0.handler == nil }),
        Specification(
            .firstContactMade, given: Place.inHand, ["way": "phone"], by: "li", writer: .holder,
            roles: ["handler", "clerk"], from: [.inHand], then: { $0.contactedAt == Desk.at(2) && $0.status == .inHand }
        ),
        Specification(
            .firstContactFailed, given: Place.inHand, ["tries": 3, "way": "电话"], by: "li", writer: .holder,
            roles: ["handler", "clerk"], from: [.inHand], again: .another,
            refused: [Refusal(.contactTries, ["tries": 2, "way": "电话"])],
            then: { $0.contactTries == 3 && $0.contactedAt == nil }),
        Specification(
            .subDispatched, given: Place.inHand, ["unit": "320507001003"], by: "li", writer: .holder,
            roles: ["leader", "liaison", "clerk"], from: [.inHand], again: .another,
            refused: [
                Refusal(.unitAbove, ["unit": "320507"]), Refusal(.leadReported, ["unit": "grid7"]),
                Refusal("GL-4006", ["unit": "320507001003 "]), Refusal(.unitUnknown, ["unit": "320507001-nowhere"]),
            ],
            then: {
                $0.lead?.unit == "320507001" && $0.status == .inHand
                    && $0.subtasks == [TicketSubtask(unit: "320507001003", due: nil, givenAt: Desk.at(2))]
            }),
    ]

    private static let returning: [Specification] = [
        Specification(
            .returnAsked, given: Place.inHand, Place.askReturn, by: "li", writer: .holder, roles: ["liaison", "clerk"],
            from: [.dispatched, .inHand],
            refused: [
                Refusal(.returnWindow, hour: 5), Refusal(.returnAfterRuling, given: Place.ruled),
                Refusal(.returnLimit, given: Place.returnRefused), Refusal(.sameAccount, by: "boss"),
            ],
            then: { $0.status == .returnAsked && $0.returnRequest == .asked && $0.returnsThisRound == 1 }),
        Specification(
            .returnApproved, given: Place.returnAsked, roles: ["dispatcher"], from: [.returnAsked],
            refused: [Refusal(.sameDispatcher, by: "zhou")],
            then: {
                $0.status == .toDispatch && $0.lead == nil && $0.returnsApproved == 1 && $0.due?.at == Desk.at(24)
            }),
        Specification(
            .returnRefused, given: Place.returnAsked, ["reason": "有管辖权"], roles: ["dispatcher"], from: [.returnAsked],
            refused: [Refusal(.sameDispatcher, by: "zhou")],
            then: { $0.status == .inHand && $0.returnsRefused == 1 && !$0.isFinal && $0.lead?.node == History.street }),
    ]
}
