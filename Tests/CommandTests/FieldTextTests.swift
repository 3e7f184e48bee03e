import Events
import Testing
import Tickets

@testable import gridline

@Suite("Fields typed in a shell") struct FieldTextTests {
    @Test("a text becomes what the step's table asks for")
    func shapes() throws {
        let registered = try FieldText.body(
            ["channel=phone", "matter=a=b", "category=市容", "category=噪音", "place.area=320507001", "place.text=路口"],
            of: .registered, offsetMinutes: 480)
        #expect(
            registered == [
                "category": .array([.string("市容"), .string("噪音")]), "channel": .string("phone"),
                "matter": .string("a=b"),
                "place": .object(["area": .string("320507001"), "text": .string("路口")]),
            ])
        let corrected = try FieldText.body(
            ["place.latitudeE7=313200000", "place.longitudeE7=east", "place.text=7"], of: .placeCorrected,
            offsetMinutes: 480)
        #expect(
            corrected["place"]?.object == [
                "latitudeE7": .integer(313_200_000), "longitudeE7": .string("east"), "text": .string("7"),
            ])
        let asked = try FieldText.body(
            ["reason=雨", "until=2026-11-24T00:00:00Z"], of: .extensionAsked, offsetMinutes: 480)
        #expect(asked["until"] == .integer(1_795_478_400_000))
        let lead = try FieldText.body(
            ["lead=320507001", #"helpers={"unit":"320507002"}"#, #"helpers={"unit":"320507003"}"#], of: .dispatched,
            offsetMinutes: 480)
        #expect(lead["helpers"]?.array?.count == 2)
    }

    @Test("what is no field is refused here; what does not fit goes to the node, which names the rule")
    func wrong() throws {
        for text in ["matter", "=x", ""] {
            #expect(throws: CommandProblem.self) { try FieldText.body([text], of: .registered, offsetMinutes: 480) }
        }
        #expect(try FieldText.body(["mood=bad"], of: .registered, offsetMinutes: 480)["mood"] == .string("bad"))
    }

    @Test("a time without a zone is the node's, and what is no time is refused with the forms")
    func times() throws {
        for (text, milliseconds) in [
            ("2026-11-24", 1_795_449_600_000), ("2026-11-24T08:00", 1_795_478_400_000),
            ("2026-11-24T08:00:00+08:00", 1_795_478_400_000), ("1795478400000", 1_795_478_400_000),
        ] as [(String, Int64)] {
            let body = try FieldText.body(["until=\(text)"], of: .extensionAsked, offsetMinutes: 480)
            #expect(body["until"] == .integer(milliseconds), "\(text)")
            let isLocal = text.hasPrefix("2026") && !text.contains("+")
            #expect(try FieldText.needsZone(["until=\(text)"], of: .extensionAsked) == isLocal, "\(text)")
        }
        #expect(try !FieldText.needsZone(["reason=2026-11-24"], of: .extensionAsked))
        for (text, milliseconds) in [
            ("2026-11-24T08:00", 1_795_478_400_000), ("2026-11-24T00:00:00Z", 1_795_478_400_000),
            ("1795478400000", 1_795_478_400_000),
        ] as [(String, Int64)] {
            let texts = ["callerTold.way=phone", "callerTold.at=\(text)"]
            let told = try FieldText.body(texts, of: .replySubmitted, offsetMinutes: 480)["callerTold"]?.object
            #expect(told == ["at": .integer(milliseconds), "way": .string("phone")], "\(text)")
            #expect(try FieldText.needsZone(texts, of: .replySubmitted) == text.hasSuffix("T08:00"), "\(text)")
        }
        let told = #expect(throws: CommandProblem.self) {
            try FieldText.body(["callerTold.at=soon"], of: .replySubmitted, offsetMinutes: 480)
        }
        #expect(told?.message.description.contains("--set callerTold.at") == true)
        for text in ["soon", "2026-02-31", "2026-11-24T25:61"] {
            let problem = #expect(throws: CommandProblem.self) {
                try FieldText.body(["until=\(text)"], of: .extensionAsked, offsetMinutes: 480)
            }
            #expect(problem?.isUsage == true && problem?.message.description.contains(text) == true)
            #expect(problem?.hint.description.contains("2026-11-23T14:05") == true)
        }
    }
}
