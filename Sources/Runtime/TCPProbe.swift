/// Whether anything listens at an address: what a question without an answer is explained by.

import Events
import Glibc

package enum TCPProbe {
    package enum Outcome: Equatable, Sendable {
        case answers
        /// The machine is there, and nothing listens at the port.
        case refused
        /// What the system says: no such name, no route, no answer.
        case failed(String)
    }

    /// Opens a connection and closes it.
    ///
    /// - Parameter address: `host:port`; as libzmq by itself, by IPv4.
    package static func ask(_ address: String, milliseconds: Int32 = 2_000) -> Outcome {
        guard let colon = address.lastIndex(of: ":") else { return .failed(text(of: EINVAL)) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let host = String(address[..<colon])
        let code = unsafe getaddrinfo(host, String(address[address.index(after: colon)...]), &hints, &found)
        guard code == 0, let first = unsafe found else { return .failed(unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(first) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { return .failed(text(of: errno)) }
        defer { close(descriptor) }
        if unsafe connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 { return .answers }
        guard errno == EINPROGRESS else { return outcome(errno) }
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&wanted, 1, milliseconds) == 1 else { return .failed(text(of: ETIMEDOUT)) }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { return outcome(errno) }
        return outcome(error)
    }

    private static func outcome(_ error: Int32) -> Outcome {
        switch error {
        case 0: .answers
        case ECONNREFUSED: .refused
        case let other: .failed(text(of: other))
        }
    }

    private static func text(of error: Int32) -> String {
        unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
    }
}

extension TCPProbe.Outcome {
    var words: Words {
        switch self {
        case .answers: "something listens there, without the key that the invitation names"
        case .refused: "the machine is there, and nothing listens at the port"
        case .failed(let reason): Words(verbatim: reason)
        }
    }
}
