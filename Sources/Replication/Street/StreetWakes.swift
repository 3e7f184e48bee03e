/// The tickets that a street asks its hub for because it has no rows of them (`docs/decisions/0025-a-feed-begins-anew.md`).

package import Events

package struct StreetWakes: Sendable {
    enum Limit {
        /// Tickets that are remembered; the oldest answers go first.
        static let tickets = 256
        /// Milliseconds until a question without an answer is asked again.
        static let answer: Int64 = 3_000
    }

    private struct Wish: Sendable {
        var stream: StreamName
        var state = TicketWake.asked
        /// Steady milliseconds.
        var askedAt: Int64?
    }

    /// Oldest first.
    private var wishes: [Wish] = []

    package init() {}

    /// Asks for a ticket, or tells what came of an earlier question; one that was refused is asked for again.
    ///
    /// - Returns: nil when too many are asked for already.
    mutating func ask(_ stream: StreamName) -> TicketWake? {
        if let place = wishes.firstIndex(where: { $0.stream == stream }) {
            let state = wishes[place].state
            if state != .asked { wishes.remove(at: place) }
            return state
        }
        if wishes.count == Limit.tickets {
            guard let answered = wishes.firstIndex(where: { $0.state != .asked }) else { return nil }
            wishes.remove(at: answered)
        }
        wishes.append(Wish(stream: stream))
        return .asked
    }

    mutating func answered(_ stream: StreamName, _ answer: BaseMessage.Woken) {
        guard let place = wishes.firstIndex(where: { $0.stream == stream && $0.state == .asked }) else { return }
        wishes[place].state = answer == .inFeed ? .onItsWay : .notForYou
    }

    /// The questions that are due now.
    mutating func questions(now: Int64) -> [StreamName] {
        var due: [StreamName] = []
        for place in wishes.indices where wishes[place].state == .asked {
            if let asked = wishes[place].askedAt, now - asked < Limit.answer { continue }
            wishes[place].askedAt = now
            due.append(wishes[place].stream)
        }
        return due
    }
}

extension StreetDesk {
    /// Asks the hub for a ticket of which nothing is here; what came of it is told when it is asked again.
    ///
    /// - Returns: nil when too many are asked for already.
    package mutating func wake(_ stream: StreamName) -> TicketWake? { wakes.ask(stream) }

    mutating func askForTickets(_ now: Moment) {
        guard let current = session?.session else { return }
        for stream in wakes.questions(now: now.steady) { send(.bases(session: current, .wake(stream))) }
    }
}
