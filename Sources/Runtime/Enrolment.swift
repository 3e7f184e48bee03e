/// A street's way in: shows the secret of its invitation to the centre, inside CURVE, with the key it will keep.

package import Events
import Replication
package import ZeroMQ

package enum Enrolment {
    /// Milliseconds between two tries; the centre answers a repeated one like the first.
    private static let pause: Int64 = 1_000

    /// Asks until the centre answers.
    ///
    /// - Parameters:
    ///   - address: `host:port` of the centre's socket for enrolment.
    ///   - hubKey: its public key, from the invitation: nobody else can answer.
    ///   - keys: the node's own; the centre learns the public one from the handshake itself.
    ///   - limit: milliseconds until it gives up.
    /// - Throws: `EnrolmentProblem` when the centre says no or nothing; `ZeroMQError` when a key or address is malformed.
    package static func ask(
        as node: NodeID, secret: String, at address: String, hubKey: String, keys: CurveKeys, clock: any NodeClock,
        limit: Int64 = 20_000
    ) throws {
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
            if askedAt.map({ now - $0 >= pause }) ?? true {
                _ = try dealer.send([question])
                askedAt = now
            }
            try Poller.wait(for: [dealer], authenticator: nil, wakeUp: wakeUp, milliseconds: 100)
            while let received = try dealer.receive() {
                guard let bytes = received.frames.last, let message = try? Frame(bytes).message else { continue }
                switch message {
                case .enrolled(node): return
                case .refuse: throw EnrolmentProblem.refused(node, address: address)
                case _: continue
                }
            }
        }
        throw EnrolmentProblem.silent(address: address, seconds: limit / 1_000)
    }
}

package enum EnrolmentProblem: Problem, Equatable {
    case refused(NodeID, address: String)
    case silent(address: String, seconds: Int64)

    package var code: String {
        switch self {
        case .refused: "GL-5018"
        case .silent: "GL-5019"
        }
    }
    package var message: Words {
        switch self {
        case .refused(let node, let address): "the centre at \(address) does not let \(node) in with this invitation"
        case .silent(let address, let seconds): "no centre answered at \(address) within \(seconds) s"
        }
    }
    package var hint: Words {
        switch self {
        case .refused: "it is used by another key, expired or revoked: ask the centre for a new one"
        case .silent:
            "check that the centre runs and that its enrolPort can be reached; it is open only while an invitation is"
        }
    }
}
