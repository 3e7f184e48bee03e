/// Where the next page of a list begins: opaque text, good for the list that gave it and no other.

import Events

/// Two keys of the last row shown, and the list's fingerprint.
///
/// Written as hexadecimal of canonical JSON, so that it goes through any URL as it is.
struct PageCursor: Equatable {
    var fingerprint: String
    var number: Int64
    var stream: String

    /// Hexadecimal digits; a category's path is the longest key, and an imported one has whatever length its source gave it.
    private static let longest = 65_536

    var text: String {
        Hexadecimal.text(JSON.array([.string(fingerprint), .integer(number), .string(stream)]).canonicalBytes)
    }

    init(fingerprint: String, number: Int64, stream: String) {
        self.fingerprint = fingerprint
        self.number = number
        self.stream = stream
    }

    /// - Throws: `ViewFailure.malformed` when the text is no cursor, or one of another list.
    init(_ text: String, of fingerprint: String) throws {
        guard text.utf8.count <= PageCursor.longest, let bytes = Hexadecimal.bytes(text),
            let parts = (try? JSONReader.read(bytes))?.array, parts.count == 3, let owner = parts[0].string,
            let number = parts[1].integer, let stream = parts[2].string
        else { throw ViewFailure.malformed(what: "cursor", value: text) }
        guard owner == fingerprint else { throw ViewFailure.malformed(what: "cursor of this list", value: text) }
        self.init(fingerprint: owner, number: number, stream: stream)
    }
}
