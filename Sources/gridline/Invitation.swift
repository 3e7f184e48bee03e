/// What an operator hands to a street to let it in (邀请码): one string with the centre's addresses and key, a one-time
/// secret, and when it ends (`docs/format/nodes.md`).

import Events
import Foundation

struct Invitation: Equatable {
    var node: NodeID
    var centre: NodeID
    /// `host:port` of the centre's ROUTER as the street reaches it; its feeds are published at the same host.
    var hub: String
    /// `host:port` where it enrols.
    var enrol: String
    /// The centre's CURVE public key in Z85.
    var key: String
    var secret: String
    /// Two digits of the node in ticket numbers.
    var number: Int
    /// Area code of the street.
    var area: String
    var expiresAt: Timestamp
    /// For a node that is enrolled, to exchange its key.
    var isRotation = false

    private static let prefix = "gridline1."

    /// The string: a prefix with the form's number, and canonical JSON in base64url (RFC 4648, 5) without padding.
    var text: String {
        var object: JSONObject = [
            "area": .string(area), "centre": .string(centre.text), "enrol": .string(enrol),
            "expiresAt": .integer(expiresAt.milliseconds), "hub": .string(hub), "key": .string(key),
            "node": .string(node.text), "number": .integer(Int64(number)), "secret": .string(secret),
        ]
        if isRotation { object["rotates"] = .bool(true) }
        let base64 = Data(JSON.object(object).canonicalBytes).base64EncodedString()
        return Invitation.prefix
            + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension Invitation {
    /// Reads the string; blanks and line ends that a mail put in are dropped.
    ///
    /// - Throws: `CommandProblem` when it is not whole.
    init(_ text: String) throws {
        let problem = CommandProblem(
            message: "this is no whole invitation: \(text.prefix(24))…",
            hint: "copy the whole string that `gridline nodes invite` printed; it begins with \(Invitation.prefix)")
        let compact = text.filter { !$0.isWhitespace }
        guard compact.hasPrefix(Invitation.prefix) else { throw problem }
        var base64 = compact.dropFirst(Invitation.prefix.count).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: String(base64)), let object = try? JSONReader.readObject(Array(data)),
            let node = object["node"]?.string, let centre = object["centre"]?.string,
            let hub = object["hub"]?.string, let enrol = object["enrol"]?.string,
            let key = object["key"]?.string, key.utf8.count == 40, let secret = object["secret"]?.string,
            let number = object["number"]?.integer, (0...99).contains(number),
            let area = object["area"]?.string, let expires = object["expiresAt"]?.integer
        else { throw problem }
        self.init(
            node: try NodeID(node), centre: try NodeID(centre), hub: hub, enrol: enrol, key: key, secret: secret,
            number: Int(number), area: area, expiresAt: Timestamp(milliseconds: expires),
            isRotation: object["rotates"] == .bool(true))
    }
}
