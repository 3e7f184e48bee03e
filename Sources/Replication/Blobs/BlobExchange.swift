/// Blobs between two nodes, as a machine without IO: inputs in, actions out, time as an argument (`docs/format/blobs.md`).
///
/// Each side asks for what it lacks, from the byte on where it stands, with a credit; the other sends no more than that.
/// The machine knows neither which blobs there are nor who may have them: its desk does.

package import Events

package struct BlobExchange: Sendable {
    package enum Input: Sendable {
        /// Fetch a blob of which so much is here.
        case fetch(Digest, for: EventID, have: Int64)
        /// The other side has sent a piece.
        case chunk(BlobChunk)
        /// The bytes of a fetched blob were looked at.
        case completed(Digest, isRight: Bool)
        /// The disk took no bytes of it.
        case failed(Digest)
        /// The other side asks for a blob that is here, this long, and that it may have.
        case wanted(BlobWant, size: Int64)
        case tick
    }

    package enum Action: Sendable, Equatable {
        case want(BlobWant)
        /// Keep these bytes behind those that are here; 0 begins anew.
        case store(Digest, at: Int64, [UInt8])
        /// All bytes are here: verify them, then report `.completed`.
        case complete(Digest)
        /// Nothing more is asked of this one for a while.
        case gaveUp(Digest, Reason)
    }

    package enum Reason: Sendable, Equatable {
        /// The other side does not have it, or not for this node.
        case none
        case silent
        /// Its bytes were twice not what their hash says.
        case wrong
        /// It has more bytes than are taken here.
        case tooLong(Int64)
        case disk
    }

    /// Credit in bytes, times in milliseconds.
    package enum Limit {
        package static let creditFirst: UInt32 = 32 << 10
        package static let creditLeast: UInt32 = 4 << 10
        package static let creditMost: UInt32 = 512 << 10
        /// A question is repeated after this time without a piece.
        package static let answer: Int64 = 3_000
        /// Credit that is used up within this time earns more.
        package static let promptAnswer: Int64 = 1_000
        /// Blobs that are fetched at once.
        package static let fetches = 2
        /// Blobs that are sent at once; of more the oldest question is forgotten, and comes again.
        static let serves = 4
        /// Questions without an answer after which a blob has to wait.
        static let silences = 5
    }

    private struct Fetch {
        var blob: Digest
        var event: EventID
        /// Bytes that are here.
        var offset: Int64
        /// Where the credit that was given ends; `offset` when none is.
        var end: Int64
        var size: Int64?
        /// Steady milliseconds; when the credit was given, and when a piece came last.
        var askedAt: Int64
        var heardAt: Int64
        var silences = 0
        var isStartedOver = false
        /// All of it is here and being verified.
        var isComplete = false
    }

    private struct Serve {
        var blob: Digest
        var size: Int64
        var offset: Int64
        var end: Int64
    }

    private let limit: Int64
    package private(set) var credit = Limit.creditFirst
    private var fetches: [Fetch] = []
    private var serves: [Serve] = []

    /// - Parameter limit: bytes that a blob may have here.
    package init(limit: Int64) { self.limit = limit }

    package var hasRoom: Bool { fetches.count < Limit.fetches }
    /// Blobs that are being fetched.
    package var fetched: [Digest] { fetches.map(\.blob) }

    /// - Parameter isFree: whether no rows are being pulled or pushed over this line; else no credit is given.
    package mutating func step(_ input: Input, isFree: Bool, now: Int64) -> [Action] {
        switch input {
        case .fetch(let blob, let event, let have):
            guard hasRoom, !fetches.contains(where: { $0.blob == blob }) else { return [] }
            fetches.append(Fetch(blob: blob, event: event, offset: have, end: have, askedAt: now, heardAt: now))
            return ask(isFree: isFree, now: now)
        case .chunk(let chunk):
            guard let place = place(of: chunk.blob) else { return [] }
            return take(chunk, place, now) + ask(isFree: isFree, now: now)
        case .completed(let blob, let isRight):
            guard let place = place(of: blob) else { return [] }
            guard !isRight else {
                fetches.remove(at: place)
                return []
            }
            return startOver(place, now) + ask(isFree: isFree, now: now)
        case .failed(let blob): return giveUp(blob, .disk)
        case .wanted(let want, let size):
            serves.removeAll { $0.blob == want.blob }
            if serves.count >= Limit.serves { serves.removeFirst() }
            let (end, overflows) = want.offset.addingReportingOverflow(Int64(want.credit))
            serves.append(
                Serve(blob: want.blob, size: size, offset: want.offset, end: overflows ? size : min(size, end)))
            return []
        case .tick: return tick(now) + ask(isFree: isFree, now: now)
        }
    }

    /// The next piece that the other side may have, the blobs in turn; nil when it has given no more credit.
    package mutating func nextPiece() -> (blob: Digest, offset: Int64, count: Int)? {
        guard !serves.isEmpty else { return nil }
        var serve = serves.removeFirst()
        // Who has all of the bytes, or more, hears of that too.
        let count = max(0, min(Int64(BlobChunk.most), serve.end - serve.offset))
        let piece = (serve.blob, min(serve.offset, serve.size), Int(count))
        serve.offset += count
        if serve.offset < serve.end { serves.append(serve) }
        return piece
    }

    // MARK: - Fetching

    private func place(of blob: Digest) -> Int? { fetches.firstIndex { $0.blob == blob } }

    private mutating func take(_ chunk: BlobChunk, _ place: Int, _ now: Int64) -> [Action] {
        guard !fetches[place].isComplete else { return [] }
        guard chunk.size > 0 else { return giveUp(chunk.blob, .none) }
        guard chunk.size <= limit else { return giveUp(chunk.blob, .tooLong(chunk.size)) }
        // What is here of it is more than there is.
        guard fetches[place].offset <= chunk.size else { return startOver(place, now) }
        // What was lost before it comes again, and so does this.
        guard chunk.offset == fetches[place].offset,
            chunk.bytes.isEmpty ? chunk.offset == chunk.size : fetches[place].end > chunk.offset
        else { return [] }
        fetches[place].heardAt = now
        fetches[place].silences = 0
        fetches[place].size = chunk.size
        fetches[place].offset += Int64(chunk.bytes.count)
        var actions: [Action] = []
        if !chunk.bytes.isEmpty { actions.append(.store(chunk.blob, at: chunk.offset, chunk.bytes)) }
        if fetches[place].offset == chunk.size {
            fetches[place].isComplete = true
            actions.append(.complete(chunk.blob))
        }
        if fetches[place].offset >= min(fetches[place].end, chunk.size) {
            if now - fetches[place].askedAt <= Limit.promptAnswer { credit = min(credit * 2, Limit.creditMost) }
            fetches[place].end = fetches[place].offset
        }
        return actions
    }

    /// Fetches a blob from its beginning, once.
    private mutating func startOver(_ place: Int, _ now: Int64) -> [Action] {
        let blob = fetches[place].blob
        guard !fetches[place].isStartedOver else { return giveUp(blob, .wrong) }
        fetches[place].isStartedOver = true
        fetches[place].isComplete = false
        fetches[place].offset = 0
        fetches[place].end = 0
        fetches[place].heardAt = now
        return []
    }

    private mutating func giveUp(_ blob: Digest, _ reason: Reason) -> [Action] {
        guard let place = place(of: blob) else { return [] }
        fetches.remove(at: place)
        return [.gaveUp(blob, reason)]
    }

    private mutating func tick(_ now: Int64) -> [Action] {
        var actions: [Action] = []
        for fetch in fetches where !fetch.isComplete && fetch.end > fetch.offset && now - fetch.heardAt >= Limit.answer
        {
            guard let place = place(of: fetch.blob) else { continue }
            credit = max(credit / 2, Limit.creditLeast)
            fetches[place].end = fetch.offset
            fetches[place].silences += 1
            if fetches[place].silences >= Limit.silences { actions += giveUp(fetch.blob, .silent) }
        }
        return actions
    }

    /// Gives credit for what has none.
    private mutating func ask(isFree: Bool, now: Int64) -> [Action] {
        guard isFree else { return [] }
        var actions: [Action] = []
        for place in fetches.indices where !fetches[place].isComplete && fetches[place].end == fetches[place].offset {
            let fetch = fetches[place]
            fetches[place].end = fetch.offset + Int64(credit)
            fetches[place].askedAt = now
            fetches[place].heardAt = now
            actions.append(.want(BlobWant(event: fetch.event, blob: fetch.blob, offset: fetch.offset, credit: credit)))
        }
        return actions
    }
}
