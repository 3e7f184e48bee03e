/// Rows of the log that are rotten, and who is asked for the events that stood there (`docs/format/wire.md`, Rules).
///
/// One machine for hub and street, without IO, over whoever is connected. What it knows is forgotten with the process, and found
/// again.

package import Events

package struct RottenRows: Sendable {
    enum Limit {
        /// Milliseconds without questions after a transaction with an answer was lost.
        static let rest: Int64 = 5_000
        /// Rows that are known at once; others are found again when these are healed.
        static let rows = 1_000
        /// Of them, rows whose body was let go, and of these the ones that were missed already: rot has room beside them.
        static let wanted = 500
        static let missed = 100
        /// Missed bodies that alarms name, since the start.
        static let told = 20
        /// Milliseconds until a question without an answer was asked in vain.
        static let answer: Int64 = 3_000
        /// Milliseconds until who was asked in vain is asked again.
        static let again: Int64 = 60_000
        /// Rows that are looked at in a turn for what to ask, and milliseconds between two looks in which nothing came in between:
        /// a thousand rotten rows and a hundred peers cost a busy loop a hundredth of its time.
        static let looks = 32
        static let look: Int64 = 50
    }

    /// A question for one event.
    struct Question: Equatable {
        /// nil is the hub.
        var peer: NodeID?
        var event: EventID
    }

    private struct Row {
        /// nil when the row does not say which event it held.
        var event: EventID?
        /// Who was asked, when, in steady milliseconds.
        var asked: [NodeID?: Int64] = [:]
        /// Whether an alarm has said that nobody gives it back, and that what somebody gave does not take its place.
        var isMissed = false
        var isRefused = false
        /// Whether its body was let go while its ticket was elsewhere, and is to come back.
        var isLetGo = false
    }

    private struct Offer {
        var position: Int64
        var event: Event
        var peer: NodeID?
    }

    /// By position.
    private var rows: [Int64: Row] = [:]
    /// Their positions, ascending.
    private var places: [Int64] = []
    /// Where in them the next look begins, and when it is, in steady milliseconds.
    private var place = 0
    private var looksAt = Int64.min
    /// Until when nothing is asked, in steady milliseconds.
    private var restsUntil = Int64.min
    /// What each peer is asked now, in steady milliseconds.
    private var asking: [NodeID?: (position: Int64, at: Int64)] = [:]
    /// What was given and is to be stored, and what came of it in the open transaction.
    private var offers: [Offer] = []
    private var outcomes: [(offer: Offer, healing: Healing)] = []
    private var alarms: [Words] = []
    /// Rows whose body was let go and that nobody gave back: that is put on record.
    private var vain: [Int64] = []
    /// Of them, those of which the open transaction says so.
    private var missed: [Int64] = []
    /// Steady milliseconds before which such an answer proves nothing: the hub may be taking back what it has lost.
    private var vainFrom = Int64.min
    private var told = 0
    /// The last missed row that was taken down: the next ones to take down are behind it.
    private(set) var missedPlace: Int64 = 0
    /// Missed rows for which something came that does not take their place, as alarms said; at most `Limit.rows`.
    private var refused: Set<Int64> = []
    /// Rows that were healed since the start.
    package private(set) var healed: Int64 = 0

    package init() {}

    /// Rows that are rotten, as far as anybody has looked.
    package var count: Int64 { Int64(rows.count { !$0.value.isLetGo }) }
    /// Rows whose body was let go and is asked back.
    package var wanted: Int64 { Int64(rows.count) - count }
    var hasStorageWork: Bool { !offers.isEmpty || !vain.isEmpty }

    mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    // MARK: - Finding

    /// Takes down damage that a read has met; anything but that of an event is nothing to ask for.
    package mutating func note(_ damage: LogFailure, _ reader: any EventReader) throws(LogFailure) {
        var next: LogFailure? = damage
        while case .corrupt("events", let position, _) = next, position > 0, rows[position] == nil,
            rows.count < Limit.rows
        {
            var event: EventID?
            if case .success(let id) = try LogFailure.orDamage({ () throws(LogFailure) in try reader.id(at: position) })
            {
                event = id
            }
            set(Row(event: event), at: position)
            guard let event else {
                alarms.append(
                    """
                    row \(position) of the log is rotten and does not say which event it held: nobody can be asked for it; \
                    restore the node from a backup, or replace it
                    """)
                return
            }
            // The hash of the event before stands in for what the row says of it: that one may be the rotten one.
            next = try RottenRows.rot(of: EventID(origin: event.origin, sequence: event.sequence - 1), reader)
        }
    }

    /// Takes down rows whose body was let go and that are this node's again.
    ///
    /// Missed ones that were asked for make room for those behind them, so that all come to be asked for in turn.
    ///
    /// - Parameter bodies: missed ones from `missedPlace` on.
    mutating func want(_ bodies: [WantedBody]) {
        for position in places {
            guard let row = rows[position], row.isLetGo, row.isMissed, !row.asked.isEmpty, !isUnderWay(position),
                !vain.contains(position)
            else { continue }
            if row.isRefused, refused.count < Limit.rows { refused.insert(position) }
            set(nil, at: position)
        }
        for body in bodies
        where rows[body.position] == nil && wanted < (body.isMissing ? Limit.missed : Limit.wanted) {
            var row = Row(event: body.event, isMissed: body.isMissing, isLetGo: true)
            if body.isMissing {
                missedPlace = body.position
                // More of them are none to tell of any more.
                row.isRefused = refused.contains(body.position) || refused.count >= Limit.rows
            }
            set(row, at: body.position)
        }
    }

    /// The hub may be taking back what it has lost: until then an answer without a body proves nothing.
    ///
    /// - Parameter steady: in steady milliseconds.
    mutating func trustVainAnswers(from steady: Int64) { vainFrom = steady }

    private static func rot(of id: EventID, _ reader: any EventReader) throws(LogFailure) -> LogFailure? {
        switch try LogFailure.orDamage({ () throws(LogFailure) in try reader.event(id) }) {
        case .success(let stored): stored?.rot
        case .failure(let damage): damage
        }
    }

    // MARK: - Asking

    /// The questions that are due, one event for each peer that is asked nothing yet.
    ///
    /// - Parameter connected: who is; not asked for while nothing is rotten.
    mutating func ask(_ connected: @autoclosure () -> [NodeID?], now: Moment) -> [Question] {
        guard !rows.isEmpty, now.steady >= restsUntil, now.steady >= looksAt else { return [] }
        looksAt = now.steady + Limit.look
        let peers = connected()
        guard !peers.isEmpty else { return [] }
        let isConnected = Set(peers)
        asking = asking.filter { isConnected.contains($0.key) && now.steady - $0.value.at < Limit.answer }
        var free = peers.filter { asking[$0] == nil }
        var questions: [Question] = []
        for _ in 0..<min(Limit.looks, places.count) {
            if place >= places.count { place = 0 }
            let position = places[place]
            place += 1
            guard let row = rows[position], let event = row.event, !isUnderWay(position) else { continue }
            if let peer = free.first(where: { isDue(row, $0, isConnected, now.steady) }) {
                rows[position]?.asked[peer] = now.steady
                asking[peer] = (position, now.steady)
                free.removeAll { $0 == peer }
                questions.append(Question(peer: peer, event: event))
            } else if !row.isMissed, !row.isLetGo, peers.allSatisfy({ row.asked[$0] != nil }) {
                rows[position]?.isMissed = true
                alarms.append(
                    """
                    event \(event), row \(position) of the log, is rotten, and nobody who is connected gives it back: it is \
                    asked for again; if nobody has it, restore the node from a backup, or replace it
                    """)
            }
        }
        return questions
    }

    /// Who wrote the event is asked first, then the others, one at a time.
    private func isDue(_ row: Row, _ peer: NodeID?, _ isConnected: Set<NodeID?>, _ now: Int64) -> Bool {
        if let asked = row.asked[peer], now - asked < Limit.again { return false }
        let author = row.event?.origin.node
        return peer == author || !isConnected.contains(author) || row.asked[author] != nil
    }

    private func isUnderWay(_ position: Int64) -> Bool {
        asking.values.contains { $0.position == position } || offers.contains { $0.position == position }
    }

    /// Something came: what is next to ask for is looked for at once.
    private mutating func set(_ row: Row?, at position: Int64) {
        rows[position] = row
        looksAt = .min
        let index = places.firstIndex { $0 >= position } ?? places.count
        let isThere = index < places.count && places[index] == position
        if row == nil, isThere { places.remove(at: index) }
        if row != nil, !isThere { places.insert(position, at: index) }
    }

    /// A peer answers a question.
    ///
    /// - Parameter first: what was asked for.
    mutating func given(_ events: [Event], for first: EventID, by peer: NodeID?) {
        guard let position = asking[peer]?.position, rows[position]?.event == first else { return }
        asking[peer] = nil
        looksAt = .min
        guard let event = events.first(where: { $0.id == first }) else {
            guard rows[position]?.isLetGo == true, rows[position]?.isMissed == false else { return }
            rows[position]?.isMissed = true
            vain.append(position)
            return
        }
        offers.append(Offer(position: position, event: event, peer: peer))
    }

    // MARK: - Storing

    /// - Returns: the events that say what was healed.
    mutating func store(_ transaction: any LogTransaction, now: Moment) throws(LogFailure) -> [Event] {
        outcomes = []
        var records: [Event] = []
        for offer in offers {
            let healing = try transaction.heal(offer.event, at: offer.position, now: now.wall)
            if case .healed(let record) = healing { records.append(record.event) }
            outcomes.append((offer, healing))
        }
        missed = []
        for position in vain where now.steady >= vainFrom {
            guard let record = try transaction.miss(position, now: now.wall) else { continue }
            records.append(record.event)
            missed.append(position)
        }
        return records
    }

    /// The transaction with these is on the disk.
    ///
    /// - Returns: the events that stand in their places again.
    mutating func committed(_ reader: any EventReader) throws(LogFailure) -> [Event] {
        for position in vain {
            guard let event = rows[position]?.event else { continue }
            // It is found again, and asked for again, if it is still wanted then.
            set(nil, at: position)
            guard missed.contains(position) else { continue }
            told += 1
            guard told <= Limit.told else { continue }
            alarms.append(
                """
                event \(event), row \(position) of the log, was let go while its ticket was elsewhere, and the centre does not give \
                it back: the ticket is shown without it, and it is asked for again
                """)
        }
        vain = []
        missed = []
        guard !outcomes.isEmpty else { return [] }
        var healed: [Event] = []
        for (offer, healing) in outcomes {
            switch healing {
            case .healed:
                let wasLetGo = rows[offer.position]?.isLetGo ?? false
                set(nil, at: offer.position)
                healed.append(offer.event)
                if wasLetGo { continue }
                alarms.append("row \(offer.position) of the log was rotten, and has its event \(offer.event.id) again")
            case .sound: set(nil, at: offer.position)
            case .refused(let reason):
                guard rows[offer.position]?.isRefused == false else { continue }
                rows[offer.position]?.isRefused = true
                let from: Words = offer.peer.map { "node \($0)" } ?? "the centre"
                alarms.append(
                    "what \(from) gave for row \(offer.position) of the log does not take its place: \(reason)")
            }
        }
        offers = []
        outcomes = []
        self.healed += Int64(healed.count)
        // What was rotten by the row before it is not any more.
        let next = Set(healed.map { EventID(origin: $0.id.origin, sequence: $0.id.sequence + 1) })
        for (position, row) in rows {
            guard let event = row.event, next.contains(event), try RottenRows.rot(of: event, reader) == nil else {
                continue
            }
            set(nil, at: position)
        }
        return healed
    }

    /// The transaction was lost: what was given is asked for again, after a rest: it may be why.
    mutating func storageFailed(now: Moment) {
        if !offers.isEmpty { restsUntil = now.steady + Limit.rest }
        for offer in offers { rows[offer.position]?.asked = [:] }
        for position in vain {
            rows[position]?.isMissed = false
            rows[position]?.asked = [:]
        }
        vain = []
        missed = []
        offers = []
        outcomes = []
    }
}
