/// The hub's answers to nodes that have nothing of their feed, or nothing of a ticket that sleeps in it
/// (`docs/decisions/0025-a-feed-begins-anew.md`).
///
/// A base costs one row, however long the past: all that is in the feed sleeps behind it. What is open then gets its rows again in
/// pieces, one in a transaction, the newest first; a hub that dies in between goes on when the node comes back.

package import Events

package struct HubBases: Sendable {
    package enum Limit {
        /// Rows above the last base from which on a feed begins anew: a catch-up of less than a second.
        package static let longPast: Int64 = 10_000
        /// Milliseconds between two bases of a feed, by the wall clock: open tickets alone may be a long past.
        static let pause: Int64 = 86_400_000
        /// Questions that wait.
        static let questions = 1_000
        /// Of one node; whether it may begin behind a base it may ask beside these.
        static let questionsEach = 256
        /// Questions, and streams of a base, that one transaction does.
        static let streams = 64
        /// Milliseconds after a transaction that was lost, and until what could not be read is looked at again.
        static let rest: Int64 = 1_000
        static let damageAfter: Int64 = 60_000
        static let damageLast: Int64 = 3_600_000
        /// Events that are read in a turn to see which streams are open; one stream more is read whole.
        static let events = 2_000
    }

    private struct Question {
        var node: NodeID
        var session: UInt64
        var message: BaseMessage
    }

    /// What is open behind a base is being carried over.
    private struct Work {
        var feed: FeedName
        var base: FeedCursor
        /// Streams with lower numbers in the log were not looked at yet.
        var below: Int64
        /// Of the first page that had a stream which cannot be read: from there on all is looked at again.
        var again: Int64?
        /// Steady milliseconds.
        var restsUntil = Int64.min
        /// Milliseconds until what could not be read is looked at again: longer each time.
        var pause = Limit.damageAfter
    }

    private let longPast: Int64
    private let isOpen: @Sendable ([Event]) -> Bool
    /// Those that need an event first.
    private var toStore: [Question] = []
    /// Those that can be answered from what is committed.
    private var toAnswer: [Question] = []
    private var works: [NodeID: Work] = [:]
    /// The next piece of a work, for this turn's transaction, and what is left behind it; nil for nothing.
    private var piece: (node: NodeID, wake: FeedWake, left: Work?)?
    /// What questions met that cannot be read; and events about bases.
    private var met: [LogFailure] = []
    private var records: [LogFailure] = []
    /// Whether a work goes on with the next turn.
    private var isBusy = false

    /// - Parameters:
    ///   - longPast: rows above the last base of a feed from which on it begins anew for a node that has nothing of it.
    ///   - isOpen: whether a stream goes on, by all of its events; what is over sleeps behind a base.
    package init(longPast: Int64 = Limit.longPast, isOpen: @escaping @Sendable ([Event]) -> Bool) {
        self.longPast = longPast
        self.isOpen = isOpen
    }

    var hasStorageWork: Bool { !toStore.isEmpty || piece != nil }
    var hasMore: Bool { isBusy || !toStore.isEmpty }

    /// A node's session begins: what a hub that died left half done goes on.
    mutating func opened(_ node: NodeID, _ reader: any EventReader) throws {
        guard works[node] == nil, let last = try last(of: .node(node), node, reader), last.below != 0 else { return }
        begin(Work(feed: .node(node), base: last.base.before, below: last.below ?? .max), of: node)
    }

    /// Where a feed begins now; what of its progress is damaged is told.
    private mutating func last(
        of feed: FeedName, _ node: NodeID, _ reader: any EventReader
    ) throws -> FeedBase.Standing? {
        let last = try FeedBase.last(of: feed, node, in: reader)
        for damage in last?.damage ?? [] where records.count < DamageBook.limit { records.append(damage) }
        return last
    }

    mutating func takeRecords() -> [LogFailure] {
        defer { records = [] }
        return records
    }

    private mutating func begin(_ work: Work, of node: NodeID) {
        works[node] = work
        isBusy = true
    }

    /// A node is not served any more.
    mutating func forget(_ node: NodeID) {
        toStore.removeAll { $0.node == node }
        toAnswer.removeAll { $0.node == node }
        works[node] = nil
        if piece?.node == node { piece = nil }
    }

    mutating func take(
        _ message: BaseMessage, from node: NodeID, session: UInt64, _ reader: any EventReader, _ now: Moment
    ) throws {
        let question = Question(node: node, session: session, message: message)
        let needsEvent: Bool
        switch message {
        case .rebase(let feed):
            // Who asks twice before it is answered gets one answer.
            guard !(toStore + toAnswer).contains(where: { $0.node == node && $0.message == message }) else { return }
            do {
                let last = try last(of: feed, node, reader)
                let past = try reader.feedHead(feed).fseq - (last?.base.before.fseq ?? 0)
                let isRecent = last.map { abs(now.wall.milliseconds - $0.at.milliseconds) < Limit.pause } ?? false
                needsEvent = past > longPast && !isRecent
            } catch let damage as LogFailure {
                guard case .corrupt = damage else { throw damage }
                // Who has nothing would be held up at the base's own row for as long as nobody gives that back.
                records.append(damage)
                needsEvent = true
            }
        case .wake(let stream):
            let waiting = toStore + toAnswer
            guard waiting.count < Limit.questions, waiting.count(where: { $0.node == node }) < Limit.questionsEach
            else { return }
            needsEvent = try reader.asleep(stream).contains(.node(node))
            // Behind rows that are rotten nothing is sent: it sleeps on until they are healed, and the node asks again.
            if needsEvent, let damage = try HubBases.rows(of: stream, reader).damage {
                met.append(damage)
                return
            }
        case .base, .woken: return
        }
        if needsEvent { toStore.append(question) } else { toAnswer.append(question) }
    }

    /// Looks for the next piece of what is to be carried over, of one node a turn.
    ///
    /// A stream with a row that cannot be read, or is rotten, sleeps on until it is mended: nothing behind such a row is sent.
    ///
    /// - Returns: the damage that was met.
    mutating func look(_ reader: any EventReader, _ now: Moment) throws -> [LogFailure] {
        isBusy = false
        let damages = met
        met = []
        return try damages + carryOn(reader, now)
    }

    /// A stream's events, and the first of them that cannot be read or is rotten.
    private static func rows(
        of stream: StreamName, _ reader: any EventReader
    ) throws -> (events: [Event], damage: LogFailure?) {
        let read = try LogFailure.orDamage { () throws(LogFailure) in
            try reader.page(.stream(stream), .forward, from: 0, limit: 10_000)
        }
        switch read {
        case .success(let rows): return (rows.map(\.event), rows.lazy.compactMap(\.rot).first)
        case .failure(let damage): return ([], damage)
        }
    }

    private mutating func carryOn(_ reader: any EventReader, _ now: Moment) throws -> [LogFailure] {
        guard piece == nil,
            let (node, work) = works.filter({ $0.value.restsUntil <= now.steady })
                .max(by: { ($0.value.below, $1.key) < ($1.value.below, $0.key) })
        else { return [] }
        isBusy = true
        var (left, read) = (work, 0)
        var open: [StreamName] = []
        var damages: [LogFailure] = []
        while left.below > 0, read < Limit.events, open.isEmpty {
            let page = try reader.sleeping(in: work.feed, below: left.below, limit: Limit.streams)
            damages += page.damage
            var below = page.below
            for (stream, number) in zip(page.streams, page.numbers) {
                let (events, damage) = try HubBases.rows(of: stream, reader)
                read += events.count
                if let damage {
                    damages.append(damage)
                } else if isOpen(events) {
                    open.append(stream)
                }
                // The rest of the page is looked at in another turn.
                if read >= Limit.events, number > below {
                    below = number
                    break
                }
            }
            if !damages.isEmpty { left.again = left.again ?? left.below }
            left.below = below
            // A page without a sleeping stream costs something, too.
            read += HubBases.pageCost
        }
        let below = left.again ?? left.below
        if left.below == 0, let again = left.again {
            (left.below, left.again, left.restsUntil) = (again, nil, now.steady + left.pause)
            left.pause = min(left.pause * 2, Limit.damageLast)
        }
        if open.isEmpty, below > 0 {
            works[node] = left
        } else {
            let wake = FeedWake(feed: work.feed, streams: open, progress: .init(base: work.base, below: below))
            piece = (node, wake, below > 0 ? left : nil)
        }
        return damages
    }

    /// As many events as looking for a page of sleeping streams costs.
    private static let pageCost = 100

    mutating func store(_ transaction: any LogTransaction, now: Moment) throws {
        if let (node, wake, _) = piece { _ = try transaction.wake(wake, of: node, now: now.wall) }
        let questions = toStore.prefix(Limit.streams)
        var wanted: [NodeID: [StreamName]] = [:]
        for question in questions {
            switch question.message {
            case .rebase(let feed): _ = try transaction.rebase(feed, of: question.node, now: now.wall)
            case .wake(let stream): wanted[question.node, default: []].append(stream)
            case .base, .woken: break
            }
        }
        for (node, streams) in wanted.sorted(by: { $0.key < $1.key }) {
            _ = try transaction.wake(FeedWake(feed: .node(node), streams: streams), of: node, now: now.wall)
        }
        toAnswer += questions
        toStore.removeFirst(questions.count)
    }

    /// Nodes ask again; what was to be carried over is looked for again.
    mutating func storageFailed(_ now: Moment) {
        if let piece { works[piece.node]?.restsUntil = now.steady + Limit.rest }
        toStore = []
        toAnswer = []
        piece = nil
    }

    /// The turn is committed: answers, by what stands in the log now.
    ///
    /// - Returns: each node's answer, or the damage that keeps it from one: it asks again, and nobody else is the worse for it.
    mutating func committed(_ reader: any EventReader) throws -> [(node: NodeID, answer: Result<Message, LogFailure>)] {
        if let piece { works[piece.node] = piece.left }
        piece = nil
        let questions = toAnswer
        toAnswer = []
        var answers: [(node: NodeID, answer: Result<Message, LogFailure>)] = []
        for question in questions {
            do {
                guard let answer = try answer(question, reader) else { continue }
                answers.append((question.node, .success(.bases(session: question.session, answer))))
            } catch let damage as LogFailure {
                guard case .corrupt = damage else { throw damage }
                answers.append((question.node, .failure(damage)))
            }
        }
        return answers
    }

    private mutating func answer(_ question: Question, _ reader: any EventReader) throws -> BaseMessage? {
        let feed = FeedName.node(question.node)
        switch question.message {
        case .rebase:
            let last = try last(of: feed, question.node, reader)
            let before = last?.base.before ?? FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
            if let last, last.below != 0, works[question.node]?.base != before {
                begin(Work(feed: feed, base: before, below: last.below ?? .max), of: question.node)
            }
            return .base(feed, before)
        case .wake(let stream):
            // One that is found to be rotten sleeps on: the node asks again.
            guard try !reader.asleep(stream).contains(feed) else { return nil }
            return .woken(stream, try reader.membership(of: stream).contains(feed) ? .inFeed : .notForYou)
        case .base, .woken: return nil
        }
    }
}

extension HubDesk {
    /// Prepares the next piece of what is carried over behind a base.
    mutating func carryOver(_ reader: any EventReader, _ now: Moment) throws {
        for damage in try bases.look(reader, now) {
            try rotten.note(damage, reader)
            guard carried.note(damage) else { continue }
            alarms.append(.alarm("a ticket is not carried over yet into a feed that begins anew", damage))
        }
        for damage in bases.takeRecords() {
            try rotten.note(damage, reader)
            guard carried.note(damage) else { continue }
            alarms.append(.alarm("what was carried over into a feed that begins anew is looked at again", damage))
        }
    }

    /// What a damaged event held up goes on when that is whole again.
    mutating func goOn(behind healed: Event, _ reader: any EventReader) throws {
        guard healed.type == FeedBase.type || healed.type == FeedWake.type,
            let node = hub.live.map(\.node).first(where: { (try? Rewind.stream(of: $0)) == healed.stream })
        else { return }
        do { try bases.opened(node, reader) } catch { try pass(over: .node(node), error, reader) }
    }

    /// Where feeds begin, and tickets that are awake.
    mutating func answerBases(_ reader: any EventReader) throws {
        for (node, answer) in try bases.committed(reader) {
            switch answer {
            case .success(let message): send(message, to: node)
            case .failure(let damage): try pass(over: .node(node), damage, reader)
            }
        }
    }
}
