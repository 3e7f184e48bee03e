/// Errors as problem+json (RFC 9457) in the language that is asked for, in one place: whatever a handler throws becomes an
/// answer here.

import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Node
import Privacy
import Projections
import Rules
import Tickets

/// Turns what handlers throw into problem+json.
struct ProblemAnswers: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            let (problem, status) = ProblemAnswers.reading(error)
            return API.problem(problem, status, instance: request.uri.path, language: request.language)
        }
    }

    static func reading(_ error: any Error) -> (any Problem, HTTPResponse.Status) {
        switch error {
        case let refusal as CommandRefusal: return (refusal, status(of: refusal))
        case let bad as BadRequest: return (bad, bad.status)
        case is NIOTooManyBytesError: return (BadRequest.tooLong, .contentTooLarge)
        case let rules as RulesError: return (rules, .unprocessableContent)
        case let person as PersonProblem: return (person, .unprocessableContent)
        case let decode as DecodeError: return (decode, .badRequest)
        case let identifier as IdentifierError: return (identifier, .badRequest)
        case let view as ViewFailure:
            if case .malformed = view { return (view, .badRequest) }
            return (view, .internalServerError)
        case let other as any Problem: return (other, .serviceUnavailable)
        case let http as any HTTPResponseError: return (BadRequest.http(http.status.code), http.status)
        case _: return (BadRequest.unexpected("\(error)"), .internalServerError)
        }
    }

    private static func status(of refusal: CommandRefusal) -> HTTPResponse.Status {
        switch refusal {
        case .notDecided(.unknownTicket), .membership(.unknown): .notFound
        case .notDecided(.notWriter), .notDecided(.wrongRole), .membership(.notCentre), .membership(.notInvited):
            .forbidden
        case .notDecided(.missingField), .notDecided(.badField), .notDecided(.unknownField), .notDecided(.inFuture):
            .unprocessableContent
        case .notDecided(.alreadyExists), .notDecided(.wrongState), .notDecided(.guarded), .notAppended,
            .membership(.enrolledAlready), .membership(.tooMany):
            .conflict
        case .membership(.centre), .membership(.past), .membership(.malformed), .keyTaken: .unprocessableContent
        }
    }
}

/// Lets only who has the node's token to what is behind it.
struct TokenGuard: RouterMiddleware {
    let sessions: Sessions

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let given = request.headers[.authorization] ?? ""
        guard given.hasPrefix("Bearer "), sessions.isToken(String(given.dropFirst(7))) else { throw BadRequest.noToken }
        return try await next(request, context)
    }
}

/// What was wrong with a request.
enum BadRequest: Problem, Equatable {
    case parameter(String, String)
    /// With its value, and those there are.
    case unknownParameter(String, String, [String])
    /// The position that was to be there, and the one that is.
    case behind(Int64, Int64)
    case unknownKind(String)
    case noToken
    case noKey(String)
    case noActor
    case accountIsNumber
    case missing(String)
    case centreErases
    case tooLong
    case tooManyStreams
    case http(Int)
    case unexpected(String)

    var code: String {
        switch self {
        case .noToken: "GL-6022"
        case .tooManyStreams: "GL-6023"
        case .tooLong: "GL-6024"
        case .unexpected: "GL-6025"
        case .behind: "GL-6027"
        case .unknownParameter, .parameter, .unknownKind, .noKey, .noActor, .accountIsNumber, .missing, .centreErases,
            .http:
            "GL-6020"
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .noToken: .unauthorized
        case .centreErases: .forbidden
        case .unknownKind: .notFound
        case .tooLong: .contentTooLarge
        case .tooManyStreams, .behind: .serviceUnavailable
        case .unexpected: .internalServerError
        case .http(let code): .init(code: code)
        case .parameter, .unknownParameter, .noKey, .noActor, .accountIsNumber, .missing: .badRequest
        }
    }

    var message: Words {
        switch self {
        case .parameter(let name, let value): "parameter \(name) is \"\(value)\""
        case .unknownParameter(let name, let value, _): "there is no parameter \(name), given as \"\(value)\""
        case .behind(let wanted, let here): "position \(wanted) is asked for, and \(here) is here"
        case .unknownKind(let name): "\"\(name)\" is no step of a ticket"
        case .noToken: "the request carries no valid token"
        case .noKey(let value): "Idempotency-Key is \"\(value)\""
        case .noActor: "the body names no actor"
        case .accountIsNumber: "actor.account is a phone or identity number"
        case .missing(let member): "the body has no \(member)"
        case .centreErases: "a street does not erase"
        case .tooLong: "the body is longer than \(APICall.bodyLimit) bytes"
        case .tooManyStreams: "\(CommitSignal.limit) live streams are open already"
        case .http(let code): "HTTP \(code)"
        case .unexpected(let text): Words(verbatim: text)
        }
    }
    var hint: Words {
        switch self {
        case .parameter: "see docs/http.md for its values"
        case .unknownParameter(_, _, let known): "parameters here are \(Words.list(known))"
        case .behind: "ask again in a second; a position is of the node that gave it"
        case .unknownKind: "see /openapi.yaml for the steps"
        case .noToken: "send Authorization: Bearer with the text of keys/token in the node's folder"
        case .noKey: "send a fresh UUID as Idempotency-Key, and the same one when you try again"
        case .noActor: "send {\"actor\":{\"account\":…,\"role\":…,\"unit\":…},\"body\":{…}}"
        case .accountIsNumber: "give the account's name; numbers of people never stand open in the log"
        case .missing(let member): "send \(member); see /openapi.yaml for its form"
        case .centreErases: "ask the centre; its decision reaches every node"
        case .tooLong: "send less; photos and recordings do not go into a body"
        case .tooManyStreams: "close one, or come back later with Last-Event-ID: nothing is missed"
        case .http: "see /openapi.yaml for what is here"
        case .unexpected: "see the node's talk; send the same request with the same key again"
        }
    }
}
