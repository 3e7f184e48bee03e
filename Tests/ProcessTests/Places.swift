/// Free ports and folders for processes.

import Foundation
import Synchronization

/// Ports below those that the system gives to whoever asks for any, so that no client of another test takes one.
enum Ports {
    private static let next = Mutex(Int.random(in: 20_000...28_000))

    /// So many in a row, free on these addresses.
    static func row(_ count: Int, on addresses: [String]) throws -> Int {
        try next.withLock { next in
            for _ in 0..<2_000 {
                let first = next
                next = next + count > 32_000 ? 20_000 : next + count
                if (first..<first + count).allSatisfy({ port in addresses.allSatisfy { isFree($0, port) } }) {
                    return first
                }
            }
            throw ProcessProblem(description: "no \(count) free ports in a row")
        }
    }

    private static func isFree(_ address: String, _ port: Int) -> Bool {
        let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(door) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(port).bigEndian
        place.sin_addr.s_addr = unsafe inet_addr(address)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &place) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(door, $0, size) == 0 }
        }
    }
}

final class TemporaryFolder {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }
}
