/// Who may connect: answers libzmq's ZAP requests (RFC 27) from allow-lists that change while it runs.
///
/// An unknown key gets 300: libzmq tries again later, so a node that is enrolled tomorrow needs no restart. 400
/// would kill the client's socket for good, and is kept for keys that were revoked.

import CZeroMQ

package struct Authenticator {
    private let socket: Socket
    /// Per domain, the public keys in Z85 and the node each belongs to.
    private var allowed: [String: [String: String]] = [:]
    private var revoked: Set<String> = []
    /// Domains that let any key in; its User-Id is the key itself in Z85.
    private var open: Set<String> = []

    /// - Throws: `ZeroMQError` when the context has a handler already.
    package init(in context: ZeroMQContext) throws(ZeroMQError) {
        socket = try Socket(.reply, in: context)
        try socket.bind("inproc://zeromq.zap.01")
    }

    package mutating func allow(key: String, as node: String, in domain: String) {
        allowed[domain, default: [:]][key] = node
    }

    /// Lets any key into a domain, named by itself.
    package mutating func allowAll(in domain: String) { open.insert(domain) }

    /// Forgets whom it allowed in the domains that list keys.
    package mutating func forgetAllowed() { allowed = [:] }

    /// Refuses a key from now on; a connection that stands ends with its socket.
    package mutating func revoke(key: String) {
        revoked.insert(key)
        for domain in allowed.keys { allowed[domain]?[key] = nil }
    }

    /// A key that was revoked may come back, as when its node is invited again.
    package mutating func pardon(key: String) { revoked.remove(key) }

    var pollHandle: Socket { socket }

    /// Answers what waits.
    package func answer() throws(ZeroMQError) {
        // Frames: version, request id, domain, address, identity, mechanism, credentials.
        while let request = try socket.receive() {
            let frames = request.frames
            guard frames.count >= 6 else { continue }
            let domain = String(decoding: frames[2], as: UTF8.self)
            let key = frames.count > 6 ? CurveKeys.text(of: frames[6]) : nil
            let isCurve = frames[5].elementsEqual("CURVE".utf8)
            let node = isCurve ? key.flatMap { open.contains(domain) ? $0 : allowed[domain]?[$0] } : nil
            let status = node != nil ? "200" : key.map(revoked.contains) == true ? "400" : "300"
            let reply = [frames[0], frames[1], Array(status.utf8), Array("".utf8), Array((node ?? "").utf8), []]
            _ = try socket.send(reply)
        }
    }
}
