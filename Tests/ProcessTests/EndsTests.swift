import Events
import Foundation
import Testing

/// The failure cases of processes and their folders (docs/testing.md).
@Suite("Processes that die, come back and run twice") struct EndsTests {
    @Test(
        "a centre that is killed and started again has its streets back at once, each with what was written meanwhile")
    func restart() async throws {
        let town = try await Town(streets: 4)
        var tickets: [String] = []
        for street in town.streets { tickets.append(try await town.dispatch(to: street)) }
        try await town.inStep()
        town.centre.kill()
        for (street, ticket) in zip(town.streets, tickets) {
            try await street.command("signed", of: ticket, role: "clerk")
        }
        try await town.centre.start()
        let begin = ContinuousClock.now
        for ticket in tickets {
            try await town.centre.until("the streets' steps") { try await town.centre.has(ticket, version: 4) }
        }
        print("a restarted centre has the steps of four streets after \(ContinuousClock.now - begin)")
        try await town.inStep()
        try await town.agrees()
    }

    @Test("what is killed between its commit and its word sends again, or is sent again, and nothing is there twice")
    func killed() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let ticket = try await town.dispatch(to: street)
        try await town.inStep()
        // The hub commits what comes, and its answers vanish; then it dies.
        try town.lines[0].say("hole down on \(town.router)")
        try await street.command("signed", of: ticket, role: "clerk")
        try await town.centre.until("the street's step") { try await town.centre.has(ticket, version: 4) }
        #expect(try await street.number("outbox") > 0, "the hub's word is lost")
        town.centre.kill()
        try await town.centre.start()
        // The street commits what comes, and its word vanishes; then it dies.
        try town.lines[0].say("heal")
        try town.lines[0].say("reset")
        try await town.inStep()
        try town.lines[0].say("hole up on \(town.router)")
        let second = try await town.dispatch(to: street)
        try await street.until("a ticket") { try await street.has(second, version: 3) }
        #expect(try await town.counted(behind: street) > 0, "the street's word is lost")
        street.kill()
        try town.lines[0].say("heal")
        try await street.start()
        try await town.inStep()
        #expect(try await !town.centre.has(ticket, version: 6), "the step, its receipt, and nothing twice")
        try await town.agrees()
    }

    @Test("one street behind a hole holds up nobody: others have theirs at once, and it gets all of it later")
    func stuck() async throws {
        let town = try await Town(streets: 2)
        let (stuck, other) = (town.streets[0], town.streets[1])
        try town.lines[0].say("hole")
        var waiting: [String] = []
        var slowest = Duration.zero
        for _ in 0..<20 {
            waiting.append(try await town.dispatch(to: stuck))
            let ticket = try await town.dispatch(to: other)
            slowest = max(slowest, try await other.until("a ticket") { try await other.has(ticket, version: 3) })
        }
        print("beside a stuck street: the slowest of twenty \(slowest)")
        #expect(slowest < .seconds(2))
        #expect(try await town.counted(behind: stuck) >= 60, "the centre knows how far it is behind")
        try town.lines[0].say("heal")
        try town.lines[0].say("reset")
        try await town.inStep()
        for ticket in waiting { #expect(try await stuck.has(ticket, version: 3)) }
        try await town.agrees()
    }

    @Test(
        "a copied folder: the newer process is served, the other one is named in an alarm, and each gets what the other wrote"
    )
    func copied() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let tickets = [try await town.dispatch(to: street), try await town.dispatch(to: street)]
        try await town.inStep()
        let copy = ServedNode("street1", area: street.area, folder: town.folder.path + "/copy")
        street.stop()
        try FileManager.default.copyItem(atPath: street.folder, toPath: copy.folder)
        try await street.start()
        try await town.inStep()
        try await copy.start()
        try await copy.until("the session") { try await copy.isLinked() }
        // The one before hears of it with its next word.
        try await street.command("signed", of: tickets[0], role: "clerk")
        try await street.until("being turned away") { try await !street.isLinked() }
        try await town.centre.until("an alarm") {
            town.centre.child?.talk.contains("runs twice") == true
        }
        try await copy.command("signed", of: tickets[1], role: "clerk")
        try await town.centre.until("the copy's step") { try await town.centre.has(tickets[1], version: 4) }
        let third = try await town.dispatch(to: street)
        try await copy.until("a new ticket") { try await copy.has(third, version: 3) }
        #expect(try await street.number("outbox") > 0, "the older one keeps what it wrote")
        copy.stop()
        let took = try await town.inStep()
        print("copied folder: the older process is back after \(took)")
        #expect(try await town.centre.has(tickets[0], version: 4))
        #expect(try await street.has(tickets[1], version: 4), "what the copy wrote")
        #expect(try await street.has(third, version: 3))
        try await town.agrees()
    }

    @Test("a street restored from an old backup gets back what it had written and confirmed")
    func restored() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let tickets = [try await town.dispatch(to: street), try await town.dispatch(to: street)]
        try await town.inStep()
        let backup = town.folder.path + "/street1.backup.sqlite"
        try await town.gridline("backup", street.folder, backup)
        for ticket in tickets { try await street.command("signed", of: ticket, role: "clerk") }
        try await town.inStep()
        street.kill()
        let keys = town.folder.path + "/keys"
        try FileManager.default.moveItem(atPath: street.folder + "/keys", toPath: keys)
        try FileManager.default.removeItem(atPath: street.folder)
        try await town.gridline("restore", backup, street.folder)
        try? FileManager.default.removeItem(atPath: street.folder + "/keys")
        try FileManager.default.moveItem(atPath: keys, toPath: street.folder + "/keys")
        try await street.start()
        try await town.inStep()
        for ticket in tickets { #expect(try await street.has(ticket, version: 4)) }
        try await street.command("progressNoted", of: tickets[0], ["text": .string("已到现场")], role: "clerk")
        try await town.inStep()
        try await town.agrees()
    }

    @Test("a lost laptop is replaced: what it wrote and confirmed comes back, also behind what only the centre keeps")
    func replaced() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        let caller: JSONObject = ["name": .string("王芳"), "phone": .string("13912345678")]
        let tickets = [
            try await town.dispatch(to: street, caller: caller), try await town.dispatch(to: street, caller: caller),
        ]
        try await town.inStep()
        // The look is an event of the street's that no feed brings back.
        for kind in ["signed", "reveal"] {
            for ticket in tickets {
                let why: JSONObject = kind == "reveal" ? ["reason": .string("回访")] : ["body": .object([:])]
                _ = try await street.post("/api/v1/tickets/\(ticket.dropFirst(7))/\(kind)", why, role: "clerk")
            }
        }
        for ticket in tickets {
            try await street.command("progressNoted", of: ticket, ["text": .string("已到现场")], role: "clerk")
        }
        try await town.inStep()
        try await town.gridline("nodes", "revoke", town.centre.folder, "--node", street.name, "--reason", "电脑遗失")
        street.kill()
        try FileManager.default.removeItem(atPath: street.folder)
        let invitation = try await town.gridline(
            "nodes", "invite", town.centre.folder, "--node", street.name, "--area", street.area, "--address",
            "127.0.0.2:\(town.router)")
        try await town.gridline("enroll", street.folder, "--with", invitation)
        try await street.start()
        try await town.inStep()
        #expect(try await street.status()["alarms"] == .array([]))
        for ticket in tickets { #expect(try await street.has(ticket, version: 5)) }
        try await street.command("firstContactMade", of: tickets[0], ["way": .string("phone")], role: "clerk")
        try await town.inStep()
        #expect(try await town.centre.has(tickets[0], version: 6))
        try await town.agrees()
    }

    @Test("an emptied street with a long past begins with its open tickets, and fetches one that is over by its name")
    func emptied() async throws {
        let town = try await Town(streets: 1)
        let street = town.streets[0]
        var open: [String] = []
        for _ in 0..<21 { open.append(try await town.dispatch(to: street)) }
        let made = try await street.command(
            "registered", ["channel": .string("hotline"), "matter": .string("占道经营")], role: "clerk")
        let closed = try #require(made["ticket"]?.string)
        try await street.command(
            "directAnswerGiven", of: closed, ["text": .string("已告知"), "article": .string("kb-7/3")], role: "clerk")
        try await town.inStep()
        for ticket in open { try await street.command("signed", of: ticket, role: "clerk") }
        // A past that is long enough for a base (`HubBases.Limit.longPast`).
        for ticket in open { try await street.note(500, on: ticket) }
        try await town.inStep()
        var versions: [Int64] = []
        for ticket in open { versions.append(try await street.version(of: ticket)) }
        try await town.gridline("nodes", "revoke", town.centre.folder, "--node", street.name, "--reason", "电脑遗失")
        street.kill()
        try FileManager.default.removeItem(atPath: street.folder)
        let invitation = try await town.gridline(
            "nodes", "invite", town.centre.folder, "--node", street.name, "--area", street.area, "--address",
            "127.0.0.2:\(town.router)")
        try await town.gridline("enroll", street.folder, "--with", invitation)
        try await street.start()
        for (ticket, version) in zip(open, versions) {
            try await street.until("an open ticket") { try await street.has(ticket, version: version) }
        }
        try await town.inStep()
        #expect(try await !street.has(closed), "what is over sleeps")
        let fetch = ["ticket", "fetch", street.folder, closed, "--role", "clerk", "--unit", street.area]
        let asked = try await Child.output(of: Programs.gridline, fetch)
        #expect(asked.contains("the centre was asked") || asked.contains("已向中心调取"), "\(asked)")
        try await street.until("the ticket that is over") { try await street.has(closed, version: 2) }
        let here = try await Child.output(of: Programs.gridline, fetch + ["--json"])
        #expect(here.contains(#""state":"here""#), "\(here)")
        try await street.command("progressNoted", of: open[0], ["text": .string("已到现场")], role: "clerk")
        try await town.inStep()
        // The log alone is gone, the keys are there: it begins at the same base.
        street.stop()
        for file in try FileManager.default.contentsOfDirectory(atPath: street.folder)
        where file.hasPrefix("log.sqlite") || file.hasPrefix("views.sqlite") {
            try FileManager.default.removeItem(atPath: street.folder + "/" + file)
        }
        try await street.start()
        try await street.until("what it wrote last") { try await street.has(open[0], version: versions[0] + 1) }
        try await town.inStep()
        for (ticket, version) in zip(open, versions) { #expect(try await street.has(ticket, version: version)) }
        #expect(try await street.has(closed, version: 2))
        #expect(try await street.status()["alarms"] == .array([]))
        try await town.agrees()
    }
}
