/// Who is at a page: a signed cookie, and the token that ties each form to it.
///
/// The node's token signs: whoever holds it asserts an account, role and unit at the login page. Changing the token ends
/// every session. No state is kept here, so a restart logs nobody out.

import Crypto
import Events
import Foundation
import Tickets

/// The person a cookie stands for.
struct Session: Equatable, Sendable {
    let account: String
    let role: TicketRole
    let unit: String
    let expires: Timestamp

    var actor: Actor { Actor(account: account, role: role.rawValue, unit: unit, asserted: "node token") }
}

struct Sessions: Sendable {
    /// The node's own: a browser gives a cookie to every port of a host, so several nodes would end each other's sessions.
    let cookieName: String
    private let isLongEnough: Bool
    /// Milliseconds that a login lasts: a shift.
    static let lifetime: Int64 = 12 * 3_600_000
    private let key: SymmetricKey
    private let tokenCode: [UInt8]

    init(token: String, node: NodeID) {
        cookieName = "gridline-\(node)"
        isLongEnough = token.count >= NodeToken.shortest
        let root = SymmetricKey(data: Data(token.utf8))
        let derived = Array(HMAC<SHA256>.authenticationCode(for: Data("gridline session 1".utf8), using: root))
        key = SymmetricKey(data: Data(derived))
        tokenCode = Array(HMAC<SHA256>.authenticationCode(for: Data(token.utf8), using: key))
    }

    /// Whether the typed text is the node's token; takes as long for a near miss as for a far one.
    func isToken(_ typed: String) -> Bool {
        isLongEnough
            && HMAC<SHA256>.isValidAuthenticationCode(
                Data(tokenCode), authenticating: Data(typed.utf8), using: key)
    }

    /// The cookie's value: the session in hexadecimal, a dot, its code.
    func cookie(for session: Session) -> String {
        let text = JSON.object([
            "account": .string(session.account), "expires": .integer(session.expires.milliseconds),
            "role": .string(session.role.rawValue), "unit": .string(session.unit),
        ]).canonicalBytes
        return Hexadecimal.text(text) + "." + code("cookie", text)
    }

    /// - Returns: nil for a cookie that is none of ours, was changed, or has run out.
    func session(of cookie: String, now: Timestamp) -> Session? {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let text = Hexadecimal.bytes(String(parts[0])), isCode(parts[1], "cookie", text),
            let object = try? JSONReader.readObject(text), let account = object["account"]?.string,
            let role = object["role"]?.string.flatMap(TicketRole.init(rawValue:)), let unit = object["unit"]?.string,
            let expires = object["expires"]?.integer, expires > now.milliseconds
        else { return nil }
        return Session(account: account, role: role, unit: unit, expires: Timestamp(milliseconds: expires))
    }

    /// The hidden field that a page of another site cannot know, since it cannot read the cookie.
    func formToken(of cookie: String) -> String { code("form", Array(cookie.utf8)) }

    func isFormToken(_ typed: String, of cookie: String) -> Bool { isCode(typed[...], "form", Array(cookie.utf8)) }

    private func code(_ purpose: String, _ bytes: [UInt8]) -> String {
        Hexadecimal.text(
            Array(HMAC<SHA256>.authenticationCode(for: Data(Array("\(purpose) ".utf8) + bytes), using: key)))
    }

    private func isCode(_ typed: Substring, _ purpose: String, _ bytes: [UInt8]) -> Bool {
        guard let code = Hexadecimal.bytes(String(typed)) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            Data(code), authenticating: Data(Array("\(purpose) ".utf8) + bytes), using: key)
    }
}

/// The text of `keys/token`.
package enum NodeToken {
    /// Characters that it has at least: a node neither starts nor lets anybody in with a shorter one.
    package static let shortest = 32
}
