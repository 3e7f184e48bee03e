/// Texts are one when their bytes are.
///
/// Swift calls `林` (U+6797) and its compatibility twin (U+F9F4) equal, and `é` in either spelling: canonical equivalence (Unicode,
/// 3.7 D70). SQLite, hashes and the wire see bytes. What stands beside those, as a key or to find out what changed, compares
/// by these: else one text is stored under the other's number, or a change is no change.

extension String {
    package func hasBytes(of other: String) -> Bool {
        let mine = utf8.span
        let its = other.utf8.span
        guard mine.count == its.count else { return false }
        for place in mine.indices where mine[place] != its[place] { return false }
        return true
    }

    package func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
