// The bounds of an exchange of keys, and what it knows of a node that it talks with.

import Events

extension KeyExchange {
    enum Limit {
        /// Rows of the log that are looked at for boxes in a turn.
        static let rows = 4_000
        /// Keys that are given at once, at most.
        static let keys = 64
        /// Answers in one message; 256 bytes each at most.
        static let answers = 128
        /// Milliseconds until a question without an answer is asked again.
        static let answer: Int64 = 3_000
        /// Questions in a row without an answer after which the peer is taken for one that knows nothing of keys; a line that
        /// brings nothing ends its session sooner.
        static let unanswered = 10
        /// Boxes whose keys peers asked for in vain, and get when they come.
        static let owed = 4_096
        /// Milliseconds until all that is lacking is asked for again.
        static let again: Int64 = 60_000
        /// Rows without boxes after which the place is written down all the same.
        static let unwritten: Int64 = 10_000
        /// Events of a stream among which a box is looked for.
        static let history = 1_000
        /// Events that are read in a turn to look for boxes, and those of the box that was begun with.
        static let looked = 4_000
        /// Keys of a peer that wait to be kept.
        static let came = 128
        /// Keys of a peer that do not open their boxes of which alarms tell.
        static let wrong = 100
        /// Boxes that are looked at once for the end of their tickets, and milliseconds between.
        static let expiring = 64
        static let expiringEach: Int64 = 60_000
        /// Keys that expired and are told of in one transaction.
        static let told = 64
    }

    /// A node that this one has a session with.
    struct Peer {
        var session: UInt64
        /// What was asked and is not answered yet.
        var asked: Set<PersonID> = []
        var askedAt: Int64 = 0
        /// Questions in a row that had no answer.
        var unanswered = 0
        /// How long an answer is waited for, in milliseconds.
        var patience: Int64 { unanswered < Limit.unanswered ? Limit.answer : Limit.again }
        /// Older boxes than this one are asked for next.
        var below: Int64 = .max
        /// When to begin with the newest again; nil while older ones are still to be asked for.
        var beginsAt: Int64?
        /// At the centre: older boxes than this one are next looked at for those that this peer may have, though another wrote
        /// them; nil when all were.
        var search: Int64? = .max
        /// Where the search stood before what is asked now.
        var searched: Int64?
        /// At a street: boxes up to this one were offered in this round, and whether any was.
        var offered: Int64 = 0
        var isOffering = false
        /// Rounds of offers in a row without a word about them.
        var rounds = 0
        /// Boxes that the peer asked for and that are to be answered.
        var questions: [Box] = []
        /// Its keys among those that came.
        var came = 0
    }
}
