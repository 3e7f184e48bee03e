/// The port of the log: what the core asks of whatever stores events.
///
/// Two implementations pass one contract suite (`Tests/LogContract`): SQLite (`Log`) and memory
/// (`Simulation`). All calls are synchronous; the shell decides which thread makes them.

/// The writing side.
///
/// Used by one thread only, the node's writer.
package protocol EventLog: AnyObject {
    /// The origin under which this opening writes; its incarnation was minted when the log was opened.
    var origin: Origin { get }

    /// Runs `body` in one transaction, and returns when the transaction is on the disk.
    ///
    /// Nothing that happened inside may be acknowledged before this returns. When `body` throws, or the
    /// commit fails, nothing of it is stored.
    ///
    /// - Throws: what `body` throws, or `LogFailure` when storing failed.
    func write<Result>(_ body: (any LogTransaction) throws -> Result) throws -> Result

    /// Reads on the writer's own connection: inside `write` it sees what the transaction wrote so far.
    var reader: any EventReader { get }

    /// Where the log ends, as its reader says it, without a look at the disk: asked for around each command.
    var head: LogHead { get }

    /// Damage of rows that the last writes met and passed over: nobody else may read them soon.
    func takeDamage() -> [LogFailure]

    /// Records of the node's own that the last transactions refused, whether or not these were committed; at most
    /// `RefusalBook.limit`.
    func takeUnrecorded() -> [Unrecorded]
}

/// One open transaction of the log.
///
/// Valid only inside the `write` that handed it out.
package protocol LogTransaction {
    /// Appends the drafts of one command, all or none.
    ///
    /// Everything is checked before anything is written, so a refusal leaves the transaction as it was and
    /// other commands of the same group go on. A command that was appended before, by any origin, gives
    /// `.repeated` whatever its conditions, also when it had yielded nothing; a system actor's only when this node
    /// appended it, because anybody can compute the ids of timers and write under them.
    ///
    /// - Throws: `LogFailure` when storing failed; the whole transaction is then lost.
    func append(_ request: AppendRequest) throws(LogFailure) -> AppendOutcome

    /// Notes that a record of the node's own was refused (`record`).
    func refused(_ record: Unrecorded)

    /// Takes in events that other nodes wrote. See `IngestOutcome` for what becomes of each.
    ///
    /// - Parameters:
    ///   - events: whole events, in the order in which they came.
    ///   - dense: whether each origin must arrive without holes (own events, street origins at the hub): an event is taken
    ///     only as the next after all before it, also where an import has left later ones;
    ///     with `false` the hash and `previous` travel along unchecked against a predecessor that is not here.
    /// - Throws: `LogFailure` when storing failed; the whole transaction is then lost.
    func ingest(_ events: [Event], dense: Bool, receivedAt: Timestamp) throws(LogFailure) -> [IngestOutcome]

    /// Keeps rows of another node's feed, in the transaction of the events that they brought, and behind these.
    ///
    /// - Parameter rows: the next ones of the feed, in order; they lead to their chain values. The first of a feed is row 1, or the
    ///   one of the event that names the row before it (`FeedBase`).
    /// - Throws: `LogFailure.corrupt` for rows that are not the next ones.
    func keep(_ rows: [ReceivedRow], of feed: FeedName) throws(LogFailure)

    /// Puts rows of another node's feed aside that are not in it: those above a row that is.
    ///
    /// They stay in the log, and an event of this node says so (`Rewind`); the feed goes on behind `cursor`.
    ///
    /// - Parameter cursor: a row that was kept, with its chain value, or the feed's seed.
    /// - Returns: the event, if there was something to put aside; nil when its event was refused: the rows stay where they are.
    /// - Throws: `LogFailure.corrupt` when no such row was kept.
    func rewind(_ feed: FeedName, to cursor: FeedCursor, now: Timestamp) throws(LogFailure) -> [StoredEvent]?

    /// Ends the past of a feed that this node serves: all streams in it sleep until they are woken or get their next event.
    ///
    /// - Parameter node: whose feed it is.
    /// - Returns: the event; nil for a feed without rows, and when it was refused.
    func rebase(_ feed: FeedName, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent?

    /// Gives streams their rows in a feed, those of them that sleep there.
    ///
    /// - Parameter node: whose feed it is.
    /// - Returns: the event; nil when it would say nothing (no stream sleeps, and nothing of a base is told), and when it was
    ///   refused.
    func wake(_ wake: FeedWake, of node: NodeID, now: Timestamp) throws(LogFailure) -> StoredEvent?

    /// Keeps the signed end of another node's feed in place of one before it; nothing when its row is not here.
    ///
    /// One that is behind stays: a hub that was restored from an older copy signs earlier ends again.
    func keep(_ head: SignedHead, of feed: FeedName) throws(LogFailure)

    /// Gives a rotten row its event back (`docs/format/log.md` 10); an event of this node says so.
    ///
    /// So it does with one whose body was let go and is this node's again.
    ///
    /// - Parameter event: taken when the row's own hash, or the local chain, proves that it stood there.
    /// - Throws: `LogFailure` when storing failed; the whole transaction is then lost.
    func heal(_ event: Event, at position: Int64, now: Timestamp) throws(LogFailure) -> Healing

    /// Lets the bodies and boxes go that others wrote in a stream that left (`docs/format/log.md` 11); an event of this node says
    /// so.
    ///
    /// - Returns: the event; nil when the LEAVE is not the stream's last word in the feed, when nothing of it can go, and while one
    ///   of its rows is rotten.
    func purge(_ left: LeftStream, of feed: FeedName, now: Timestamp) throws(LogFailure) -> StoredEvent?

    /// Puts on record that nobody gives back the body of a row that was let go and is this node's again.
    ///
    /// - Returns: the event; nil when the row is no such one, or it is on record already.
    func miss(_ position: Int64, now: Timestamp) throws(LogFailure) -> StoredEvent?

    /// Where an event with this id and hash stands in this log; nil when it is not here.
    func position(of id: EventID, hash: Digest) throws(LogFailure) -> Int64?
}

/// A condition on a stream, whether the command writes to it or not.
package struct StreamCondition: Sendable, Equatable {
    package enum Expectation: Sendable, Equatable {
        /// The stream holds exactly this many events (0: none).
        case exactly(Int64)
        /// The stream holds at least one event.
        case exists
        /// The stream holds nothing.
        case absent

        fileprivate var words: Words {
            switch self {
            case .exactly(let version): "\(version)"
            case .exists: "a stream that is there"
            case .absent: "a stream that is not there yet"
            }
        }
    }

    package var stream: StreamName
    package var expectation: Expectation

    package init(_ stream: StreamName, _ expectation: Expectation) {
        self.stream = stream
        self.expectation = expectation
    }
}

/// What one command wants appended.
package struct AppendRequest: Sendable, Equatable {
    package var command: CommandID
    package var actor: Actor
    /// The node's wall clock; becomes `recordedAt`, and feeds the hybrid clock.
    package var now: Timestamp
    /// At most 1,000; may be empty: the command is then remembered as one that yielded nothing.
    package var drafts: [Draft]
    /// A stream without a condition is appended to whatever its version (`any`).
    package var conditions: [StreamCondition]
    /// What the command asks for, such as `ticket/0197… ticket.signed`; kept when it yields nothing, so that its id cannot
    /// pass for another command's.
    package var about: String

    /// - Parameter about: when nil, the stream and type of the first draft.
    package init(
        command: CommandID, actor: Actor, now: Timestamp, drafts: [Draft], conditions: [StreamCondition] = [],
        about: String? = nil
    ) {
        self.command = command
        self.actor = actor
        self.now = now
        self.drafts = drafts
        self.conditions = conditions
        self.about = about ?? drafts.first.map { "\($0.stream) \($0.type.name)" } ?? ""
    }
}

/// What a command came to when it was appended.
package struct CommandOutcome: Sendable, Equatable {
    /// Its events of every origin, by position; empty when it yielded nothing.
    package var stored: [StoredEvent]
    /// What it was about; of a command that stored something, the stream and type of its first event.
    package var about: String

    package init(stored: [StoredEvent], about: String = "") {
        self.stored = stored
        self.about = stored.first.map { "\($0.event.stream) \($0.event.type.name)" } ?? about
    }

    /// What a repeat by `actor` at `node` is answered with; nil when it is no repeat (`LogTransaction.append`).
    package func answer(to actor: Actor, at node: NodeID) -> [StoredEvent]? {
        guard let first = stored.first else { return [] }
        if actor.system == nil { return stored.filter { $0.event.id.origin == first.event.id.origin } }
        let own = stored.filter { $0.event.id.origin.node == node }
        return own.isEmpty ? nil : own
    }
}

package enum AppendOutcome: Sendable, Equatable {
    /// Stored now, in order.
    case appended([StoredEvent])
    /// The command was here before: what it stored then (empty if it had yielded nothing).
    case repeated([StoredEvent])
    /// Not stored; nothing changed.
    case refused(AppendRefusal)
}

/// Why a command's events were not appended.
package enum AppendRefusal: Problem, Equatable {
    /// Another command was first: the condition on `stream` does not hold.
    case versionConflict(stream: StreamName, expected: StreamCondition.Expectation, actual: Int64)
    /// A part of a draft is above its limit (`Event.Limit`), in bytes or entries.
    case oversize(stream: StreamName, part: Words, size: Int, limit: Int)
    /// The request holds more drafts than one command may.
    case tooManyDrafts(count: Int, limit: Int)

    package var code: String {
        switch self {
        case .versionConflict: "GL-2001"
        case .oversize: "GL-2002"
        case .tooManyDrafts: "GL-2003"
        }
    }

    package var message: Words {
        switch self {
        case .versionConflict(let stream, let expected, let actual):
            "\(stream) is at version \(actual), the command expected \(expected.words)"
        case .oversize(let stream, let part, let size, let limit):
            "\(part) of an event for \(stream) has \(size), the limit is \(limit)"
        case .tooManyDrafts(let count, let limit): "\(count) events in one command, the limit is \(limit)"
        }
    }

    package var hint: Words {
        switch self {
        case .versionConflict: "read the stream again, decide anew, and send the command with the version you saw"
        case .oversize: "shorten the text, or attach it as a blob and name the blob in the body"
        case .tooManyDrafts: "split the work into several commands"
        }
    }
}

/// What became of an event that another node wrote.
package enum IngestOutcome: Sendable, Equatable {
    /// Stored now.
    case stored(StoredEvent)
    /// Here already, with the same hash.
    case duplicate(EventID)
    /// Here already, but for the body that was let go: that is back. The last one of a stream has the event that says so.
    case refilled(EventID, record: StoredEvent?)
    /// The same id is here with another hash. It is in quarantine, not in the log, as long as there is room for its origin
    /// (`Quarantine`); raise an alarm.
    case fork(EventID, here: Digest, offered: Digest, isKept: Bool)
    /// The hash is not that of the fields, `previous` is not the hash of the event before, the event after it, which is
    /// here, follows another one, or the origin has written another event under the same command and index. Refused.
    case broken(EventID, reason: Words)
    /// `dense` was asked for and an event before is not here, whether this one is or not. Send from `expected` on.
    case gap(EventID, expected: Int64)
}

/// How far a feed was applied: its row number and the chain value there.
package struct FeedCursor: Sendable, Equatable {
    package var fseq: Int64
    package var chain: ChainValue
    package init(fseq: Int64, chain: ChainValue) {
        self.fseq = fseq
        self.chain = chain
    }
}

/// Storing or reading failed.
///
/// The caller cannot mend it; the shell decides whether to stop the node.
package enum LogFailure: Problem, Equatable {
    /// The store answered with an error; `fatal` when the disk can no longer be trusted (a failed sync).
    case storage(operation: Words, detail: Words, fatal: Bool)
    /// The disk is full.
    case full(operation: Words)
    /// A file that is to be made is there.
    case exists(path: String)
    /// A file stands beside the one that is to be made, and SQLite would read it as a part of that.
    case leftover(path: String, of: String)
    /// Another process writes to this log.
    case held(path: String)
    /// A rule of the tables forbids it, such as that an origin repeats no command.
    case forbidden(operation: Words, detail: Words)
    /// What is stored contradicts itself at this place.
    case corrupt(table: String, position: Int64, detail: Words)

    package var code: String {
        switch self {
        case .storage: "GL-2010"
        case .full: "GL-2011"
        case .corrupt: "GL-2012"
        case .forbidden: "GL-2013"
        case .exists: "GL-2014"
        case .held: "GL-2015"
        case .leftover: "GL-2016"
        }
    }

    package var message: Words {
        switch self {
        case .storage(let operation, let detail, _): "\(operation) failed: \(detail)"
        case .full(let operation): "\(operation) failed: the disk is full"
        case .forbidden(let operation, let detail): "\(operation) is forbidden: \(detail)"
        case .exists(let path): "\(path) exists"
        case .leftover(let path, let target): "\(path) is left of another log, and SQLite would read it into \(target)"
        case .held(let path): "another process has \(path) open for writing"
        case .corrupt(let table, let position, let detail): "\(table) at \(position) is damaged: \(detail)"
        }
    }

    package var hint: Words {
        switch self {
        case .storage(_, _, let fatal):
            fatal
                ? "stop the node, check the disk, then run `gridline verify` before starting it again"
                : "try again; if it stays, see the system's log"
        case .full: "free space on the disk; nothing acknowledged is lost, and the node goes on when there is room"
        case .forbidden: "nothing of it was stored; run `gridline verify` and report what it says"
        case .exists: "name a new file; nothing is overwritten"
        case .leftover:
            "move it to another folder, since it may hold events that nothing else has; or name another file"
        case .held: "stop it first, or ask the running node over HTTP: `gridline status`, `gridline ticket`"
        case .corrupt: "run `gridline verify`, keep the folder as it is, and restore from a backup or a peer"
        }
    }
}
