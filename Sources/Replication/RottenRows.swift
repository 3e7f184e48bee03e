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
        /// Milliseconds until a question without an answer was asked in vain.
        static let answer: Int64 = 3_000
        /// Milliseconds until who was asked in vain is asked again.
        static let again: Int64 = 60_000
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
    }

    private struct Offer {
        var position: Int64
        var event: Event
        var peer: NodeID?
    }

    /// By position.
    private var rows: [Int64: Row] = [:]
    /// Until when nothing is asked, in steady milliseconds.
    private var restsUntil = Int64.min
    /// What each peer is asked now, in steady milliseconds.
    private var asking: [NodeID?: (position: Int64, at: Int64)] = [:]
    /// What was given and is to be stored, and what came of it in the open transaction.
    private var offers: [Offer] = []
    private var outcomes: [(offer: Offer, healing: Healing)] = []
    private var alarms: [Words] = []
    /// Rows that were healed since the start.
    package private(set) var healed: Int64 = 0

    package init() {}

    /// Rows that are rotten, as far as anybody has looked.
    package var count: Int64 { Int64(rows.count) }
    var hasStorageWork: Bool { !offers.isEmpty }

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
            rows[position] = Row(event: event)
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

    private static func rot(of id: EventID, _ reader: any EventReader) throws(LogFailure) -> LogFailure? {
        switch try LogFailure.orDamage({ () throws(LogFailure) in try reader.event(id) }) {
        case .success(let stored): stored?.rot
        case .failure(let damage): damage
        }
    }

    // MARK: - Asking

    /// The questions that are due, one event for each peer that is asked nothing yet.
    ///
    /// - Parameter peers: who is connected.
    mutating func ask(_ peers: [NodeID?], now: Moment) -> [Question] {
        guard !rows.isEmpty, now.steady >= restsUntil else { return [] }
        asking = asking.filter { peers.contains($0.key) && now.steady - $0.value.at < Limit.answer }
        var questions: [Question] = []
        for peer in peers where asking[peer] == nil {
            let due = rows.keys.sorted().first { position in
                rows[position].map { isDue($0, at: position, of: peer, among: peers, now.steady) } ?? false
            }
            guard let due, let event = rows[due]?.event else { continue }
            rows[due]?.asked[peer] = now.steady
            asking[peer] = (due, now.steady)
            questions.append(Question(peer: peer, event: event))
        }
        if !peers.isEmpty { tellMissed(peers) }
        return questions
    }

    /// Who wrote the event is asked first, then the others, one at a time.
    private func isDue(_ row: Row, at position: Int64, of peer: NodeID?, among peers: [NodeID?], _ now: Int64) -> Bool {
        guard let author = row.event?.origin.node, !isUnderWay(position) else { return false }
        if let asked = row.asked[peer], now - asked < Limit.again { return false }
        return peer == author || !peers.contains(author) || row.asked[author] != nil
    }

    private func isUnderWay(_ position: Int64) -> Bool {
        asking.values.contains { $0.position == position } || offers.contains { $0.position == position }
    }

    private mutating func tellMissed(_ peers: [NodeID?]) {
        for (position, row) in rows.sorted(by: { $0.key < $1.key }) {
            guard let event = row.event, !row.isMissed, !isUnderWay(position),
                peers.allSatisfy({ row.asked[$0] != nil })
            else { continue }
            rows[position]?.isMissed = true
            alarms.append(
                """
                event \(event), row \(position) of the log, is rotten, and nobody who is connected gives it back: it is asked \
                for again; if nobody has it, restore the node from a backup, or replace it
                """)
        }
    }

    /// A peer answers a question.
    ///
    /// - Parameter first: what was asked for.
    mutating func given(_ events: [Event], for first: EventID, by peer: NodeID?) {
        guard let position = asking[peer]?.position, rows[position]?.event == first else { return }
        asking[peer] = nil
        guard let event = events.first(where: { $0.id == first }) else { return }
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
        return records
    }

    /// The transaction with these is on the disk.
    ///
    /// - Returns: the events that stand in their places again.
    mutating func committed(_ reader: any EventReader) throws(LogFailure) -> [Event] {
        guard !outcomes.isEmpty else { return [] }
        var healed: [Event] = []
        for (offer, healing) in outcomes {
            switch healing {
            case .healed:
                rows[offer.position] = nil
                healed.append(offer.event)
                alarms.append("row \(offer.position) of the log was rotten, and has its event \(offer.event.id) again")
            case .sound: rows[offer.position] = nil
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
        if !healed.isEmpty {
            for (position, row) in rows {
                guard let event = row.event, try RottenRows.rot(of: event, reader) == nil else { continue }
                rows[position] = nil
            }
        }
        return healed
    }

    /// The transaction was lost: what was given is asked for again, after a rest: it may be why.
    mutating func storageFailed(now: Moment) {
        if !offers.isEmpty { restsUntil = now.steady + Limit.rest }
        for offer in offers { rows[offer.position]?.asked = [:] }
        offers = []
        outcomes = []
    }
}
