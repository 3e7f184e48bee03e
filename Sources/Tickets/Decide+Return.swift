/// Returning (退单) and the ruling (会商裁定) that ends a dispute about who is responsible.

import Events

extension Decision {
    func returning() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .returnAsked: try checkReturn()
        case .returnApproved: try checkDispatcher()
        case .returnRefused:
            try checkDispatcher()
            body["final"] = .bool(state.returnsRefused > 0)
        case _: break
        }
        return body
    }

    private func checkReturn() throws(TicketRefusal) {
        if state.isFinal { throw refuse(.returnAfterRuling, found: "a final dispatch") }
        let limit = numbers.returnsPerRound
        if state.returnsThisRound >= limit {
            throw refuse(.returnLimit, found: "\(state.returnsThisRound) of \(limit)")
        }
        if let due = state.returnDue, occurredAt > due.at {
            throw refuse(.returnWindow, found: "closed at \(due.at), asked at \(occurredAt)")
        }
        if text("leader") == account { throw refuse(.sameAccount, found: "\(text("leader")) twice") }
    }

    private func checkDispatcher() throws(TicketRefusal) {
        guard let first = state.firstDispatcher, first == account else { return }
        throw refuse(.sameDispatcher, found: Words(verbatim: first))
    }
}
