/// Why an event does not count, in words: the short code that views keep.

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
}
