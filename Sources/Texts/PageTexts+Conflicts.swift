/// Why an event does not count, in words: the short code that views keep.

import Tickets

extension PageTexts {
    /// - Parameter code: `TicketEffect.code`; one that is not a conflict's stands as it is.
    package func conflictReason(_ code: String) -> String {
        switch code {
        case "notOwner": self[.reasonNotOwner]
        case "notHolder": self[.reasonNotHolder]
        case "rightEnded": self[.reasonRightEnded]
        case "overruled": self[.reasonOverruled]
        case _: code
        }
    }

    /// What became of an event, from `TicketEffect.code` alone; a code of another version stands as it is.
    package func effect(code: String) -> String {
        switch code {
        case "effective": self[.effective]
        case "duplicate": self[.notEffective]
        case "malformed": effect(.malformed(""))
        case "unknownType": effect(.unknownType)
        case "letGo": effect(.letGo)
        case "missing": effect(.missing)
        case "notOwner", "notHolder", "rightEnded", "overruled":
            self[.notEffective] + (language == .chinese ? "：" : ": ") + conflictReason(code)
        case _: code
        }
    }
}
