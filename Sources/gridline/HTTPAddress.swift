/// Where HTTP listens: `host:port` on loopback, and what it says when it cannot.

import Events
import Foundation
import NIOCore

/// `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`.
struct HTTPAddress: Equatable {
    let host: String
    let port: Int

    /// - Throws: `CommandProblem` for what is no address, or one that others reach.
    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port), colon != text.startIndex
        else {
            throw CommandProblem(message: "\"\(text)\" is no address", hint: "write host:port, such as 127.0.0.1:8080")
        }
        let host = String(text[..<colon])
        guard host == "localhost" || host == "[::1]" || HTTPAddress.isLoopback(host) else {
            throw CommandProblem(
                message: "\(text) is not on loopback", hint: "serve on 127.0.0.1 and put a proxy with TLS before it")
        }
        self.host = host == "[::1]" ? "::1" : host
        self.port = port
    }

    /// An IPv4 address in 127/8: four numbers, and no name that only begins so.
    static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
    }

    /// - Parameter port: the one that the system chose.
    func url(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// A problem in place of what the system said while HTTP was starting; any other error stays.
    func problem(of error: any Error) -> any Error {
        guard let failure = error as? IOError else { return error }
        let detail = unsafe strerror(failure.errnoCode).map { unsafe String(cString: $0) } ?? failure.description
        return CommandProblem(
            message: "HTTP cannot listen on \(url(port: port)): \(detail)",
            hint: "stop what listens there, or change http in gridline.yaml, or give --http")
    }
}
