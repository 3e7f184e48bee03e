/// The shell around the readers: a file's bytes, unpacked, decoded, cut into rows. Memory is bounded by a chunk and a row.

package final class ImportReader {
    private enum Rows {
        case csv(CSVReader)
        case jsonLines(JSONLinesReader)
    }

    private let map: ImportMap
    private let source: ByteSource
    private let decoder: TextDecoder
    private var rows: Rows
    private var head: [UInt8]?
    private var isAtEnd = false
    private var isHeaderChecked = false

    /// Opens the file and looks at its first bytes.
    ///
    /// - Throws: `.file`, `.gzip` or `.system`; `.unclearEncoding` when the map names none and the bytes do not tell it.
    package init(path: String, map: ImportMap) throws(ImportError) {
        let source = try ByteSource(path: path)
        let first = try source.next()
        let encoding = try ImportReader.encoding(of: first ?? [], map: map, path: path)
        let decoder = try TextDecoder(encoding)
        self.map = map
        self.source = source
        self.decoder = decoder
        head = first
        switch map.format {
        case .csv: rows = .csv(CSVReader(delimiter: map.delimiter, encoding: encoding.name))
        case .jsonl: rows = .jsonLines(JSONLinesReader(encoding: encoding.name))
        }
    }

    private static func encoding(of head: [UInt8], map: ImportMap, path: String) throws(ImportError) -> TextEncoding {
        if let named = map.encoding { return named }
        switch TextEncoding.detected(in: head) {
        case .found(let encoding): return encoding
        case .unclear(let offset): throw .unclearEncoding(path: path, offset: offset)
        }
    }

    /// Bytes of the file as it lies on disk, for progress.
    package var bytesRead: Int { source.bytesRead }
    package var length: Int { source.length }
    package var encoding: TextEncoding { decoder.encoding }

    /// The rows of the next chunk, perhaps none; nil at the end of the file.
    ///
    /// - Throws: `.file`, `.gzip`; of a CSV file `.noHeader` when it ends without one, `.badHeader` when its header has a
    ///   fault, `.missingColumn` as soon as the header was read.
    package func next() throws(ImportError) -> [RowOutcome]? {
        guard !isAtEnd else { return nil }
        var outcomes: [RowOutcome] = []
        let bytes: [UInt8]?
        if let head { bytes = head } else { bytes = try source.next() }
        head = nil
        isAtEnd = bytes == nil
        let text = decoder.decode(bytes ?? [], isLast: isAtEnd)
        switch rows {
        case .csv(var reader):
            rows = .csv(CSVReader())
            reader.feed(text, into: &outcomes)
            if isAtEnd { reader.finish(into: &outcomes) }
            if isAtEnd, reader.columns == nil { throw .noHeader(map: map.name) }
            rows = .csv(reader)
            if let columns = reader.columns { try check(columns, outcomes.first) }
        case .jsonLines(var reader):
            rows = .jsonLines(JSONLinesReader())
            reader.feed(text, into: &outcomes)
            if isAtEnd { reader.finish(into: &outcomes) }
            rows = .jsonLines(reader)
        }
        for (place, outcome) in outcomes.enumerated() {
            guard case .refused(let row) = outcome else { continue }
            outcomes[place] = .refused(RefusedRow(number: row.number, reason: inSource(row.reason)))
        }
        return outcomes
    }

    /// Before any row, because a file may have none.
    private func check(_ columns: SourceColumns, _ first: RowOutcome?) throws(ImportError) {
        if isHeaderChecked { return }
        isHeaderChecked = true
        if case .refused(let row) = first, row.number == 0 {
            throw .badHeader(path: source.path, reason: inSource(row.reason))
        }
        try map.check(columns)
    }

    /// The reason with the place of a bad byte in the file.
    private func inSource(_ reason: RefusalReason) -> RefusalReason {
        guard case .notText(let offset, let encoding) = reason else { return reason }
        return .notText(offset: decoder.sourceOffset(ofMarkerAt: offset), encoding: encoding)
    }
}
