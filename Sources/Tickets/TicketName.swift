/// The name of a ticket's stream (工单流), as somebody from outside writes it.

package import Events

extension StreamName {
    /// The ticket that a key on the way in means.
    ///
    /// Keys are UUIDs as `CommandID` writes them. RFC 9562 reads both cases as one, and so do people who copy them: read letter by
    /// letter, the other case would be another ticket. Other keys, which older logs and other programs may have, stay as they are.
    ///
    /// - Throws: `.malformed` when the key is none.
    package init(ticketKey key: String) throws(IdentifierError) {
        try self.init(category: "ticket", key: (try? CommandID(key))?.description ?? key)
    }

    /// A stream's name on the way in: a ticket's by its key, any other as it is.
    ///
    /// - Throws: `.malformed` when the name is none.
    package init(asked name: String) throws(IdentifierError) {
        let stream = try StreamName(name)
        self = stream.category == "ticket" ? try StreamName(ticketKey: String(stream.key)) : stream
    }
}
