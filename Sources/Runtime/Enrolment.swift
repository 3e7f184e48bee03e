/// A street's way in: shows the secret of its invitation to the centre, inside CURVE, with the key it will keep.

package import Events
import Replication
package import ZeroMQ

/// What an invitation says of the way in.
package struct Enrolment: Sendable {
    package var node: NodeID
    package var secret: String
    /// `host:port` of the centre's socket for enrolment.
    package var address: String
    /// `host:port` of the socket that serves streets; only to explain an answer that does not come.
    package var hub: String
    /// The centre's public key: nobody else can answer.
    package var hubKey: String
    package var expiresAt: Timestamp

    /// Milliseconds between two tries; the centre answers a repeated one like the first.
    private static let pause: Int64 = 1_000

    package init(
        node: NodeID, secret: String, address: String, hub: String, hubKey: String, expiresAt: Timestamp
    ) {
        self.node = node
        self.secret = secret
        self.address = address
        self.hub = hub
        self.hubKey = hubKey
        self.expiresAt = expiresAt
    }

    /// Asks until the centre answers.
    ///
    /// - Parameters:
    ///   - keys: the node's own; the centre learns the public one from the handshake itself.
    ///   - limit: milliseconds until it gives up.
    /// - Throws: `EnrolmentProblem` when the centre says no or nothing; `ZeroMQError` when a key or address is malformed.
    package func ask(keys: CurveKeys, clock: any NodeClock, limit: Int64 = 20_000) throws {
        let context = try ZeroMQContext()
        let dealer = try Socket(.dealer, in: context)
        try dealer.useCURVE(keys, server: hubKey)
        try dealer.connect("tcp://\(address)")
        let wakeUp = try WakeUp()
        let question = Frame(number: 1, message: .enrol(node: node, secret: secret)).bytes
        let end = clock.moment().steady + limit
        var askedAt: Int64?
        while clock.moment().steady < end {
            let now = clock.moment().steady
            if askedAt.map({ now - $0 >= Enrolment.pause }) ?? true {
                _ = try dealer.send([question])
                askedAt = now
            }
            try Poller.wait(for: [dealer], authenticator: nil, wakeUp: wakeUp, milliseconds: 100)
            while let received = try dealer.receive() {
                guard let bytes = received.frames.last, let message = try? Frame(bytes).message else { continue }
                switch message {
                case .enrolled(node): return
                case .refuse: throw refused(clock.moment().wall)
                case _: continue
                }
            }
        }
        throw silent(clock.moment().wall, seconds: limit / 1_000)
    }

    /// The centre gives one answer to all that is wrong, so that strangers learn nothing; when it ended, the invitation says.
    private func refused(_ now: Timestamp) -> EnrolmentProblem {
        now < expiresAt ? .refused(node, address: address) : .expired(node, at: expiresAt, now: now)
    }

    /// The centre listens while an invitation is open: shut beside a hub that serves, it says that this one is not.
    private func silent(_ now: Timestamp, seconds: Int64) -> EnrolmentProblem {
        let probe = TCPProbe.ask(address)
        guard probe == .refused, TCPProbe.ask(hub) == .answers else {
            return now < expiresAt
                ? .silent(address: address, seconds: seconds, probe) : .expired(node, at: expiresAt, now: now)
        }
        return .shut(node, hub: hub, address: address)
    }
}

package enum EnrolmentProblem: Problem, Equatable {
    case refused(NodeID, address: String)
    case expired(NodeID, at: Timestamp, now: Timestamp)
    /// The centre runs, and its door is shut: nobody is invited.
    case shut(NodeID, hub: String, address: String)
    case silent(address: String, seconds: Int64, TCPProbe.Outcome)

    /// Whether the centre does not let in who asked, whenever he asks again with the same invitation.
    package var isFinal: Bool {
        switch self {
        case .refused, .expired, .shut: true
        case .silent: false
        }
    }
    package var code: String {
        switch self {
        case .refused, .expired, .shut: "GL-5018"
        case .silent: "GL-5019"
        }
    }
    package var message: Words {
        switch self {
        case .refused(let node, let address):
            "the invitation of \(node) was used already, replaced by a later one, or revoked: the centre at \(address) does not take it"
        case .expired(let node, let at, let now):
            "the invitation of \(node) expired at \(at), and it is \(now) by this machine's clock"
        case .shut(let node, let hub, let address):
            """
            the invitation of \(node) was used already, replaced by a later one, or revoked: the centre runs at \(hub), and lets \
            nobody in at \(address)
            """
        case .silent(let address, let seconds, let probe):
            "no centre answered at \(address), asked each second for \(seconds) s: \(probe.words)"
        }
    }
    /// What to do about an invitation that is spent.
    private var again: Words {
        """
        if this folder used it, it is enrolled: start it with `gridline serve`; otherwise ask the centre for a new \
        invitation, made with `gridline nodes invite`
        """
    }
    package var hint: Words {
        switch self {
        case .refused: again
        case .shut(_, let hub, let address):
            "\(again); if it was never used, something on the way lets \(hub) through and not \(address)"
        case .expired: "ask the centre for a new invitation, made with `gridline nodes invite`"
        case .silent(_, _, .answers):
            """
            the centre's keys or addresses have changed since: ask it for a new invitation, made with \
            `gridline nodes invite`
            """
        case .silent(let address, _, _):
            """
            check that the centre runs (`gridline serve`), that this machine reaches \(address), and that no firewall \
            stands between; if the centre is elsewhere now, ask it for a new invitation: `gridline nodes invite --address`
            """
        }
    }
}
