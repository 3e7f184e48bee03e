/// Tickets as JSON for the API; the members are documented in `docs/http.md`.

package import Events
import Projections
package import Tickets

extension TicketItem {
    /// A line of a list.
    var json: JSON {
        var object: JSONObject = [
            "category": .array(category.map(JSON.string)), "conflicts": .integer(Int64(conflicts)),
            "createdAt": .integer(createdAt.milliseconds), "heading": .string(heading), "hop": .integer(Int64(hop)),
            "round": .integer(Int64(round)),
            "status": .string(status.rawValue), "ticket": .string(stream.text),
        ]
        object["number"] = shownNumber.map(JSON.string)
        object["loops"] = loops > 0 ? .integer(Int64(loops)) : nil
        object["needsUpgrade"] = needsUpgrade ? .bool(true) : nil
        object["holderUnit"] = holderUnit.map(JSON.string)
        object["kind"] = kind.map(JSON.string)
        object["urgency"] = urgency.map(JSON.string)
        object["area"] = area.map(JSON.string)
        object["title"] = title.map(JSON.string)
        object["place"] = place.map(JSON.string)
        object["dueAt"] = dueAt.map { .integer($0.milliseconds) }
        object["decisionDueAt"] = decisionDueAt.map { .integer($0.milliseconds) }
        object["overdueUnconfirmed"] = isLatenessOpen ? .bool(true) : nil
        object["sourceID"] = sourceID.map(JSON.string)
        return .object(object)
    }
}

extension TicketCount {
    /// A row of counts: what it is counted by, and the sums.
    var json: JSON {
        var object: JSONObject = [
            "conflicts": .integer(conflicts), "count": .integer(count), "overdueNoted": .integer(overdueNoted),
            "overdueUnconfirmed": .integer(overdueUnconfirmed), "redos": .integer(redos), "urges": .integer(urges),
        ]
        object["unit"] = unit.map(JSON.string)
        object["category"] = category.map { .array($0.map(JSON.string)) }
        object["day"] = day.map { .string(PageTime.day($0)) }
        object["status"] = status.map { .string($0.rawValue) }
        return .object(object)
    }
}

extension TicketConflict {
    /// A line of the open conflicts.
    var json: JSON {
        var object: JSONObject = [
            "event": .string(event.description), "heading": .string(heading),
            "occurredAt": .integer(occurredAt.milliseconds), "reason": .string(reason), "ticket": .string(stream.text),
            "type": .string(type),
        ]
        object["against"] = against.map { .string($0.description) }
        object["number"] = number.map(JSON.string)
        object["title"] = title.map(JSON.string)
        object["holderUnit"] = holderUnit.map(JSON.string)
        return .object(object)
    }
}

extension TicketFold {
    /// The ticket page: state, and the complete history with what counts and what does not.
    ///
    /// - Parameter number: as it is shown, where others have the same; nil for the ticket's own.
    package func json(of ticket: StreamName, shownAs number: String? = nil) -> JSON {
        var object: JSONObject = [
            "category": .array(state.category.map(JSON.string)), "heading": .string(state.heading),
            "matter": .string(state.matter),
            "status": .string(state.status.rawValue), "ticket": .string(ticket.text),
            "version": .integer(Int64(entries.count)),
        ]
        object["number"] = (number ?? state.number).map(JSON.string)
        for member in state.overlays.members { object[member.key] = member.value }
        object["lead"] = state.lead.map { .string($0.unit) }
        object["leadNode"] = state.lead?.node.map { .string($0.text) }
        object["dueAt"] = state.due.map { .integer($0.at.milliseconds) }
        object["reply"] = state.reply.map(JSON.string)
        object["needsUpgrade"] = needsUpgrade ? .bool(true) : nil
        object["letGo"] = state.isLetGo ? .bool(true) : nil
        object["missing"] = missing > 0 ? .integer(Int64(missing)) : nil
        let noted = notedTimes
        object["history"] = .array(
            entries.map { entry in
                let event = entry.record.event
                var line: JSONObject = [
                    "actor": .string(event.actor.account ?? event.actor.system ?? ""),
                    "effect": .string(entry.effect.code),
                    "event": .string(event.id.description), "occurredAt": .integer(event.occurredAt.milliseconds),
                    "recordedAt": .integer(event.recordedAt.milliseconds), "type": .string(event.type.name),
                ]
                if event.body.isHere { line["body"] = .object(entry.record.body) }
                if event.type.version != "1" { line["typeVersion"] = .string(event.type.version) }
                line["role"] = event.actor.role.map(JSON.string)
                line["unit"] = event.actor.unit.map(JSON.string)
                line["countedAt"] = noted[event.id].map { .integer($0.counted.milliseconds) }
                line["arrivedAt"] = noted[event.id].map { .integer($0.arrived.milliseconds) }
                return .object(line)
            })
        object["conflicts"] = .array(
            conflicts.map { conflict in
                var row: JSONObject = [
                    "event": .string(conflict.entry.record.event.id.description),
                    "reason": .string(conflict.entry.effect.code),
                ]
                row["resolvedBy"] = conflict.resolvedBy.map { .string($0.description) }
                return .object(row)
            })
        return .object(object)
    }
}

extension TicketState {
    /// The overlays (附加状态) that are there, each under its own member.
    fileprivate var overlays: JSONObject {
        func instant(_ value: Timestamp?) -> JSON? { value.map { .integer($0.milliseconds) } }
        var object = JSONObject()
        if !helpers.isEmpty {
            object["helpers"] = .array(
                helpers.map { helper in
                    var line = helper.json.object ?? JSONObject()
                    line["reportedAt"] = instant(helper.reportedAt)
                    return .object(line)
                })
        }
        if !subtasks.isEmpty {
            object["subtasks"] = .array(
                subtasks.map { task in
                    var line: JSONObject = ["givenAt": .integer(task.givenAt.milliseconds), "unit": .string(task.unit)]
                    line["due"] = instant(task.due)
                    return .object(line)
                })
        }
        object["loops"] = loops > 0 ? .integer(Int64(loops)) : nil
        object["grid"] = grid.map(JSON.string)
        object["regime"] = regime.map(JSON.string)
        object["statutoryDueAt"] = instant(statutoryDue)
        object["mergedInto"] = mergedInto.map { .string($0.text) }
        object["decisionDueAt"] = instant(decisionDue?.at)
        object["overdueUnconfirmed"] = isLatenessOpen ? .bool(true) : nil
        object["extensionWishedAt"] = extensionRequest == .asked ? instant(extensionWished) : nil
        object["returnProposal"] = returnRequest == .asked ? returnProposal.map(JSON.string) : nil
        object["suspendedUntil"] = instant(suspendedUntil)
        object["suspendReason"] = suspendReason.map(JSON.string)
        object["suspendReviewAt"] = instant(suspendReview)
        object["suspendPromisedAt"] = instant(suspendPromised)
        object["supervision"] = supervisionLevel > 0 ? .integer(Int64(supervisionLevel)) : nil
        object["supervisionPoints"] = supervisionPoints.map { .integer(Int64($0)) }
        object["callbackExemption"] = callbackExemption.map(JSON.string)
        return object
    }
}
