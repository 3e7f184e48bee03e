// A small HTTP/1.1 load client: so many keep-alive connections, each with one request in flight, on one thread.

import Foundation
import Glibc

/// One request after another on one connection, without ever blocking.
private struct Client {
    let socket: Int32
    var toSend: ArraySlice<UInt8> = []
    var received: [UInt8] = []
    var started = ContinuousClock.now
    var isWaiting = false
}

/// File descriptors for `pselect`.
private struct Descriptors {
    static let limit: Int32 = 1_024
    var set = fd_set()

    mutating func insert(_ descriptor: Int32) {
        precondition(descriptor < Descriptors.limit, "pselect knows no descriptor above 1,023")
        unsafe withUnsafeMutableBytes(of: &set) { unsafe $0[Int(descriptor) / 8] |= 1 << UInt8(descriptor % 8) }
    }

    func contains(_ descriptor: Int32) -> Bool {
        unsafe withUnsafeBytes(of: set) { unsafe $0[Int(descriptor) / 8] & 1 << UInt8(descriptor % 8) != 0 }
    }
}

struct LoadClient {
    let port: Int
    private var clients: [Client] = []

    /// Connects `count` clients to a server on loopback.
    init(port: Int, count: Int) throws {
        self.port = port
        for _ in 0..<count { clients.append(Client(socket: try LoadClient.connect(port))) }
    }

    func close() { for client in clients { Glibc.close(client.socket) } }

    /// Sends so many requests, and returns the time of each.
    ///
    /// - Parameters:
    ///   - pace: the time between two requests, which then count from when they were due; nil sends each client's next as
    ///     soon as it has its answer.
    ///   - limit: no request is sent later than this, so that a server that is too slow for the pace is not waited for.
    ///   - request: the bytes of the next request.
    /// - Throws: `BenchFailure` when an answer is not the status that is expected.
    mutating func run(
        _ most: Int, expecting status: Int, every pace: Duration? = nil, within limit: Duration? = nil,
        request: () -> [UInt8]
    ) throws -> (Times, Duration) {
        var count = most
        var times = Times()
        var sent = 0
        let start = ContinuousClock.now
        while times.count < count {
            if let limit, ContinuousClock.now - start > limit { count = min(count, sent) }
            for place in clients.indices where !clients[place].isWaiting && sent < count {
                let due = pace.map { start + $0 * sent } ?? ContinuousClock.now
                guard due <= ContinuousClock.now else { break }
                clients[place].toSend = request()[...]
                clients[place].started = due
                clients[place].isWaiting = true
                sent += 1
                try send(place)
            }
            // Woken when the next is due: a coarser clock would be counted against the server.
            let next = pace.flatMap { sent < count ? start + $0 * sent - ContinuousClock.now : nil }
            for place in try ready(within: max(.zero, next ?? LoadClient.patience)) {
                if !clients[place].toSend.isEmpty { try send(place) }
                guard try receive(place), let answer = HTTPAnswer(clients[place].received) else { continue }
                guard answer.status == status else {
                    throw BenchFailure("status \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
                }
                times.add(ContinuousClock.now - clients[place].started)
                clients[place].received.removeAll(keepingCapacity: true)
                clients[place].isWaiting = false
            }
        }
        return (times, ContinuousClock.now - start)
    }

    /// How long no answer may come at all.
    private static let patience = Duration.seconds(10)

    /// Waits until a client that waits can go on, or the time is over.
    private func ready(within time: Duration) throws -> [Int] {
        var readable = Descriptors()
        var writable = Descriptors()
        for client in clients where client.isWaiting {
            readable.insert(client.socket)
            if !client.toSend.isEmpty { writable.insert(client.socket) }
        }
        var limit = timespec(
            tv_sec: Int(time.components.seconds), tv_nsec: Int(time.components.attoseconds / 1_000_000_000))
        // `poll` counts in milliseconds, which is what is to be measured.
        let count = unsafe pselect(Descriptors.limit, &readable.set, &writable.set, nil, &limit, nil)
        guard count > 0 || time < LoadClient.patience else { throw BenchFailure("no answer within 10 s") }
        guard count > 0 else { return [] }
        return clients.indices.filter {
            readable.contains(clients[$0].socket) || writable.contains(clients[$0].socket)
        }
    }

    private mutating func send(_ place: Int) throws {
        let bytes = clients[place].toSend
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(clients[place].socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count >= 0 || errno == EAGAIN else { throw BenchFailure("send fails: \(errno)") }
        clients[place].toSend = bytes.dropFirst(max(0, count))
    }

    /// - Returns: whether something came.
    private mutating func receive(_ place: Int) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(clients[place].socket, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { return false }
        guard count > 0 else { throw BenchFailure("the server closed a connection") }
        clients[place].received += buffer.prefix(count)
        return true
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            let reason = errno
            Glibc.close(socket)
            throw BenchFailure("no connection to port \(port): \(reason)")
        }
        var on: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        return socket
    }
}

/// A whole answer with a Content-Length.
struct HTTPAnswer {
    let status: Int
    let body: ArraySlice<UInt8>

    /// - Returns: nil while something is missing.
    init?(_ bytes: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: separator) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let length = lines.first(where: { $0.hasPrefix("content-length:") })
                .flatMap({ Int($0.dropFirst(15).drop(while: \.isWhitespace)) }), bytes.count >= end.upperBound + length
        else { return nil }
        status = code
        body = bytes[end.upperBound...]
    }
}
