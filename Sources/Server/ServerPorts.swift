/// What the HTTP side needs of the node, as values and closures: it knows no log, no loop and no socket of it.

package import Events
package import Node
package import Privacy
package import Projections
package import Texts
package import Tickets

package struct ServerPorts: Sendable {
    /// A command, with the person block that is sealed on the way.
    package typealias Asked = (command: NodeCommand, person: PersonData?)

    /// Hands commands to the node together, in their order, and waits for the commit of all; an answer for each.
    package var submitAll: @Sendable ([Asked]) async -> [Result<CommandReply, any Error>]
    package var identities: Identities
    /// Photographs and recordings.
    package var blobs: any BlobStorage
    /// Which of them are on their way.
    package var blobStatus: @Sendable () -> BlobStatus
    /// A ticket with its complete history, read from the log, now or at a past moment; nil when it is not there then.
    package var ticket: @Sendable (StreamName, PastMoment?) throws -> TicketFold?
    /// Asks the centre for a ticket of which nothing is here, or tells what it has said; nil where nobody can be asked.
    package var fetch: @Sendable (StreamName) async throws -> TicketWake?
    /// One page of the log's events above a position: at most so many.
    package var events: @Sendable (ReadScope, Int64, Int) throws -> [StoredEvent]
    /// Where the log ends.
    package var head: @Sendable () throws -> Int64
    /// Told of each commit.
    package var commits: CommitSignal
    /// Told how far log and views are.
    package var progress: NodeProgress
    /// How long a read waits for the position that it wants.
    package var patience = Duration.seconds(2)
    /// How far the centre has confirmed this node's own events, by their origin; a street's, empty elsewhere.
    package var confirmed: @Sendable () -> [Origin: Int64]
    /// Whether the line to the centre is up, and how many own events the centre is not known to have.
    package var line: @Sendable () -> (isLinked: Bool, outbox: Int64)
    /// The rules in force; nil while nobody knows them.
    package var rules: @Sendable () -> (any TicketRules)?
    /// Positions, lag, peers and alarms as `docs/cli-json.md` documents them; the alarms are in a language.
    package var status: @Sendable (_ language: Language) throws -> JSONObject
    /// Notes that an account sees to a raised alarm, by its rule and labels, and gives whoever said so first; nil when no
    /// such alarm is raised.
    package var acknowledge: @Sendable (_ rule: String, _ labels: [String: String], _ account: String) -> String?
    /// Told of an error that no answer was made for, as an alarm; must not block.
    package var unexpected: @Sendable (_ alarm: Words) -> Void
    package var views: ViewStore
    package var clock: any WallClock
    /// The token that may write; whoever holds it asserts the acting account.
    package var token: String
    /// Shown at the head of each page.
    package var node: NodeID
    /// Whether this node decides what is the centre's.
    package var isCentre: Bool
    package var utcOffsetMinutes: Int

    package init(
        submitAll: @escaping @Sendable ([Asked]) async -> [Result<CommandReply, any Error>],
        identities: Identities, blobs: any BlobStorage, blobStatus: @escaping @Sendable () -> BlobStatus,
        ticket: @escaping @Sendable (StreamName, PastMoment?) throws -> TicketFold?,
        fetch: @escaping @Sendable (StreamName) async throws -> TicketWake?,
        events: @escaping @Sendable (ReadScope, Int64, Int) throws -> [StoredEvent],
        head: @escaping @Sendable () throws -> Int64, commits: CommitSignal, progress: NodeProgress,
        confirmed: @escaping @Sendable () -> [Origin: Int64],
        line: @escaping @Sendable () -> (isLinked: Bool, outbox: Int64),
        rules: @escaping @Sendable () -> (any TicketRules)?,
        status: @escaping @Sendable (_ language: Language) throws -> JSONObject,
        acknowledge: @escaping @Sendable (_ rule: String, _ labels: [String: String], _ account: String) -> String?,
        unexpected: @escaping @Sendable (_ alarm: Words) -> Void,
        views: ViewStore, clock: any WallClock, token: String, node: NodeID, isCentre: Bool,
        utcOffsetMinutes: Int
    ) {
        self.submitAll = submitAll
        self.identities = identities
        self.blobs = blobs
        self.blobStatus = blobStatus
        self.ticket = ticket
        self.fetch = fetch
        self.events = events
        self.head = head
        self.commits = commits
        self.progress = progress
        self.confirmed = confirmed
        self.line = line
        self.rules = rules
        self.status = status
        self.acknowledge = acknowledge
        self.unexpected = unexpected
        self.views = views
        self.clock = clock
        self.token = token
        self.node = node
        self.isCentre = isCentre
        self.utcOffsetMinutes = utcOffsetMinutes
    }
}

extension ServerPorts {
    /// Hands one command to the node and waits for its commit.
    func submit(_ command: NodeCommand, _ person: PersonData?) async -> Result<CommandReply, any Error> {
        guard let answer = await submitAll([(command, person)]).first else {
            preconditionFailure("a command without an answer")
        }
        return answer
    }

    /// A ticket's number as lists show it; nil for its own, also while the views cannot be read: what is read from the log
    /// or was committed does not wait for them, and that they are damaged is an alarm of their own thread.
    func shownNumber(of ticket: StreamName) -> String? { (try? views.ticket(ticket))?.shownNumber }
}

extension ServerPorts {
    /// Why a ticket is not where its unit works; the centre's to say.
    func undelivered(_ state: TicketState) -> Undelivered? {
        guard isCentre, let rules = rules() else { return nil }
        return state.undelivered(under: rules, centre: node)
    }
}

/// A moment that a ticket is shown at.
package enum PastMoment: Sendable, Equatable {
    /// What had happened by then, whenever this log learned of it.
    case occurred(by: Timestamp)
    /// What this log had learned by then.
    case known(by: Timestamp)
}

/// What HTTP may ask of the vault.
package struct Identities: Sendable {
    /// The key of a person, or why it is not here.
    package var key: @Sendable (PersonID) throws -> HeldKey
    /// The key of a ticket's box for whoever looks; absent also when the ticket has left this node.
    package var keyOfBox: @Sendable (Box) throws -> HeldKey
    /// The persons that a number finds (`PersonData.lookup`).
    package var find: @Sendable (String) throws -> [PersonID]

    package init(
        key: @escaping @Sendable (PersonID) throws -> HeldKey,
        keyOfBox: @escaping @Sendable (Box) throws -> HeldKey,
        find: @escaping @Sendable (String) throws -> [PersonID]
    ) {
        self.key = key
        self.keyOfBox = keyOfBox
        self.find = find
    }
}
