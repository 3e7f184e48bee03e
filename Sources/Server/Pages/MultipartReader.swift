/// A form with files as a browser posts it (`multipart/form-data`, RFC 7578), read as it comes: a file is in memory by pieces.

import Foundation

struct MultipartReader {
    enum Event: Equatable {
        /// A part begins: its field, and whether it is a file that was chosen; one that was not has no name.
        case begin(field: String, isFile: Bool)
        case bytes([UInt8])
        case end
    }

    /// What is no such form.
    struct Malformed: Error, Equatable {}

    private enum Place { case before, headers, body, after }

    /// Bytes that the headers of a part may have.
    private static let headerLimit = 4_096
    private let delimiter: [UInt8]
    /// What came and is not read yet; a line break stands before the first delimiter, too.
    private var rest: [UInt8] = [0x0D, 0x0A]
    private var place = Place.before

    /// - Returns: nil for another type, or one without a boundary of 1 to 70 bytes.
    init?(contentType: String?) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        let parameters = contentType.split(separator: ";").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
        guard let boundary = parameters.first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst(9) else {
            return nil
        }
        let name = boundary.hasPrefix("\"") ? boundary.dropFirst().prefix { $0 != "\"" } : boundary
        guard (1...70).contains(name.utf8.count) else { return nil }
        delimiter = Array("\r\n--\(name)".utf8)
    }

    /// Whether the form ended with its last delimiter.
    var isWhole: Bool { place == .after }

    /// Takes the next bytes.
    ///
    /// - Throws: `Malformed` when a part says no field's name, or its headers do not end.
    mutating func take(_ bytes: [UInt8]) throws(Malformed) -> [Event] {
        rest += bytes
        var events: [Event] = []
        while true {
            switch place {
            case .after:
                rest = []
                return events
            case .before, .body:
                guard let start = MultipartReader.find(delimiter, in: rest) else {
                    // What may be the beginning of a delimiter stays.
                    let sure = max(0, rest.count - delimiter.count)
                    if place == .body, sure > 0 { events.append(.bytes(Array(rest[..<sure]))) }
                    rest.removeFirst(sure)
                    return events
                }
                // Two more bytes tell the last delimiter from the others.
                guard rest.count >= start + delimiter.count + 2 else { return events }
                if place == .body {
                    if start > 0 { events.append(.bytes(Array(rest[..<start]))) }
                    events.append(.end)
                }
                let isLast = rest[start + delimiter.count] == 0x2D && rest[start + delimiter.count + 1] == 0x2D
                rest.removeFirst(start + delimiter.count)
                place = isLast ? .after : .headers
            case .headers:
                guard let end = MultipartReader.find([0x0D, 0x0A, 0x0D, 0x0A], in: rest) else {
                    guard rest.count <= MultipartReader.headerLimit else { throw Malformed() }
                    return events
                }
                events.append(try MultipartReader.begin(String(decoding: rest[..<end], as: UTF8.self)))
                rest.removeFirst(end + 4)
                place = .body
            }
        }
    }

    private static func begin(_ headers: String) throws(Malformed) -> Event {
        let lines = headers.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n")
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = parameter("name", of: line), !name.isEmpty
        else { throw Malformed() }
        return .begin(field: name, isFile: parameter("filename", of: line) != nil)
    }

    /// A quoted parameter, as browsers write it (WHATWG HTML, multipart form data: a quote inside is `%22`).
    private static func parameter(_ name: String, of line: Substring) -> String? {
        guard let start = line.range(of: "; \(name)=\"")?.upperBound else { return nil }
        return String(line[start...].prefix { $0 != "\"" })
    }

    private static func find(_ wanted: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        let last = bytes.count - wanted.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var place = 0
            while place <= last {
                if unsafe buffer[place] == wanted[0] {
                    var length = 1
                    while length < wanted.count, unsafe buffer[place + length] == wanted[length] { length += 1 }
                    if length == wanted.count { return place }
                }
                place += 1
            }
            return nil
        }
    }
}
