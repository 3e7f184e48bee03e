// The readers of import files: the same rows wherever the file is cut into chunks, in UTF-8 and in GB 18030.

import Events
import Intake

extension FuzzTarget {
    /// The input behind its first byte, which chooses the encoding and the size of chunks.
    private static func decoded(_ bytes: [UInt8]) throws -> (text: [UInt8], chunks: [[UInt8]]) {
        let choice = Int(bytes.first ?? 0)
        let encoding = choice & 1 == 0 ? TextEncoding.utf8 : .gb18030
        let source = Array(bytes.dropFirst())
        _ = TextEncoding.detected(in: source)
        let size = 1 + (choice >> 1) % 61
        let whole = try TextDecoder(encoding).decode(source, isLast: true)
        let decoder = try TextDecoder(encoding)
        var chunks: [[UInt8]] = []
        for start in stride(from: 0, to: source.count, by: size) {
            chunks.append(decoder.decode(Array(source[start..<min(start + size, source.count)])))
        }
        chunks.append(decoder.decode([], isLast: true))
        try Broken.unless(Array(chunks.joined()) == whole, "a text that depends on where its file is cut")
        return (whole, chunks)
    }

    static let csv: @Sendable ([UInt8]) throws -> Void = { bytes in
        let (text, chunks) = try decoded(bytes)
        func rows(_ chunks: [[UInt8]]) -> [String] {
            var reader = CSVReader()
            var rows: [RowOutcome] = []
            for chunk in chunks { reader.feed(chunk, into: &rows) }
            reader.finish(into: &rows)
            return rows.map(shown)
        }
        try Broken.unless(rows(chunks) == rows([text]), "rows that depend on where their file is cut")
    }

    static let jsonLines: @Sendable ([UInt8]) throws -> Void = { bytes in
        let (text, chunks) = try decoded(bytes)
        func rows(_ chunks: [[UInt8]]) -> [String] {
            var reader = JSONLinesReader()
            var rows: [RowOutcome] = []
            for chunk in chunks { reader.feed(chunk, into: &rows) }
            reader.finish(into: &rows)
            return rows.map(shown)
        }
        try Broken.unless(rows(chunks) == rows([text]), "rows that depend on where their file is cut")
    }

    /// A row as a short text that is another one for another row.
    private static func shown(_ row: RowOutcome) -> String {
        switch row {
        case .row(let row): "\(row.number) \(Digest.sha256(Array(row.fields.joined(separator: "\u{1F}").utf8)))"
        case .refused(let row): "\(row.number) refused: \(row.reason.name) \(row.reason.message)"
        }
    }
}
