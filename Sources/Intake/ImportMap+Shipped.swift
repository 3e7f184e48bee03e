/// Finds a map by the name or path that an operator gives.

import Events
import Foundation

extension ImportMap {
    /// The names of the maps in the binary, sorted.
    package static var shippedNames: [String] { shipped.map(\.name) }

    /// The files of `Maps/`, which the build embeds; sorted by name.
    private static let shipped: [(name: String, bytes: [UInt8])] = [
        ("baltimore", PackageResources.baltimore_yaml),
        ("boston-2011", PackageResources.boston_2011_yaml),
        ("boston-open311", PackageResources.boston_open311_yaml),
        ("generated", PackageResources.generated_yaml),
        ("nyc", PackageResources.nyc_yaml),
        ("pingshan", PackageResources.pingshan_yaml),
        ("teddy", PackageResources.teddy_yaml),
    ]

    /// The text of a shipped map, for `gridline import --show-map` and as a start for one's own; nil when there is none.
    package static func shippedText(_ name: String) -> String? {
        shipped.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// A shipped map by its name, or a map file by its path.
    ///
    /// - Throws: `.unknownMap`, or `.map` with the line of a fault.
    package static func load(_ nameOrPath: String) throws(ImportError) -> ImportMap {
        if let yaml = shippedText(nameOrPath) { return try ImportMap(yaml: yaml, name: nameOrPath) }
        guard FileManager.default.fileExists(atPath: nameOrPath) else {
            throw .unknownMap(name: nameOrPath, shipped: shippedNames)
        }
        let yaml: String
        do { yaml = try String(contentsOfFile: nameOrPath, encoding: .utf8) } catch {
            throw .file(path: nameOrPath, what: "it cannot be read as UTF-8 text")
        }
        return try ImportMap(yaml: yaml, name: nameOrPath)
    }
}
