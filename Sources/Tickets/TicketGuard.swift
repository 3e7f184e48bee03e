/// The guards of the table that go beyond state, writer, role and fields: code, what was expected, what to do.
///
/// A code is given once and never changes its meaning, so each stands here as it is read; `docs/codes.md` lists
/// them all, and a test compares both.

package import Events

package enum TicketGuard: String, Sendable, Equatable, CaseIterable {
    case communityLead, leadReported, unitAbove, returnLimit, returnWindow, returnAfterRuling, sameDispatcher
    case noRequest, extensionLate, extensionLimit, extensionUrgent, extensionSpan, contactTries, sameAccount, helper
    case evidence, answerSource, categoryUnknown, redoWindow, supervisionLevel, mergeWithItself, streetOwned
    case afterDispatch, notSuspended, dateOrder, handlerReviews, redoOpen, insideStreet, notFake
    case gridLead, nodeNotEnrolled, holderUnit, helperLate, mergePartner, partnerOpen, notMerged, conflictOpen
    case unitUnknown

    package var code: String { row.code }
    package var expectation: Words { row.expectation }
    package var hint: Words { row.hint }

    private struct Row {
        let code: String
        let expectation: Words
        let hint: Words

        init(_ code: String, _ expectation: Words, _ hint: Words) {
            self.code = code
            self.expectation = expectation
            self.hint = hint
        }
    }

    private var row: Row {
        switch self {
        case .communityLead:
            Row("GL-4010", "a community helps and never leads", "dispatch to its street, name it as a helper")
        case .leadReported:
            Row(
                "GL-4011", "the lead is not one of those who reported it",
                "choose another lead, or say who approves the exception, and why (override)")
        case .unitAbove:
            Row("GL-4012", "the unit stands below the lead", "note progress, or ask to return the ticket")
        case .returnLimit: Row("GL-4013", "one return a round", "handle it, or note your objection as progress")
        case .returnWindow:
            Row("GL-4014", "the return window is open", "handle it, or ask the dispatcher to reassign")
        case .returnAfterRuling: Row("GL-4015", "no return after a ruling", "handle it: the ruling is final")
        case .sameDispatcher:
            Row("GL-4016", "another dispatcher than the first decides", "let a colleague decide")
        case .noRequest:
            Row("GL-4017", "a request is open", "nothing waits for an answer; look at the history")
        case .extensionLate:
            Row("GL-4018", "an extension is asked for in time", "reply now; the time that is left is too short to ask")
        case .extensionLimit:
            Row("GL-4019", "no more extensions than the rules give", "reply, or ask to suspend")
        case .extensionUrgent:
            Row("GL-4020", "an urgent ticket is not extended", "reply with what was done so far")
        case .extensionSpan:
            Row(
                "GL-4021", "an extension is later than the due time and at most as long as the limit",
                "choose a date in that range")
        case .contactTries: Row("GL-4022", "the tries that the rules ask for", "try again, at another time of day")
        case .sameAccount: Row("GL-4023", "a second person confirms", "let a colleague confirm")
        case .helper: Row("GL-4024", "the unit at this node is a helper", "note progress instead")
        case .evidence: Row("GL-4025", "a photograph of the facility", "attach at least one photograph (evidence)")
        case .answerSource:
            Row("GL-4026", "a knowledge article or a three-party call", "name the article (article) or the call (call)")
        case .categoryUnknown: Row("GL-4027", "the category is known", "choose a category (category)")
        case .redoWindow:
            Row(
                "GL-4028", "a redo within the days that the rules give",
                "register a new ticket that names this one")
        case .supervisionLevel:
            Row("GL-4029", "a level above or below the present one", "choose another level")
        case .mergeWithItself: Row("GL-4030", "another ticket", "name the ticket that stays")
        case .streetOwned:
            Row("GL-4031", "the case belongs to a street", "the centre owns it already; reassign it")
        case .afterDispatch:
            Row("GL-4032", "the ticket was never dispatched", "finish it with an explanation")
        case .notSuspended: Row("GL-4033", "the clock is stopped", "nothing to resume")
        case .dateOrder: Row("GL-4034", "now, then review, then the promised date", "correct the dates")
        case .handlerReviews:
            Row("GL-4035", "another person than the handler reviews", "let a colleague review")
        case .redoOpen:
            Row("GL-4036", "the proposal of a redo is answered", "order the redo, or decline it with a reason")
        case .insideStreet:
            Row(
                "GL-4037", "a street dispatches its own case inside the street",
                "choose a unit of this street, or ask the centre to take the case over")
        case .notFake:
            Row(
                "GL-4038", "a finish before its callback is redone only when it was found fake",
                "record the callback first, or the finding")
        case .gridLead:
            Row(
                "GL-4050", "a grid leads only a case that its street owns",
                "dispatch to its street, name it as a helper"
            )
        case .nodeNotEnrolled:
            Row(
                "GL-4051", "the node belongs to the district",
                "leave the node out, or invite it first with `gridline nodes invite`")
        case .holderUnit:
            Row(
                "GL-4052", "the person is of the unit that has it, of one below it, or its street's clerk",
                "let that unit do it, or ask the dispatcher to reassign")
        case .helperLate:
            Row(
                "GL-4053", "a helper reports before its own due time", "note progress instead: that is open at any time"
            )
        case .mergePartner:
            Row(
                "GL-4054", "the ticket that stays exists, is neither merged nor void, and has the same owner",
                "name the ticket that stays, or take over the street's case first")
        case .partnerOpen:
            Row(
                "GL-4055", "the ticket that a merged one went into is finished",
                "wait for its finish, or part the tickets again")
        case .notMerged: Row("GL-4056", "the ticket is merged", "choose another code, or record the callback")
        case .conflictOpen:
            Row(
                "GL-4057", "the event is an open conflict of this ticket",
                "look at the ticket's conflicts: somebody may have settled it")
        case .unitUnknown:
            Row(
                "GL-4058", "the unit is in the territory, below one of its streets, or in the dispatch catalogue",
                "look for its code with `gridline rules show`; a unit that is new is published first")
        }
    }
}
