/// Whether a file has the columns that a map reads.

import Privacy

extension ImportMap {
    /// - Throws: `.missingColumn` when a CSV file lacks a column that the map reads. JSON lines may leave out what is empty.
    func check(_ columns: SourceColumns) throws(ImportError) {
        guard format == .csv else { return }
        let needed = (columnsRead + extraColumns(of: columns)).filter { !optional.contains($0) }
        for column in needed where columns.place(of: column) == nil {
            // Names that a rule reads; those of `rest` are the file's own.
            let isHeader = columnsRead.contains { columns.place(of: $0) != nil }
            let shown = isHeader && !columns.names.contains(where: ImportMap.looksLikeData) ? columns.names : []
            throw .missingColumn(column: column, count: columns.names.count, shown: shown, map: name)
        }
    }

    /// Whether a name of the header is rather a value of the first row: empty, long, a number or with one in it.
    private static func looksLikeData(_ name: String) -> Bool {
        var digits = 0
        for character in name.unicodeScalars {
            digits = character.properties.numericType != nil ? digits + 1 : 0
            if digits >= 5 { return true }
        }
        return name.isEmpty || name.count > 30 || digits == name.unicodeScalars.count
            || !PersonalNumbers.find(in: name).isEmpty
    }
}
