/// The ticket that somebody names on the way in: by its key, or by the number that people read out (工单编号).

import Events
import Foundation
import HTTPTypes
import Projections
import Tickets

extension ServerPorts {
    /// The ticket that a path names.
    ///
    /// - Parameter name: a key or a number, as it stands in the path.
    /// - Throws: `NumberProblem` for a number that names no ticket, or several; `.malformed` for what is no name.
    func ticket(inPath name: String) async throws -> StreamName {
        let name = name.removingPercentEncoding ?? name
        return try await ticket(numbered: name) ?? StreamName(ticketKey: name)
    }

    /// The ticket that a member names: as a path does, or by its whole name.
    func ticket(called name: String, waits: Bool) async throws -> StreamName {
        if name.hasPrefix("ticket/") { return try StreamName(asked: name) }
        return try await ticket(numbered: name, waits: waits) ?? StreamName(ticketKey: name)
    }

    /// The one ticket with a number; nil for a text that is no number.
    ///
    /// A number that the views do not hold is looked up again when they have come up to the log: it may have been given
    /// a moment ago.
    ///
    /// - Parameter waits: whether it is.
    func ticket(numbered typed: String, waits: Bool = true) async throws -> StreamName? {
        guard let (number, place) = TicketNumber.read(typed) else {
            guard TicketNumber.isMistaken(typed) else { return nil }
            if let named = try ticket(named: typed) { return named }
            throw NumberProblem.mistaken(typed)
        }
        var found = try tickets(number, place)
        if found.isEmpty, waits {
            try await AtLeast.wait(for: try head(), in: .views, self)
            found = try tickets(number, place)
        }
        guard found.count < 2 else { throw NumberProblem.shared(number, found.map(\.stream)) }
        if let one = found.first { return one.stream }
        if let named = try ticket(named: typed) { return named }
        throw NumberProblem.unknown(number, place: place)
    }

    /// A ticket whose key looks like a number, as older logs may have; nil when there is none.
    private func ticket(named key: String) throws -> StreamName? {
        guard let name = try? StreamName(ticketKey: key), try ticket(name, nil) != nil else { return nil }
        return name
    }

    /// The tickets that the views hold under a number.
    ///
    /// - Parameter place: which of those that share it; nil for all.
    func tickets(_ number: TicketNumber, _ place: Int?) throws -> [TicketItem] {
        let typed = NumberProblem.shown(number, place)
        // What another system calls by this text is not meant.
        return try views.tickets(numbered: typed).filter { $0.number == number.text }
    }
}

/// Why a number names no ticket.
enum NumberProblem: Problem, Equatable {
    /// As it was typed: the check digit or the day does not hold.
    case mistaken(String)
    /// - place: the suffix that was asked for; nil without one.
    case unknown(TicketNumber, place: Int?)
    case shared(TicketNumber, [StreamName])

    static func shown(_ number: TicketNumber, _ place: Int?) -> String {
        number.text + (place.map { "-\($0)" } ?? "")
    }

    var code: String {
        switch self {
        case .mistaken: "GL-6033"
        case .unknown: "GL-6034"
        case .shared: "GL-6035"
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .mistaken: .badRequest
        case .unknown: .notFound
        case .shared: .conflict
        }
    }

    var message: Words {
        switch self {
        case .mistaken(let typed): "\"\(typed)\" is no ticket's number: its check digit or its day is wrong"
        case .unknown(let number, let place): "no ticket here has the number \(NumberProblem.shown(number, place))"
        case .shared(let number, let tickets): "\(tickets.count) tickets have the number \(number.text)"
        }
    }

    var hint: Words {
        switch self {
        case .mistaken: "read it again digit by digit: one is wrong, or two are swapped"
        case .unknown: "check the number, or ask the node that registered it"
        case .shared(_, let tickets): "name one: \(Words.list(tickets.map(\.text)))"
        }
    }
}
