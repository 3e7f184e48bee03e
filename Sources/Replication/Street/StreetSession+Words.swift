// What a street's session is told, what it wants done, and its limits.

package import Events

extension StreetSession {
    package enum Input: Sendable {
        case tick
        case message(Message)
        /// The shell has committed rows up to here.
        case applied(FeedName, FeedCursor)
        /// A transaction with rows was lost: what was handed out and is not durable comes again.
        case applyFailed
        /// Rows that do not stand at the hub are aside, durably: the feed's last row is this one.
        case rewound(FeedName, FeedCursor)
        /// The answer to `.readMarks`.
        case marks(FeedName, [FeedCursor])
        /// The own origins' heads after local commits.
        ///
        /// - whole: how far those are here without a hole that have one.
        case localHeads([OriginMark], whole: [Origin: Int64] = [:])
        /// The answer to `.readOwn`: what follows that sequence without a hole; above a hole, what comes first.
        case ownEvents(Origin, above: Int64, [Event])
        /// The answer to `.readOwn` when the log is damaged right behind that sequence: until the next session nothing beyond is
        /// read.
        case ownUnreadable(Origin, above: Int64)
        /// Rows that could not be read can be read again.
        case healed
    }

    package enum Action: Sendable, Equatable {
        case send(Message)
        /// Connect SUB to these ports of the hub, instead of any before.
        case subscribe([String])
        /// Ingest the rows' events and keep the rows in one transaction, then report `.applied`.
        case apply(FeedName, [ChainedRow], FeedCursor)
        /// Read the kept rows at these places.
        case readMarks(FeedName, [Int64])
        /// Put the kept rows above this one aside in a transaction, then report `.rewound`.
        case rewind(FeedName, to: FeedCursor)
        /// The hub says something about keys of persons.
        case keys(KeyMessage)
        /// The hub asks for what it lost, gives what is lost here, or signs an end.
        case repair(RepairMessage)
        /// The hub says whether a ticket that was asked for has rows in this node's feed.
        case woken(StreamName, BaseMessage.Woken)
        /// Read events of an own origin above a sequence, at most `Message.fillLimit` bytes.
        case readOwn(Origin, above: Int64)
        case alarm(Words)
    }

    /// Times are steady milliseconds.
    package enum Phase: Sendable, Equatable {
        case offline(until: Int64)
        case hello(sent: Int64)
        case online(session: UInt64)
    }

    /// Limits and times in milliseconds; credit in bytes.
    package enum Limit {
        package static let hello: Int64 = 2_000
        package static let ping: Int64 = 5_000
        package static let silence: Int64 = 20_000
        package static let answer: Int64 = 3_000
        /// A feed of which the hub said nothing for so long is pulled: hints come each second, unless PUB is out of reach.
        package static let quiet: Int64 = 1_500
        /// What was compared and found equal is not compared again before.
        package static let compareAgain: Int64 = 60_000
        /// A pull that is answered within this time earns more credit.
        package static let promptAnswer: Int64 = 1_000
        package static let creditFirst: UInt32 = 256 << 10
        package static let creditLeast: UInt32 = 4 << 10
        /// As much as the queues of both ends hold (64 messages of 48 KiB and more).
        package static let creditMost: UInt32 = 2 << 20
        package static let backoffFirst: Int64 = 100
        package static let backoffLast: Int64 = 30_000
        /// A hundred streets that lose one hub come back within this time, not at once.
        package static let spread: Int64 = 200
        /// Events on their way to the hub without its word, and their bytes; the window begins, and ends, as the credit does.
        package static let inFlight: Int64 = 2_000
        /// Fewer events than so many wait for so many milliseconds while others before them have no word of the hub.
        package static let gathered: Int64 = 64
        package static let gathering: Int64 = 100
        package static let windowMost = 1 << 20
        /// Origins that are read at once.
        static let originsRead = 64
    }
}
