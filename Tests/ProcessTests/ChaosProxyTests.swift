import Foundation
import Testing

/// A TCP connection on loopback, or the door for some; plain sockets, so that a reset is seen as one.
private final class Loopback {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    private static func made(
        _ address: String, _ port: Int, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    )
        -> Loopback?
    {
        let one = Loopback(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(port).bigEndian
        place.sin_addr.s_addr = unsafe inet_addr(address)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafePointer(to: &place) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(one.descriptor, $0, size) }
        }
        return status == 0 ? one : nil
    }

    static func connected(_ address: String, _ port: Int) -> Loopback? {
        unsafe made(address, port) { unsafe connect($0, $1, $2) }
    }

    /// Sends back what comes, for as long as the test's process lives.
    static func echo(_ port: Int) throws {
        guard let door = unsafe made("127.0.0.1", port, { unsafe bind($0, $1, $2) }), listen(door.descriptor, 16) == 0
        else { throw ProcessProblem(description: "no echo at port \(port)") }
        let descriptor = dup(door.descriptor)
        Thread.detachNewThread {
            while true {
                let one = accept(descriptor, nil, nil)
                guard one >= 0 else { return }
                Thread.detachNewThread {
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    while true {
                        let count = unsafe read(one, &buffer, buffer.count)
                        guard count > 0, unsafe Glibc.send(one, buffer, count, Int32(MSG_NOSIGNAL)) == count
                        else { break }
                    }
                    close(one)
                }
            }
        }
    }

    /// - Returns: how many bytes the system took at once.
    func send(_ count: Int) -> Int {
        let bytes = [UInt8](repeating: 7, count: count)
        return unsafe max(
            0, Glibc.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }

    enum End: Equatable { case all, silence, closed, reset }

    /// Receives so many bytes; gives up after so long without any.
    func receive(_ count: Int, patience: Int32 = 10_000) -> End {
        var left = count
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while left > 0 {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wanted, 1, patience) > 0 else { return .silence }
            let read = unsafe recv(descriptor, &buffer, min(left, buffer.count), 0)
            guard read > 0 else { return read < 0 && errno == ECONNRESET ? .reset : .closed }
            left -= read
        }
        return .all
    }

    /// Sends and receives as much.
    func turn(_ count: Int = 100, patience: Int32 = 10_000) -> End {
        send(count) == count ? receive(count, patience: patience) : .closed
    }
}

/// `tools/chaos-proxy` does to a line what it says; other tests believe it.
@Suite("The chaos proxy") struct ChaosProxyTests {
    private let port: Int
    private let line: Line

    init() throws {
        port = try Ports.row(2, on: ["127.0.0.1", "127.0.0.2"])
        try Loopback.echo(port)
        try Loopback.echo(port + 1)
        line = try Line(listen: "127.0.0.2", ports: [port, port + 1])
    }

    private func connected(_ place: Int = 0) throws -> Loopback {
        try #require(Loopback.connected("127.0.0.2", port + place))
    }
    private func took(_ body: () -> Loopback.End) -> (end: Loopback.End, time: Duration) {
        let begin = ContinuousClock.now
        let end = body()
        return (end, ContinuousClock.now - begin)
    }

    @Test("delays, each direction by itself, and is as fast as before when it is healed")
    func delay() throws {
        let one = try connected()
        #expect(one.turn() == .all)
        try line.say("delay 150 50")
        let both = took { one.turn() }
        #expect(both.end == .all && both.time >= .milliseconds(300))
        try line.say("delay 0 down")
        let up = took { one.turn() }
        #expect(up.end == .all && up.time >= .milliseconds(150))
        try line.say("heal")
        #expect(one.turn(100_000) == .all)
    }

    @Test("takes so many bytes a second, and makes the sender wait for the rest")
    func rate() throws {
        let one = try connected()
        try line.say("rate 20000 down")
        let slow = took { one.turn(10_000) }
        #expect(slow.end == .all && slow.time >= .milliseconds(400) && slow.time < .seconds(5))
        try line.say("rate 1000 up")
        var taken = 0
        while taken < 64 << 20 {
            let count = one.send(65_536)
            // A full buffer that is drained within a moment is none.
            var wanted = pollfd(fd: one.descriptor, events: Int16(POLLOUT), revents: 0)
            if count == 0, unsafe poll(&wanted, 1, 200) == 0 { break }
            taken += count
        }
        #expect(taken < 8 << 20, "\(taken) bytes are somewhere")
    }

    @Test("swallows: what stood and what began then stays silent, what begins after is heard")
    func hole() throws {
        let old = try connected()
        #expect(old.turn() == .all)
        try line.say("hole down on \(port)")
        #expect(old.turn(patience: 200) == .silence)
        try line.say("hole")
        // Accepted by when the other one has been silent for a while.
        let quiet = try connected()
        let begun = try connected()
        #expect(begun.turn(patience: 200) == .silence)
        try line.say("heal")
        #expect(quiet.turn(patience: 200) == .silence)
        #expect(old.turn(patience: 200) == .silence && begun.turn(patience: 200) == .silence)
        #expect(try connected().turn() == .all)
    }

    @Test("resets what stands and lets new ones in; cut lets none in until it is healed")
    func reset() throws {
        let old = try connected()
        #expect(old.turn() == .all)
        try line.say("reset")
        #expect(old.receive(1) == .reset)
        let new = try connected()
        #expect(new.turn() == .all)
        try line.say("cut")
        #expect(new.receive(1) == .reset)
        #expect(try connected().receive(1, patience: 1_000) == .reset)
        try line.say("heal")
        #expect(try connected().turn() == .all)
    }

    @Test("a command is about the ports that it names, and a rate is shared by all of them")
    func ports() throws {
        let (one, other) = (try connected(), try connected(1))
        #expect(one.turn() == .all && other.turn() == .all)
        try line.say("cut on \(port)")
        #expect(one.receive(1) == .reset && other.turn() == .all)
        try line.say("heal on \(port)")
        let again = try connected()
        #expect(again.turn() == .all)
        try line.say("rate 20000 down")
        let shared = took {
            guard again.send(10_000) == 10_000, other.turn(10_000) == .all else { return .closed }
            return again.receive(10_000)
        }
        #expect(shared.end == .all && shared.time >= .milliseconds(800))
    }

    @Test(
        "says what is wrong with a command",
        arguments: [
            "", "slow", "rate 0", "rate", "delay 1 2 3", "delay x", "cut up", "heal down", "hole on 1", "rate 5 on",
        ])
    func errors(command: String) throws {
        #expect(throws: ProcessProblem.self) { try line.say(command) }
        #expect(try connected().turn() == .all)
    }
}
