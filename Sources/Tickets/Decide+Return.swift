/// Returning (退单) and the ruling (会商裁定) that ends a dispute about who is responsible.

import Events

extension Decision {
    func returning() throws(TicketRefusal) -> JSONObject {
        var body = fields
        switch kind {
        case .returnAsked:
            try checkReturn()
            addDecisionDue(to: &body, asked: context.now)
        case .returnApproved:
            try checkDispatcher()
            // Whatever a node let through: what the centre counts as late is not approved.
            if let asked = state.returnAsk?.at { try checkWindow(asked: asked) }
            settleStop(into: &body)
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
        try checkWindow(asked: context.now)
        if text("leader") == account { throw refuse(.sameAccount, found: "\(text("leader")) twice") }
    }

    private func checkWindow(asked: Timestamp) throws(TicketRefusal) {
        guard let due = state.returnDue, asked > due.at else { return }
        throw refuse(.returnWindow, found: "closed at \(due.at), asked at \(asked)")
    }

    /// By when the owner is to decide on what is asked for (审核时限).
    func addDecisionDue(to body: inout JSONObject, asked: Timestamp) {
        body["decisionDue"] = context.rules.decisionDue(of: state, asked: asked).json
        body["rule"] = .string(context.rules.version)
    }

    private func checkDispatcher() throws(TicketRefusal) {
        guard let first = state.firstDispatcher, first == account else { return }
        throw refuse(.sameDispatcher, found: Words(verbatim: first))
    }
}
