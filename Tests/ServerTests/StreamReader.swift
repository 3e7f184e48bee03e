/// Reads server-sent events from a real socket, line by line as they come.

import Foundation
import Glibc

enum StreamReader {
    /// The ids of the events that come.
    static func ids(_ port: Int, token: String, lastID: Int64) -> AsyncThrowingStream<Int64, any Error> {
        AsyncThrowingStream { continuation in
            let thread = Thread {
                do {
                    let socket = try connect(port)
                    defer { close(socket) }
                    let request =
                        "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
                        + "Last-Event-ID: \(lastID)\r\n\r\n"
                    guard unsafe write(socket, request, request.utf8.count) == request.utf8.count else {
                        throw Failure()
                    }
                    var line: [UInt8] = []
                    var buffer = [UInt8](repeating: 0, count: 4_096)
                    while true {
                        let count = unsafe read(socket, &buffer, buffer.count)
                        guard count > 0 else { break }
                        for byte in buffer.prefix(count) {
                            guard byte == 0x0A else {
                                line.append(byte)
                                continue
                            }
                            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
                            line = []
                            if text.hasPrefix("id: "), let id = Int64(text.dropFirst(4)) {
                                if case .terminated = continuation.yield(id) { return }
                            }
                        }
                    }
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            thread.start()
        }
    }

    private struct Failure: Error {}

    private static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        // What never comes fails the test instead of holding it.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure() }
        return descriptor
    }
}
