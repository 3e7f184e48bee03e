/// What an import hands to the log: per row of the source, the steps of one ticket (工单) with the source's own times.

package import Events
package import Privacy

/// Names the content of a row as it was when it was last taken, without saying what it was.
///
/// Kept in `source` of the event's body. Computed over texts in which phone and identity numbers are already
/// tokens, so that nobody can try numbers against it after their keys are destroyed; a re-fetch in which only
/// such a number changed therefore counts as repeated.
package struct SourceRevision: Sendable, Equatable {
    /// Of what describes the ticket: matter, category, place … 32 hexadecimal digits.
    package let content: String
    /// Of how far it is: state, flags, timed steps.
    ///
    /// 32 hexadecimal digits.
    package let progress: String
    /// The source's own time of the row's last change.
    package let updatedAt: Timestamp?

    package init(content: String, progress: String, updatedAt: Timestamp?) {
        self.content = content
        self.progress = progress
        self.updatedAt = updatedAt
    }

    /// The text that events carry: `content-progress`.
    package var text: String { "\(content)-\(progress)" }

    /// Reads it back from the body of `ticket.imported` or `ticket.importUpdated`; nil when the body has none.
    package init?(body: JSONObject) {
        guard let source = body["source"]?.object, let text = source["revision"]?.string else { return nil }
        let parts = text.split(separator: "-")
        guard parts.count == 2 else { return nil }
        content = String(parts[0])
        progress = String(parts[1])
        updatedAt = source["updatedAt"]?.integer.map(Timestamp.init(milliseconds:))
    }
}

/// One step of a ticket's history that the source gives a time for.
package struct ImportStep: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// `ticket.imported`: the ticket as it came in.
        case imported
        /// `ticket.importUpdated`: a later step, or what a later fetch showed.
        case updated
    }

    package let kind: Kind
    package let occurredAt: Timestamp
    package let body: JSONObject
    package let commandID: CommandID

    package var type: EventType {
        switch kind {
        case .imported: EventType("ticket.imported")
        case .updated: EventType("ticket.importUpdated")
        }
    }
}

/// The steps of one row that are new, ready to be appended to the ticket's stream in their order.
package struct ImportRecord: Sendable, Equatable {
    package let source: String
    package let id: String
    /// `ticket/` and an id derived from source and id, so that every run and every fetch meets the same ticket.
    package let ticket: StreamName
    /// The row in the file, from 1.
    package let row: Int
    package let revision: SourceRevision
    package let steps: [ImportStep]
    /// Who called, sealed with the first step, whose body gets the reference; nil in an update.
    ///
    /// A caller is taken once, with the ticket: one that was erased would else come back with the next fetch.
    package let person: PersonData?
    package let sealedNumbers: [SealedNumber]

    /// What the first step's box holds.
    package var sealed: SealedContent { SealedContent(person: person, numbers: sealedNumbers) }
}
