/// The requests about persons (诉求人): finding, revealing, erasing (`docs/format/identity.md`).
///
/// A value is answered only after `identity.revealed` is on the disk: who looked, why, at which ticket.

import Events
import HTTPTypes
import Hummingbird
import Node
import Privacy
import Texts
import Tickets

enum Persons {
    static func add(to router: RouterGroup<BasicRequestContext>, _ ports: ServerPorts) {
        router.post("tickets/:key/reveal") { request, context in
            let ticket = try await ports.ticket(inPath: context.parameters.require("key"))
            return try await reveal(
                ticket, try await APICall(request, members: ["reason"]), request.language, ports)
        }
        router.post("persons/find") { request, _ in
            try find(try await APICall(request, members: ["phone", "idNumber"]), ports)
        }
        router.post("persons/:key/erase") { request, context in
            let person = try PersonID("person/" + context.parameters.require("key"))
            return try await erase(person, try await APICall(request, members: ["reason"]), ports)
        }
        router.get("persons/:key/erasure") { request, context in
            let person = try PersonID("person/" + context.parameters.require("key"))
            _ = try Query(request, known: [], offsetMinutes: ports.utcOffsetMinutes)
            return try erasure(of: person, ports)
        }
    }

    // MARK: - Revealing

    private static func reveal(
        _ ticket: StreamName, _ call: APICall, _ language: Language, _ ports: ServerPorts
    ) async throws -> Response {
        let reason = try call.text("reason")
        guard let fold = try ports.ticket(ticket, nil) else { throw CommandRefusal.notDecided(.unknownTicket(ticket)) }
        if fold.state.isConfidential, let refusal = Duty.revealConfidential.refusal(of: call.actor) { throw refusal }
        let boxes = fold.entries.map(\.record.event).filter { $0.sealed != nil }
        var persons: [String] = []
        for event in boxes {
            let person = try Sealing.person(in: event.sealed ?? []).text
            if !persons.contains(person) { persons.append(person) }
        }
        let now = ports.clock.now()
        let draft = Draft(
            stream: try StreamName(category: "reveal", key: day(of: now)), type: Identity.revealed,
            body: [
                "persons": .array(persons.map(JSON.string)), "reason": .string(reason), "ticket": .string(ticket.text),
            ], occurredAt: now)
        let reply = try await call.perform(.record([draft]), seen: ticket, ports)
        // From here on it is on record that somebody looked.
        return API.respond(
            .object([
                "items": .array(try boxes.map { .object(try opened($0, language, ports)) }),
                "position": .integer(reply.position),
            ]), .ok, language: language)
    }

    private static func opened(
        _ event: Event, _ language: Language, _ ports: ServerPorts
    ) throws -> JSONObject {
        let sealed = event.sealed ?? []
        let person = try Sealing.person(in: sealed)
        var item: JSONObject = [
            "event": .string(event.id.description), "person": .string(person.text), "type": .string(event.type.name),
        ]
        switch try ports.identities.keyOfBox(Box(stream: event.stream, person: person)) {
        case .here(let key): item["values"] = .object(try Sealing.open(sealed, key: key, command: event.command))
        case .erased: item["erased"] = .bool(true)
        // Said apart: nobody may take a key that another node holds for an erasure that never was.
        case .absent:
            item["keyAbsent"] = .bool(true)
            item["hint"] = .string(language.text(absenceHint(isCentre: ports.isCentre)))
        }
        return item
    }

    /// What to do where the key is not at this node.
    private static func absenceHint(isCentre: Bool) -> Words {
        isCentre
            ? "the key is still at the street that took the call: look again when its line is up"
            : """
            the key is on its way, or went with a ticket that has left or has been over for long: the centre can look, and \
            a ticket that is reopened brings its key back
            """
    }

    /// The UTC day as `yyyy-mm-dd`, which names the stream of a day's reveals.
    private static func day(of now: Timestamp) -> String { PageTime.day(now) }

    // MARK: - Finding and erasing

    private static func find(_ call: APICall, _ ports: ServerPorts) throws -> Response {
        let given = ["phone", "idNumber"].filter { call.object[$0].map { !$0.isNull } == true }
        // Whoever has one number need not have the other, so that neither is passed over.
        guard given.count < 2 else { throw BadRequest.oneOf(given) }
        let isID = given == ["idNumber"]
        let number = try call.text(isID ? "idNumber" : "phone")
        // Answered without a command: nothing is opened. Who may not open may not ask either.
        if let refusal = Duty.reveal.refusal(of: call.actor) { throw refusal }
        let persons = try ports.identities.find(PersonData.lookup(number, isID: isID))
        return API.respond(.object(["persons": .array(persons.map { .string($0.text) })]), .ok)
    }

    private static func erase(_ person: PersonID, _ call: APICall, _ ports: ServerPorts) async throws -> Response {
        guard ports.isCentre else { throw BadRequest.centreErases }
        // Who may not erase learns of nobody whether it is known.
        if let refusal = Duty.erase.refusal(of: call.actor) { throw refusal }
        let reason = try call.text("reason")
        guard try await isKnown(person, ports) else { throw BadRequest.unknownPerson(person) }
        let draft = Draft(
            stream: try StreamName(person.text), type: Erasure.type, body: ["reason": .string(reason)],
            occurredAt: ports.clock.now())
        let reply = try await call.perform(.record([draft]), ports)
        return API.respond(
            .object(["person": .string(person.text), "position": .integer(reply.position)]),
            reply.isRepeat ? .ok : .created, etag: "\"\(reply.version)\"")
    }

    // MARK: - What has become of an erasure

    /// Which nodes have destroyed the key; at the centre, which hears of all.
    private static func erasure(of person: PersonID, _ ports: ServerPorts) throws -> Response {
        guard ports.isCentre else { throw BadRequest.centreErases }
        let state = ErasureState(
            try ports.events(.stream(StreamName(person.text)), 0, pageSize).map(\.event), centre: ports.node)
        guard let erasedAt = state.erasedAt else { throw BadRequest.notErased(person) }
        var members = NodeBook(centre: ports.node)
        var position: Int64 = 0
        while true {
            let page = try ports.events(.category(NodeBook.category), position, pageSize)
            for stored in page { members.take(stored.event) }
            guard page.count == pageSize, let last = page.last else { break }
            position = last.position
        }
        let missing = state.missing(members, centre: ports.node)
        func names(_ nodes: [NodeID]) -> JSON { .array(nodes.map { .string($0.text) }) }
        func times(_ times: [NodeID: Timestamp]) -> JSON {
            .array(
                times.sorted { $0.key < $1.key }.map {
                    .object(["at": .integer($0.value.milliseconds), "node": .string($0.key.text)])
                })
        }
        return API.respond(
            .object([
                "confirmed": times(state.confirmed), "erasedAt": .integer(erasedAt.milliseconds),
                "expired": times(state.expired), "person": .string(person.text),
                "revoked": names(missing.revoked), "waiting": names(missing.waiting),
            ]), .ok)
    }

    /// Events that are looked at before others get their turn.
    private static let pageSize = 1_000

    /// Whether the vault has had a person, or the log has a box of one.
    ///
    /// A person whose calls came in at a street has a key there alone, and here only boxes, to which no index leads: the
    /// log is gone through from its beginning, which takes seconds for a million events, and never on the loop's thread.
    private static func isKnown(_ person: PersonID, _ ports: ServerPorts) async throws -> Bool {
        if try ports.identities.key(person) != .absent { return true }
        var position: Int64 = 0
        while true {
            let page = try ports.events(.all, position, pageSize)
            // A box that cannot be read is nobody's; `gridline verify` is for those.
            let people = page.lazy.compactMap(\.event.sealed).map { try? Sealing.person(in: $0) }
            if people.contains(person) { return true }
            guard page.count == pageSize, let last = page.last else { return false }
            position = last.position
            await Task.yield()
        }
    }
}
