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

/// Turns what handlers throw into problem+json, or for a browser into a page.
struct ProblemAnswers: RouterMiddleware {
    let pages: Pages

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            let (problem, status) = ProblemAnswers.reading(error, pages.ports)
            var answer =
                request.wantsPage
                ? pages.problem(problem, status, request)
                : API.problem(problem, status, instance: request.uri.path, language: request.language)
            // What RFC 9110 asks of these two (15.5.2, 15.5.6).
            switch problem as? BadRequest {
            case .noToken?: answer.headers[.wwwAuthenticate] = "Bearer"
            case .method(_, let allowed)?: answer.headers[.allow] = allowed.joined(separator: ", ")
            case _: break
            }
            // A body here would be read as the beginning of the next answer.
            return request.method == .head ? answer.createHeadResponse() : answer
        }
    }

    /// What an answer says of an error; one that nobody expected is the node's to say, and the answer names only when it was.
    static func reading(_ error: any Error, _ ports: ServerPorts) -> (any Problem, HTTPResponse.Status) {
        switch error {
        case let refusal as CommandRefusal: return (refusal, status(of: refusal))
        case let bad as BadRequest: return (bad, bad.status)
        case let number as NumberProblem: return (number, number.status)
        case let fetch as FetchRefusal: return (fetch, fetch.status)
        case let alarm as AlarmRefusal: return (alarm, alarm.status)
        case let missing as NamedBlobMissing: return (missing, .unprocessableContent)
        case let blob as BlobFailure: return (blob, status(of: blob))
        case is NIOTooManyBytesError: return (BadRequest.tooLong(limit: APICall.bodyLimit), .contentTooLarge)
        case let rules as RulesError: return (rules, .unprocessableContent)
        case let person as PersonProblem: return (person, .unprocessableContent)
        case let open as OpenNumber: return (open, .unprocessableContent)
        case let decode as DecodeError: return (decode, .badRequest)
        case let identifier as IdentifierError: return (identifier, .badRequest)
        case let view as ViewFailure:
            if case .malformed = view { return (view, .badRequest) }
            return (view, .internalServerError)
        case let other as any Problem: return (other, .serviceUnavailable)
        case let http as any HTTPResponseError: return (BadRequest.http(http.status.code), http.status)
        case _:
            let now = ports.clock.now()
            // Who asked has gone: nobody reads this answer.
            if !(error is CancellationError) {
                ports.unexpected(.alarm("an answer at \(now) failed", error).withoutNumbers)
            }
            return (BadRequest.unexpected(at: now), .internalServerError)
        }
    }

    private static func status(of failure: BlobFailure) -> HTTPResponse.Status {
        switch failure {
        case .tooLong: .contentTooLarge
        case .empty: .badRequest
        case .noType, .otherType: .unsupportedMediaType
        case .unknown: .notFound
        case .damaged: .internalServerError
        case .storage: .serviceUnavailable
        }
    }

    private static func status(of refusal: CommandRefusal) -> HTTPResponse.Status {
        switch refusal {
        case .notDecided(.unknownTicket), .membership(.unknown), .membership(.unknownKey): .notFound
        case .notDecided(.notWriter), .notDecided(.noHolder), .notDecided(.wrongRole), .wrongRole,
            .membership(.notCentre),
            .membership(.notInvited):
            .forbidden
        case .notDecided(.missingField), .notDecided(.badField), .notDecided(.unknownField), .notDecided(.inFuture):
            .unprocessableContent
        case .notAppended(.oversize), .notAppended(.tooManyDrafts): .contentTooLarge
        case .notDecided(.alreadyExists), .notDecided(.left), .notDecided(.wrongState), .notDecided(.guarded),
            .notAppended(.versionConflict), .membership(.enrolledAlready), .membership(.tooMany),
            .membership(.twoKeys), .membership(.lastKey),
            .rules(.versionTaken):
            .conflict
        case .membership(.centre), .membership(.past), .membership(.malformed), .rules, .keyTaken:
            .unprocessableContent
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
        // The scheme's case is free (RFC 9110 11.1), the token's is not.
        let given = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard given.count == 2, given[0].lowercased() == "bearer",
            sessions.isToken(String(given[1].drop { $0 == " " }))
        else { throw BadRequest.noToken }
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
    case unknownRole(String)
    /// With those that the path takes.
    case method(String, [String])
    case registersElsewhere
    case noToken
    case noKey(String)
    case noActor
    case noBody
    case noJSON(Words)
    case missing(String)
    /// Of another type than the rule says.
    case badMember(String, Words)
    /// With those there are.
    case unknownMember(String, [String])
    /// Members of which a request takes one.
    case oneOf([String])
    case noInstant(String, String)
    /// A position that the log does not reach, and where it ends.
    case beyond(Int64, Int64)
    case centreErases
    /// Neither the vault nor the log has anything of this person.
    case unknownPerson(PersonID)
    case notErased(PersonID)
    case tooLong(limit: Int)
    case tooManyStreams
    case http(Int)
    /// What came up is an alarm of the node.
    case unexpected(at: Timestamp)

    static func malformed(member: String, rule: Words) -> BadRequest { .badMember(member, rule) }

    var code: String {
        switch self {
        case .noToken: "GL-6022"
        case .tooManyStreams: "GL-6023"
        case .tooLong: "GL-6024"
        case .unexpected: "GL-6025"
        case .behind: "GL-6027"
        case .beyond: "GL-6029"
        case .unknownPerson: "GL-6032"
        case .notErased: "GL-6036"
        case .unknownParameter, .parameter, .noInstant, .unknownKind, .unknownRole, .registersElsewhere, .method,
            .noKey, .noActor,
            .noBody, .noJSON, .missing, .badMember, .unknownMember, .oneOf, .centreErases, .http:
            "GL-6020"
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .noToken: .unauthorized
        case .centreErases: .forbidden
        case .unknownKind, .registersElsewhere, .unknownPerson, .notErased: .notFound
        case .unknownRole: .unprocessableContent
        case .method: .methodNotAllowed
        case .tooLong: .contentTooLarge
        case .tooManyStreams, .behind: .serviceUnavailable
        case .unexpected: .internalServerError
        case .http(let code): .init(code: code)
        case .beyond: .conflict
        case .parameter, .unknownParameter, .noInstant, .noKey, .noActor, .noBody, .noJSON, .missing, .badMember,
            .unknownMember, .oneOf:
            .badRequest
        }
    }

    var message: Words {
        switch self {
        case .parameter(let name, let value), .noInstant(let name, let value):
            "parameter \(name) is \"\(value)\""
        case .unknownParameter(let name, let value, _): "there is no parameter \(name), given as \"\(value)\""
        case .behind(let wanted, let here): "position \(wanted) is asked for, and \(here) is here"
        case .unknownKind(let name): "\"\(name)\" is no step of a ticket"
        case .unknownRole(let role): "there is no role \"\(role)\""
        case .method(let method, _): "\(method) is not for this path"
        case .registersElsewhere: "a ticket is registered by no step of it"
        case .noToken: "the request carries no valid token"
        case .noKey(let value): "Idempotency-Key is \"\(value)\""
        case .noActor: "the body names no actor"
        case .noBody: "the request has no body"
        case .noJSON(let what): "the body is no JSON object: \(what)"
        case .missing(let member): "the body has no \(member)"
        case .badMember(let member, let rule): "\"\(member)\" of the body must be \(rule)"
        case .unknownMember(let member, _): "the body has a member \"\(member)\" that nobody reads"
        case .oneOf(let members): "the body has \(Words.list(members)), of which one is taken"
        case .beyond(let asked, let head): "position \(asked) is asked for, and the log ends at \(head)"
        case .centreErases: "the centre erases, and counts who has done it; a street does neither"
        case .unknownPerson(let person): "\(person) is not known here"
        case .notErased(let person): "\(person) is not erased"
        case .tooLong(let limit): "the body is longer than \(limit) bytes"
        case .tooManyStreams: "\(CommitSignal.limit) live streams are open already"
        case .http(let code): "HTTP \(code)"
        case .unexpected(let moment): "an error that nobody expected, at \(moment)"
        }
    }
    var hint: Words {
        switch self {
        case .parameter: "choose one of its values; /openapi.yaml lists them"
        case .unknownParameter(_, _, let known): "parameters here are \(Words.list(known))"
        case .behind: "ask again in a second; a position is of the node that gave it"
        case .unknownKind: "see /openapi.yaml for the steps"
        case .unknownRole: "choose one of \(Words.list(TicketRole.allCases.map(\.words)))"
        case .method(_, let allowed): "methods here are \(Words.list(allowed))"
        case .registersElsewhere: "send POST /api/v1/tickets; the answer names the ticket"
        case .noToken: "send Authorization: Bearer with the text of keys/token in the node's folder"
        case .noKey: "send a fresh UUID as Idempotency-Key, and the same one when you try again"
        case .noInstant: "write \(Instant.forms)"
        case .noActor, .noBody, .noJSON: "send {\"actor\":{\"account\":…,\"role\":…,\"unit\":…},\"body\":{…}}"
        case .missing(let member), .badMember(let member, _): "send \(member); see /openapi.yaml for its form"
        case .unknownMember(_, let known): "members here are \(Words.list(known))"
        case .oneOf: "send one of them; ask again with the other"
        case .beyond: "the log was restored or is another one: read it anew, from position 0 on"
        case .centreErases: "ask the centre; its decision reaches every node"
        case .unknownPerson:
            "give the id that find or reveal answered; what a street took is known once its line has brought it"
        case .notErased: "check the id; an erasure is `gridline persons erase`, or POST /api/v1/persons/{key}/erase"
        case .tooLong: "send less; photographs and recordings are uploaded by themselves (POST /api/v1/blobs) and named"
        case .tooManyStreams: "close one, or come back later with Last-Event-ID: nothing is missed"
        case .http: "see /openapi.yaml for what is here"
        case .unexpected:
            "the alarms of `gridline status` say what it was; send the same request with the same key again"
        }
    }
}
