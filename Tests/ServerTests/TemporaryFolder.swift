import Foundation

/// A folder that goes when its owner goes.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }
}
