/// What every row of the specifications implies, kind by kind: the happy path, its repetition, and each refusal.

import Events
import Testing

@testable import Tickets

@Suite("Specifications")
struct SpecificationTests {
    private func code(_ body: () throws(TicketRefusal) -> Void) -> String? {
        do throws(TicketRefusal) { try body() } catch { return error.code }
        return nil
    }

    private func actor(_ row: Specification, _ desk: Desk) -> Actor {
        desk.actor(row.kind, at: row.node, by: row.account, role: nil)
    }

    @Test func `every kind has one specification, and every guard is shown by one`() {
        let kinds = Specifications.all.map(\.kind)
        for kind in TicketEventKind.allCases {
            #expect(kinds.count { $0 == kind } == 1, "\(kind.rawValue) has no specification, or more than one")
        }
        let shown = Set(Specifications.all.flatMap(\.refusals).map(\.code))
        for rule in TicketGuard.allCases { #expect(shown.contains(rule.code), "nobody shows \(rule.rawValue)") }
    }

    @Test(arguments: Specifications.all)
    func `the command gives its event, and the event its effect`(row: Specification) throws {
        var desk = try row.given()
        let given = try desk.give(row.kind, at: row.node, hour: row.hour, by: row.account, row.fields)
        #expect(given == 1)
        #expect(row.then(desk.state), "\(desk.state)")
        #expect(desk.history.fold.entries.last?.effect == .effective)
        #expect(desk.history.fold.conflicts.allSatisfy { $0.resolvedBy != nil })
    }

    @Test(arguments: Specifications.all)
    func `the command said again comes to what the specification says`(row: Specification) throws {
        var desk = try row.given()
        try desk.give(row.kind, at: row.node, hour: row.hour, by: row.account, row.fields)
        switch row.again {
        case .nothing:
            #expect(try desk.give(row.kind, at: row.node, hour: row.hour, by: row.account, row.fields) == 0)
        case .another:
            #expect(try desk.give(row.kind, at: row.node, hour: row.hour, by: row.account, row.fields) == 1)
        case .refused(let code):
            #expect(desk.refusal(row.kind, at: row.node, hour: row.hour, by: row.account, row.fields) == code)
        }
    }

    @Test(arguments: Specifications.all)
    func `it is taken in the states of its row, and in no other`(row: Specification) throws {
        guard !row.from.isEmpty else {
            // What founds a ticket: a second founding with another matter is refused.
            var desk = try Place.inHand()
            var other = row.fields
            other["matter"] = "另一件"
            #expect(desk.refusal(row.kind, hour: 2, other) == "GL-4002")
            return
        }
        let desk = try row.given()
        for status in TicketStatus.allCases {
            var state = desk.state
            state.status = status
            var given = 0
            let refusal = code { () throws(TicketRefusal) in
                given = try desk.decide(
                    row.kind, at: row.node, hour: row.hour, actor: actor(row, desk), in: state, row.fields
                ).count
            }
            if row.from.contains(status) {
                #expect(refusal != "GL-4003", "\(status.rawValue)")
            } else {
                // Elsewhere it is refused, or true already; it never gives an event.
                #expect(refusal == "GL-4003" || refusal == nil && given == 0, "\(status.rawValue)")
            }
        }
        let unknown = code { () throws(TicketRefusal) in
            _ = try desk.decide(
                row.kind, at: row.node, hour: row.hour, actor: actor(row, desk), in: TicketState(), row.fields)
        }
        #expect(unknown == "GL-4001")
    }

    @Test(arguments: Specifications.all)
    func `only the node that the row names writes it`(row: Specification) throws {
        let desk = try row.given()
        guard !row.from.isEmpty else { return #expect(row.strangers == [History.street, History.other]) }
        for node in row.strangers {
            let refusal = code { () throws(TicketRefusal) in
                _ = try desk.decide(
                    row.kind, at: node, hour: row.hour, actor: actor(row, desk), in: desk.state, row.fields)
            }
            #expect(refusal == "GL-4004", "at \(node)")
        }
        guard row.writer == .any else { return }
        for node in [History.centre, History.street, History.other] {
            let drafts = try desk.decide(
                row.kind, at: node, hour: row.hour, actor: actor(row, desk), in: desk.state, row.fields)
            #expect(drafts.count == 1, "at \(node)")
        }
    }

    @Test(arguments: Specifications.all)
    func `the roles of the row may, every other is refused with the names of those that may`(row: Specification) throws
    {
        let desk = try row.given()
        let people = TicketRole.allCases.map { role in
            (role.rawValue, Actor(account: row.account, role: role.rawValue, unit: Desk.units[row.node] ?? "320507"))
        }
        let systems = [
            "import", "receipt", "deemedSigning", "resume", "preWarning", "overdue", "close", "rule", "robot", "link",
            "recompute",
        ].map { ("system \($0)", Actor(system: $0, rule: "test-1")) }
        for (name, actor) in people + systems + [("nobody", Actor(text: "{}"))] {
            do throws(TicketRefusal) {
                let drafts = try desk.decide(
                    row.kind, at: row.node, hour: row.hour, actor: actor, in: desk.state, row.fields)
                #expect(row.roles.contains(name) && drafts.count == 1, "\(name) may")
            } catch {
                #expect(error.code == "GL-4009" && !row.roles.contains(name), "\(name): \(error.message)")
                for role in row.roles { #expect(error.message.description.contains(role)) }
            }
        }
    }

    @Test(arguments: Specifications.all)
    func `a field that is missing, of the wrong shape or unknown is named`(row: Specification) throws {
        let desk = try row.given()
        func refusal(_ change: (inout JSONObject) -> Void) -> String? {
            var fields = row.fields
            change(&fields)
            return code { () throws(TicketRefusal) in
                _ = try desk.decide(
                    row.kind, at: row.node, hour: row.hour, actor: actor(row, desk), in: desk.state, fields)
            }
        }
        for field in TicketFields.of(row.kind) {
            if [.object, .place].contains(field.shape) {
                #expect(refusal { $0[field.name] = 7 } == "GL-4006", "\(field.name)")
            } else {
                #expect(refusal { $0[field.name] = ["x": []] } == "GL-4006", "\(field.name)")
            }
            if field.isRequired { #expect(refusal { $0[field.name] = nil } == "GL-4005", "\(field.name)") }
        }
        #expect(refusal { $0["weather"] = "rain" } == "GL-4007")
    }

    @Test(arguments: Specifications.all)
    func `what the guards forbid is refused with their codes`(row: Specification) throws {
        for refusal in row.refusals {
            var desk = try (refusal.given ?? row.given)()
            refusal.rules?(&desk.rules)
            let code = desk.refusal(
                row.kind, at: refusal.node ?? row.node, hour: refusal.hour ?? row.hour,
                by: refusal.account ?? row.account, of: refusal.unit,
                refusal.fields ?? row.fields)
            #expect(code == refusal.code)
        }
        let desk = try row.given()
        func decide(ahead: Int64) throws(TicketRefusal) -> [TicketDraft] {
            let command = TicketCommand(row.kind, row.fields, occurredAt: Desk.at(row.hour) + ahead)
            let context = TicketContext(
                ticket: desk.history.stream, now: Desk.at(row.hour), actor: actor(row, desk), node: row.node,
                centre: History.centre, rules: desk.rules, past: desk.history.fold.past(of: command),
                partner: desk.partner)
            return try TicketDecider.decide(command, in: desk.state, context: context)
        }
        #expect(code { () throws(TicketRefusal) in _ = try decide(ahead: 5_001) } == "GL-4008")
        // A client's clock that is a little ahead: it happened now.
        for ahead: Int64 in [1, 5_000] {
            #expect(try decide(ahead: ahead).map(\.occurredAt) == [Desk.at(row.hour)], "\(ahead) ms")
        }
        #expect(try decide(ahead: -1).map(\.occurredAt) == [Desk.at(row.hour) + -1])
    }
}
