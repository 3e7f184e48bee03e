import Events
import Testing
import Tickets

@testable import gridline

@Suite("Fields typed in a shell") struct FieldTextTests {
    @Test("a text becomes what the step's table asks for")
    func shapes() throws {
        let registered = try FieldText.body(
            ["channel=phone", "matter=a=b", "category=市容", "category=噪音", "place.area=320507001", "place.text=路口"],
            of: .registered)
        #expect(
            registered == [
                "category": .array([.string("市容"), .string("噪音")]), "channel": .string("phone"),
                "matter": .string("a=b"),
                "place": .object(["area": .string("320507001"), "text": .string("路口")]),
            ])
        let asked = try FieldText.body(["reason=雨", "until=2026-11-24T00:00:00Z"], of: .extensionAsked)
        #expect(asked["until"] == .integer(1_795_478_400_000))
        let lead = try FieldText.body(
            ["lead=320507001", #"helpers={"unit":"320507002"}"#, #"helpers={"unit":"320507003"}"#], of: .dispatched)
        #expect(lead["helpers"]?.array?.count == 2)
    }

    @Test("what is no field is refused here; what does not fit goes to the node, which names the rule")
    func wrong() throws {
        for text in ["matter", "=x", ""] {
            #expect(throws: CommandProblem.self) { try FieldText.body([text], of: .registered) }
        }
        #expect(try FieldText.body(["until=soon"], of: .extensionAsked)["until"] == .string("soon"))
        #expect(try FieldText.body(["mood=bad"], of: .registered)["mood"] == .string("bad"))
    }
}
