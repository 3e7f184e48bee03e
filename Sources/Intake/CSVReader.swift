/// Reads comma-separated values (RFC 4180) from decoded chunks: newlines in quotes, doubled quotes, CRLF or LF.
///
/// Sans-IO: chunks of any size in, rows out, the same rows wherever the chunks are cut. Beyond the RFC, a quote
/// inside an unquoted field is text and empty lines are skipped. A row with a fault is refused, the next one is
/// read as usual; memory is bounded by `longestField` and `longestRow`.

import Events

package struct CSVReader {
    /// In bytes.
    package static let longestField = 1 << 20
    /// In bytes.
    package static let longestRow = 4 << 20

    private enum State {
        case fieldStart, unquoted, quoted, afterQuote, carriageReturn, skippingField
    }

    /// The header's names once it was read.
    package private(set) var columns: SourceColumns?
    private let delimiter: UInt8
    private var state = State.fieldStart
    /// Where a carriage return came from, in case no newline follows it.
    private var wasQuoted = false
    private var row: [UInt8] = []
    private var ends: [Int] = []
    private var fault: RefusalReason?
    private var quoteOffset = 0
    private var rowNumber = 0
    /// Offset in the decoded text of the next chunk.
    private var offset = 0
    private let encoding: String

    package init(delimiter: UInt8 = 0x2C, encoding: String = "UTF-8") {
        self.delimiter = delimiter
        self.encoding = encoding
    }

    /// Takes the next chunk of UTF-8, in which `TextDecoder.marker` stands for each undecodable byte.
    package mutating func feed(_ chunk: [UInt8], into rows: inout [RowOutcome]) {
        var place = 0
        while place < chunk.count {
            switch state {
            case .fieldStart:
                if chunk[place] == 0x22 {
                    quoteOffset = offset + place
                    wasQuoted = true
                    state = .quoted
                    place += 1
                } else {
                    wasQuoted = false
                    state = .unquoted
                }
            case .unquoted, .skippingField: unquoted(chunk, &place, &rows)
            case .quoted: quoted(chunk, &place)
            case .afterQuote: afterQuote(chunk, &place, &rows)
            case .carriageReturn:
                if chunk[place] == 0x0A {
                    place += 1
                    endRow(&rows)
                } else if columns == nil, chunk[place] != 0x0D {
                    // Newlines of CR alone would make the whole file a header; CR CR LF is a newline written twice.
                    fault = fault ?? .loneReturn(offset: offset + place - 1)
                    endRow(&rows)
                } else {
                    state = .unquoted
                    if wasQuoted { note(.textBehindQuote(offset: offset + place - 1)) }
                    append([0x0D])
                }
            }
        }
        offset += chunk.count
    }

    /// The end of the file: hands out a last row without a newline.
    package mutating func finish(into rows: inout [RowOutcome]) {
        switch state {
        case .quoted: note(.unclosedQuote(offset: quoteOffset))
        case .carriageReturn, .fieldStart, .unquoted, .afterQuote, .skippingField: break
        }
        if state != .fieldStart || !ends.isEmpty { endRow(&rows) }
    }

    // MARK: States

    private mutating func unquoted(_ chunk: [UInt8], _ place: inout Int, _ rows: inout [RowOutcome]) {
        let start = place
        while place < chunk.count {
            let byte = chunk[place]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
            if byte == TextDecoder.marker { note(.notText(offset: offset + place, encoding: encoding)) }
            place += 1
        }
        if state == .unquoted { append(chunk[start..<place]) }
        guard place < chunk.count else { return }
        switch chunk[place] {
        case delimiter: endField()
        case 0x0A: endRow(&rows)
        default: state = .carriageReturn
        }
        place += 1
    }

    private mutating func quoted(_ chunk: [UInt8], _ place: inout Int) {
        let start = place
        while place < chunk.count, chunk[place] != 0x22 {
            if chunk[place] == TextDecoder.marker { note(.notText(offset: offset + place, encoding: encoding)) }
            place += 1
        }
        append(chunk[start..<place])
        guard place < chunk.count else { return }
        state = .afterQuote
        place += 1
    }

    private mutating func afterQuote(_ chunk: [UInt8], _ place: inout Int, _ rows: inout [RowOutcome]) {
        switch chunk[place] {
        case 0x22:
            append([0x22])
            state = .quoted
        case delimiter: endField()
        case 0x0A: endRow(&rows)
        case 0x0D: state = .carriageReturn
        default:
            note(.textBehindQuote(offset: offset + place))
            state = .skippingField
        }
        place += 1
    }

    // MARK: Fields and rows

    private mutating func append(_ bytes: some Collection<UInt8>) {
        let fieldStart = ends.last ?? 0
        guard row.count - fieldStart + bytes.count <= CSVReader.longestField else {
            return note(.oversize(what: "a field", limit: CSVReader.longestField))
        }
        guard row.count + ends.count + bytes.count <= CSVReader.longestRow else {
            return note(.oversize(what: "a row", limit: CSVReader.longestRow))
        }
        row.append(contentsOf: bytes)
    }

    private mutating func note(_ reason: RefusalReason) { fault = fault ?? reason }

    private mutating func endField() {
        state = .fieldStart
        // Empty fields are bytes of the row, too: their delimiters.
        guard row.count + ends.count < CSVReader.longestRow else {
            return note(.oversize(what: "a row", limit: CSVReader.longestRow))
        }
        ends.append(row.count)
    }

    private mutating func endRow(_ rows: inout [RowOutcome]) {
        ends.append(row.count)
        defer {
            row.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            fault = nil
            wasQuoted = false
            state = .fieldStart
        }
        if ends.count == 1, row.isEmpty, !wasQuoted, fault == nil { return }
        guard let columns else { return takeHeader(&rows) }
        rowNumber += 1
        if let fault { return rows.append(.refused(RefusedRow(number: rowNumber, reason: fault))) }
        guard ends.count == columns.names.count else {
            let reason = RefusalReason.fieldCount(found: ends.count, expected: columns.names.count)
            return rows.append(.refused(RefusedRow(number: rowNumber, reason: reason)))
        }
        rows.append(.row(SourceRow(number: rowNumber, columns: columns, fields: fields())))
    }

    /// A header that cannot be read comes out as row 0, refused, and there are no columns.
    private mutating func takeHeader(_ rows: inout [RowOutcome]) {
        if let fault { rows.append(.refused(RefusedRow(number: 0, reason: fault))) }
        columns = SourceColumns(fault == nil ? fields().map(TextCleaning.trimmed) : [])
    }

    private func fields() -> [String] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return String(decoding: row[start..<end], as: UTF8.self)
        }
    }
}
