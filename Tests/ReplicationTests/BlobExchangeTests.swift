import Events
import Replication
import Testing

@Suite("The exchange of blobs") struct BlobExchangeTests {
    private typealias Limit = BlobExchange.Limit

    private let event: EventID
    private let blob = Digest.sha256([1])
    private var exchange = BlobExchange(limit: 1 << 20)

    init() throws {
        event = EventID(origin: Origin(node: try NodeID("street1"), incarnation: Incarnation(3)), sequence: 4)
    }

    private func want(_ blob: Digest, _ offset: Int64, _ credit: UInt32) -> BlobExchange.Action {
        .want(BlobWant(event: event, blob: blob, offset: offset, credit: credit))
    }

    private func chunk(_ offset: Int64, _ count: Int, of size: Int64) -> BlobExchange.Input {
        .chunk(BlobChunk(blob: blob, size: size, offset: offset, bytes: [UInt8](repeating: 7, count: count)))
    }

    private mutating func step(_ input: BlobExchange.Input, isFree: Bool = true, at now: Int64) -> [BlobExchange.Action]
    {
        exchange.step(input, isFree: isFree, now: now)
    }

    @Test("a blob is asked for from where it stands, with 32 KiB first and twice as much after each prompt answer")
    mutating func fetching() {
        #expect(step(.fetch(blob, for: event, have: 1_000), at: 0) == [want(blob, 1_000, 32 << 10)])
        let first = step(chunk(1_000, 32 << 10, of: 80_000), at: 500)
        #expect(first.last == want(blob, 33_768, 64 << 10))
        #expect(first.count == 2)
        #expect(step(chunk(33_768, 32 << 10, of: 80_000), at: 700).count == 1, "credit is left")
        let last = step(chunk(66_536, 13_464, of: 80_000), at: 800)
        #expect(last.last == .complete(blob))
        #expect(step(.completed(blob, isRight: true), at: 900) == [])
        #expect(exchange.hasRoom && exchange.fetched.isEmpty)
    }

    @Test("while rows are on their way no credit is given; then it is")
    mutating func rowsFirst() {
        #expect(step(.fetch(blob, for: event, have: 0), isFree: false, at: 0) == [])
        #expect(step(.tick, isFree: false, at: 60_000) == [])
        #expect(step(.tick, at: 60_050) == [want(blob, 0, 32 << 10)])
        // What was given before the rows came is used up, and no more is given.
        #expect(step(chunk(0, 32 << 10, of: 80_000), isFree: false, at: 60_100).count == 1)
        #expect(step(.tick, isFree: false, at: 70_000) == [])
        #expect(step(.tick, at: 70_050) == [want(blob, 32 << 10, 64 << 10)])
    }

    @Test("a piece that is not the next one, or that nobody asked for, is let go")
    mutating func stray() {
        #expect(step(chunk(0, 10, of: 80_000), at: 0) == [])
        _ = step(.fetch(blob, for: event, have: 1_000), at: 0)
        for offset in [0, 999, 1_001] as [Int64] { #expect(step(chunk(offset, 10, of: 80_000), at: 10) == []) }
        #expect(
            step(chunk(1_000, 10, of: 80_000), at: 20) == [.store(blob, at: 1_000, [UInt8](repeating: 7, count: 10))])
        #expect(step(chunk(1_000, 10, of: 80_000), at: 20) == [], "twice")
    }

    @Test("a silence repeats the question with half the credit, down to 4 KiB, and at last gives up")
    mutating func silence() {
        _ = step(.fetch(blob, for: event, have: 0), at: 0)
        var credits: [UInt32] = []
        var ends: [BlobExchange.Action] = []
        for number in 1...5 {
            for action in step(.tick, at: Int64(number) * 3_000) {
                if case .want(let want) = action { credits.append(want.credit) } else { ends.append(action) }
            }
        }
        #expect(credits == [16 << 10, 8 << 10, 4 << 10, 4 << 10])
        #expect(ends == [.gaveUp(blob, .silent)])
        #expect(exchange.hasRoom)
    }

    @Test("bytes that do not give the hash are fetched once more from the beginning, and then no more")
    mutating func wrong() {
        _ = step(.fetch(blob, for: event, have: 0), at: 0)
        #expect(step(chunk(0, 100, of: 100), at: 10).last == .complete(blob))
        #expect(step(.completed(blob, isRight: false), at: 20) == [want(blob, 0, 64 << 10)])
        #expect(step(chunk(0, 100, of: 100), at: 30).last == .complete(blob))
        #expect(step(.completed(blob, isRight: false), at: 40) == [.gaveUp(blob, .wrong)])
    }

    @Test("more here than there is: from the beginning; all here already: verified without a byte")
    mutating func ends() {
        _ = step(.fetch(blob, for: event, have: 200), at: 0)
        #expect(step(chunk(100, 0, of: 100), at: 10) == [want(blob, 0, 32 << 10)])
        #expect(step(chunk(0, 100, of: 100), at: 20).last == .complete(blob))
        _ = step(.completed(blob, isRight: true), at: 30)
        _ = step(.fetch(blob, for: event, have: 100), at: 40)
        #expect(step(chunk(100, 0, of: 100), at: 50) == [.complete(blob)])
    }

    @Test("what is not there, too long, or not taken by the disk ends, and leaves room for another")
    mutating func refused() {
        for (input, reason) in [
            (chunk(0, 0, of: 0), BlobExchange.Reason.none), (chunk(0, 10, of: 1 << 21), .tooLong(1 << 21)),
            (.failed(blob), .disk),
        ] {
            _ = step(.fetch(blob, for: event, have: 0), at: 0)
            #expect(step(input, at: 10) == [.gaveUp(blob, reason)])
            #expect(exchange.hasRoom)
        }
    }

    @Test("two at once")
    mutating func two() {
        for number in 1...3 { _ = step(.fetch(.sha256([UInt8(number)]), for: event, have: 0), at: 0) }
        #expect(exchange.fetched == [.sha256([1]), .sha256([2])])
    }

    @Test("no more is sent than was asked for, in pieces of 32 KiB, two blobs in turn")
    mutating func serving() {
        func ask(_ blob: Digest, _ offset: Int64, _ credit: UInt32, size: Int64) {
            _ = step(.wanted(BlobWant(event: event, blob: blob, offset: offset, credit: credit), size: size), at: 0)
        }
        let other = Digest.sha256([2])
        ask(blob, 10, 40_000, size: 200_000)
        ask(other, 0, 100, size: 50)
        var pieces: [String] = []
        while let piece = exchange.nextPiece() {
            pieces.append("\(piece.blob == blob ? "a" : "b") \(piece.offset) \(piece.count)")
        }
        #expect(pieces == ["a 10 32768", "b 0 50", "a 32778 7232"])
        ask(blob, 300_000, 1_000, size: 200_000)
        let beyond = exchange.nextPiece()
        #expect(beyond?.offset == 200_000 && beyond?.count == 0)
        ask(blob, .max, .max, size: 200_000)
        #expect(exchange.nextPiece()?.count == 0)
        #expect(exchange.nextPiece() == nil)
    }
}
