/// What the HTTP side needs of the node, as values and closures: it knows no log, no loop and no socket of it.

package import Events
package import Node
package import Projections
package import Tickets

package struct ServerPorts: Sendable {
    /// Hands a command to the node and waits for its commit.
    package var submit: @Sendable (NodeCommand) async throws -> Result<CommandReply, any Error>
    /// A ticket with its complete history, read from the log; nil when it is not here.
    package var ticket: @Sendable (StreamName) throws -> TicketFold?
    /// Positions, lag, peers and alarms as `docs/cli-json.md` documents them.
    package var status: @Sendable () throws -> JSONObject
    package var views: ViewStore
    package var clock: any WallClock
    /// The token that may write; whoever holds it asserts the acting account.
    package var token: String
    /// Shown at the head of each page.
    package var node: NodeID
    package var utcOffsetMinutes: Int

    package init(
        submit: @escaping @Sendable (NodeCommand) async throws -> Result<CommandReply, any Error>,
        ticket: @escaping @Sendable (StreamName) throws -> TicketFold?,
        status: @escaping @Sendable () throws -> JSONObject,
        views: ViewStore, clock: any WallClock, token: String, node: NodeID, utcOffsetMinutes: Int
    ) {
        self.submit = submit
        self.ticket = ticket
        self.status = status
        self.views = views
        self.clock = clock
        self.token = token
        self.node = node
        self.utcOffsetMinutes = utcOffsetMinutes
    }
}
