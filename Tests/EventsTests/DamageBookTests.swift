import Events
import Testing

@Suite("The book of damage") struct DamageBookTests {
    private func damage(_ position: Int) -> LogFailure {
        .corrupt(table: "events", position: Int64(position), detail: "the hash differs")
    }

    @Test("each damage is told once, and no more than a hundred are")
    func once() {
        var book = DamageBook()
        // Again while the book has room, and beyond it.
        let places = [1, 1, 2, 1] + Array(1...DamageBook.limit + 1)
        let told = places.filter { book.note(damage($0)) }
        #expect(told == Array(1...100))
    }
}
