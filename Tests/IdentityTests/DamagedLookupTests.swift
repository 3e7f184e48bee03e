import Events
import Node
import Privacy
import Testing
import Tickets

@testable import Log
@testable import Runtime
@testable import gridline

@Suite("A damaged vault") struct DamagedLookupTests {
    private func call(_ number: Int, phone: String) throws -> (command: NodeCommand, person: PersonData?) {
        let command = NodeCommand(
            id: CommandID(derivedFrom: "damaged", String(number)), ticket: nil,
            wish: TicketCommand(.registered, ["channel": .string("hotline"), "matter": .string("路灯不亮")]),
            actor: Actor(account: "wang", role: "agent", unit: "320507"))
        return (command, try PersonData(["name": .string("某人"), "phone": .string(phone)]))
    }

    @Test("what is damaged of one caller refuses his call alone, and is said once")
    func oneCaller() throws {
        let node = try CentreNode()
        _ = try node.perform(together: [call(1, phone: "13912345678")])
        // The next transaction notes that his call is stored, so that his number finds him from there on.
        _ = try node.perform(together: [call(2, phone: "13812345678")])
        let person = try #require(try node.vault.find(PersonData.lookup("13912345678", isID: false)).first)
        try Connection(path: node.folder.vault, mode: .readWrite).execute(
            "UPDATE lookups SET person = 'person/' WHERE person = '\(person.text)'")
        let alarms = node.status.current.alarmCount
        let answers = try node.perform(together: [
            call(3, phone: "13712345678"), call(4, phone: "13912345678"), call(5, phone: "13812345678"),
        ])
        #expect(throws: LogFailure.self) { try answers[1].get() }
        for answer in [answers[0], answers[2]] { #expect(try answer.get().isRecorded) }
        #expect(node.status.current.alarmCount == alarms + 1)
        _ = try node.perform(together: [call(6, phone: "13912345678")])
        #expect(node.status.current.alarmCount == alarms + 1)
    }
}
