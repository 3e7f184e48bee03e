/// Keys of persons by want (`docs/format/wire.md`): a node asks for the keys of the boxes that it has, and gives those that the
/// other side may have. Both ways are the same; nothing is kept about who was told what, since whoever lacks a key asks again.
///
/// Works behind the log's commits, on the vault's own transactions: a key that is late delays no event.

import Events

struct KeyExchange {
    /// Which boxes a node has, and whom it asks for their keys.
    enum Boxes: Sendable {
        /// Of the whole log, each from the node that wrote it, or else from one whose feed has its stream: the centre's.
        case log
        /// Of a feed, all from one node: a street's.
        case feed(FeedName, from: NodeID)
    }

    enum Limit {
        /// Rows of the log that are looked at for boxes in a turn.
        static let rows = 4_000
        /// Keys that are asked for, and given, at once.
        static let keys = 64
        /// Answers in one message; 256 bytes each at most.
        static let answers = 128
        /// Milliseconds until a question without an answer is asked again.
        static let answer: Int64 = 3_000
        /// Questions in a row without an answer after which the peer is taken for one that knows nothing of keys; a line that
        /// brings nothing ends its session sooner.
        static let unanswered = 10
        /// Boxes whose keys peers asked for in vain, and get when they come.
        static let owed = 4_096
        /// Milliseconds until all that is lacking is asked for again.
        static let again: Int64 = 60_000
        /// Rows without boxes after which the place is written down all the same.
        static let unwritten: Int64 = 10_000
        /// Events of a stream among which a box is looked for.
        static let history = 1_000
    }

    /// A node that this one has a session with.
    private struct Peer {
        var session: UInt64
        /// What was asked and is not answered yet.
        var asked: Set<PersonID> = []
        var askedAt: Int64 = 0
        /// Questions in a row that had no answer.
        var unanswered = 0
        /// How long an answer is waited for, in milliseconds.
        var patience: Int64 { unanswered < Limit.unanswered ? Limit.answer : Limit.again }
        /// Older boxes than this one are asked for next.
        var below: Int64 = .max
        /// When to begin with the newest again; nil while older ones are still to be asked for.
        var beginsAt: Int64?
        /// At the centre: older boxes than this one are next looked at for those that this peer may have, though another wrote
        /// them; nil when all were.
        var search: Int64? = .max
        /// Where the search stood before what is asked now.
        var searched: Int64?
        /// At a street: boxes up to this one were offered in this round, and whether any was.
        var offered: Int64 = 0
        var isOffering = false
        /// Rounds of offers in a row without a word about them.
        var rounds = 0
        /// Boxes that the peer asked for and that are to be answered.
        var questions: [Box] = []
    }

    private let node: NodeID
    private let boxes: Boxes
    private let vault: any KeyVault
    /// How far boxes were looked for; ahead of what the vault has by rows without any.
    private var place: FeedCursor?
    private var isPlaced = false
    /// What the vault has noted of boxes is of rows that are not there any more, and it does not know yet.
    private var isAnew = false
    /// All rows were looked at.
    private var isCaughtUp = false
    private var peers: [NodeID: Peer] = [:]
    /// What peers asked for when it was not here.
    private var owed: [Box: Set<NodeID>] = [:]
    /// Keys that came, to be kept in the next turn.
    private var came: [(box: Box, key: PersonKey, from: NodeID)] = []
    /// Persons whose keys the centre has, as it says.
    private var heldThere: [PersonID] = []
    private var damages = DamageBook()
    private var alarms: [Words] = []
    /// Whether the vault could not be written last time, which was said.
    private var isFailing = false

    init(node: NodeID, boxes: Boxes, vault: any KeyVault) {
        self.node = node
        self.boxes = boxes
        self.vault = vault
    }

    mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    // MARK: - Sessions and messages

    mutating func opened(_ peer: NodeID, session: UInt64) { peers[peer] = Peer(session: session) }
    mutating func closed(_ peer: NodeID) { peers[peer] = nil }

    /// Takes a message that belongs to the peer's session.
    mutating func take(_ message: KeyMessage, from peer: NodeID) {
        switch message {
        case .want(let boxes): peers[peer]?.questions = Array(boxes.prefix(Limit.keys))
        case .key(let box, let key):
            guard came.count < Limit.keys * 16 else { return }  // It is asked for again.
            came.append((box, key, peer))
            answered(peer, box)
        case .acknowledged(let answers):
            for answer in answers {
                answered(peer, answer.box)
                if answer.state == .held {
                    heldThere.append(answer.box.person)
                    peers[peer]?.rounds = 0
                }
            }
        }
    }

    private mutating func answered(_ peer: NodeID, _ box: Box) {
        guard peers[peer]?.asked.remove(box.person) != nil else { return }
        peers[peer]?.unanswered = 0
    }

    // MARK: - A turn

    /// Does what is due, behind the turn's commit.
    ///
    /// - Parameter mayHave: whether a peer is to have the keys of a stream.
    /// - Returns: what is to be sent, to whom.
    mutating func turn(
        reader: any EventReader, now: Moment, mayHave: (StreamName, NodeID) throws -> Bool
    ) throws -> [(NodeID, Message)] {
        var messages: [(NodeID, Message)] = []
        do {
            try note(reader)
            messages += try keep(reader, now)
            for peer in peers.keys.sorted() {
                messages += try answer(peer, reader, mayHave)
                messages += try ask(peer, now, mayHave)
            }
            isFailing = false
        } catch let failure as LogFailure {
            // Keys are asked for again; what the log says of them waits.
            switch failure {
            case .corrupt: say(failure)
            case _:
                if !isFailing { alarms.append(.alarm("keys of persons are not exchanged", failure)) }
                isFailing = true
            }
            came = []
            heldThere = []
        }
        return messages
    }

    /// Looks for boxes in what is new in the log.
    private mutating func note(_ reader: any EventReader) throws {
        if !isPlaced {
            let known = try vault.place()
            if let known, try stands(known, reader) { place = known } else { isAnew = known != nil }
            isPlaced = true
        }
        if case .feed = boxes, let here = place, try !stands(here, reader) {
            // The feed went on behind an earlier row.
            place = nil
            isAnew = true
        }
        let from = place?.fseq ?? 0
        let page: BoxPage =
            switch boxes {
            case .log: try reader.boxes(above: from, rows: Limit.rows)
            case .feed(let feed, _): try reader.boxes(of: feed, above: from, rows: Limit.rows)
            }
        isCaughtUp = (page.end?.fseq ?? from) - from < Int64(Limit.rows)
        var holder: NodeID?
        if case .feed(_, let one) = boxes { holder = one }
        guard let end = page.end else {
            guard isAnew else { return }
            try vault.note([], to: nil, holder: holder, isAnew: true)
            isAnew = false
            for peer in peers.keys { peers[peer]?.beginsAt = .min }
            return
        }
        let changes = try page.changes.filter { change in
            guard case .log = boxes, case .came(let box, _) = change else { return true }
            return try vault.held(box.person) == .absent
        }
        if isAnew || !changes.isEmpty || end.fseq - (written ?? 0) >= Limit.unwritten {
            try vault.note(changes, to: end, holder: holder, isAnew: isAnew)
            written = end.fseq
            if isAnew || !changes.isEmpty { for peer in peers.keys { peers[peer]?.beginsAt = .min } }
            isAnew = false
            // An own key can only have been lost: whoever may have it is asked, also in the sessions that are open.
            if changes.contains(where: isOwn) { for peer in peers.keys { peers[peer]?.search = .max } }
        }
        place = end
    }

    private func isOwn(_ change: BoxChange) -> Bool {
        if case .log = boxes, case .came(_, let author) = change { author == node } else { false }
    }

    private var written: Int64?

    /// Whether a place is one of this log.
    private func stands(_ place: FeedCursor, _ reader: any EventReader) throws -> Bool {
        switch boxes {
        case .log: return try reader.chain(at: place.fseq) == place.chain
        case .feed(let feed, _):
            return try reader.received(of: feed, above: place.fseq - 1, limit: 1).first?.cursor == place
        }
    }

    /// Keeps the keys that came and open their boxes.
    private mutating func keep(_ reader: any EventReader, _ now: Moment) throws -> [(NodeID, Message)] {
        if !heldThere.isEmpty, case .feed = boxes { try vault.shared(heldThere) }
        heldThere = []
        guard !came.isEmpty else { return [] }
        var good: [VaultPerson] = []
        var opened: [(box: Box, from: NodeID)] = []
        for (box, key, peer) in came {
            guard let event = try event(with: box, reader), let sealed = event.sealed else { continue }
            do { _ = try Sealing.open(sealed, key: key, command: event.command) } catch {
                alarms.append("the key of \(box.person) that \(peer) sent does not open \(event.id)")
                continue
            }
            good.append(VaultPerson(person: box.person, key: key))
            opened.append((box, peer))
        }
        came = []
        // At a street one may come behind the LEAVE of its ticket: what nothing here needs would stay for ever.
        var needed = false
        if case .feed = boxes { needed = true }
        let kept = good.isEmpty ? [] : try vault.keep(good, at: now.wall, needed: needed)
        var answers: [NodeID: [KeyAnswer]] = [:]
        for (box, peer) in opened where kept.contains(box.person) {
            answers[peer, default: []].append(KeyAnswer(box: box, state: .held))
            // Asked once more in their names: whether they may have it is looked at now.
            for debtor in owed.removeValue(forKey: box) ?? [] { peers[debtor]?.questions.append(box) }
        }
        var messages: [(NodeID, Message)] = []
        for (peer, said) in answers.sorted(by: { $0.key < $1.key }) {
            guard let session = peers[peer]?.session else { continue }
            for start in stride(from: 0, to: said.count, by: Limit.answers) {
                let part = Array(said[start..<min(start + Limit.answers, said.count)])
                messages.append((peer, .keys(session: session, .acknowledged(part))))
            }
        }
        return messages
    }

    /// The event of a stream that carries a box; nil also where the stream is damaged: other boxes are none the worse.
    private mutating func event(with box: Box, _ reader: any EventReader) throws(LogFailure) -> Event? {
        let read = try LogFailure.orDamage { () throws(LogFailure) in
            try reader.page(.stream(box.stream), .forward, from: 0, limit: Limit.history).map(\.event)
        }
        switch read {
        case .failure(let damage):
            say(damage)
            return nil
        case .success(let events):
            return events.first { event in
                guard let sealed = event.sealed else { return false }
                return (try? Sealing.person(in: sealed)) == box.person
            }
        }
    }

    /// Each damage is told once.
    private mutating func say(_ damage: LogFailure) {
        if damages.note(damage) { alarms.append(.alarm("keys of persons are not exchanged", damage)) }
    }

    /// Gives what the peer asked for.
    private mutating func answer(
        _ peer: NodeID, _ reader: any EventReader, _ mayHave: (StreamName, NodeID) throws -> Bool
    ) throws -> [(NodeID, Message)] {
        guard let session = peers[peer]?.session, let questions = peers[peer]?.questions, !questions.isEmpty else {
            return []
        }
        peers[peer]?.questions = []
        var messages: [(NodeID, Message)] = []
        var denied: [KeyAnswer] = []
        for box in questions {
            guard try mayHave(box.stream, peer), try event(with: box, reader) != nil else {
                denied.append(KeyAnswer(box: box, state: .notYours))
                continue
            }
            switch try vault.held(box.person) {
            case .here(let key): messages.append((peer, .keys(session: session, .key(box, key))))
            case .erased: denied.append(KeyAnswer(box: box, state: .erased))
            case .absent:
                if owed.count < Limit.owed { owed[box, default: []].insert(peer) }
                denied.append(KeyAnswer(box: box, state: .absent))
            }
        }
        if !denied.isEmpty { messages.append((peer, .keys(session: session, .acknowledged(denied)))) }
        return messages
    }

    /// Asks for keys that are lacking, the newest boxes first; when there is nothing to ask for, offers what left.
    private mutating func ask(
        _ name: NodeID, _ now: Moment, _ mayHave: (StreamName, NodeID) throws -> Bool
    ) throws -> [(NodeID, Message)] {
        guard var peer = peers[name] else { return [] }
        defer { peers[name] = peer }
        if !peer.asked.isEmpty {
            guard now.steady - peer.askedAt >= peer.patience else { return [] }
            // Question or answer was lost: from the newest on again.
            peer.asked = []
            peer.below = .max
            peer.search = peer.searched ?? peer.search
            peer.unanswered += 1
        }
        if let begins = peer.beginsAt {
            guard now.steady >= begins else { return [] }
            peer.below = .max
            peer.beginsAt = nil
        }
        peer.searched = nil
        let wanted = try vault.wanted(of: name, below: peer.below, limit: Limit.keys)
        var asked = wanted.map(\.box)
        if let last = wanted.last {
            peer.below = last.number
        } else if case .log = boxes, isCaughtUp, let below = peer.search {
            // Before anything is looked at, so that what is damaged is passed over.
            let others = try vault.wanted(exceptOf: name, below: below, limit: Limit.keys)
            peer.search = others.last?.number
            peer.searched = below
            asked = try others.map(\.box).filter { try mayHave($0.stream, name) }
        } else {
            return try give(name, &peer, now)
        }
        guard !asked.isEmpty else { return [] }
        peer.asked = Set(asked.map(\.person))
        peer.askedAt = now.steady
        return [(name, .keys(session: peer.session, .want(asked)))]
    }

    /// A street's keys of streams that left it: they go when the centre says that it has them.
    ///
    /// Also those that came from the centre: it may have lost them since. What is offered is not known to have arrived, so a round
    /// without a word about it is followed by the next one soon.
    private func give(_ name: NodeID, _ peer: inout Peer, _ now: Moment) throws -> [(NodeID, Message)] {
        guard case .feed = boxes else {
            peer.beginsAt = now.steady + Limit.again
            return []
        }
        // Some may come again in the rows that are still to be looked at.
        guard isCaughtUp else { return [] }
        let left = try vault.leaving(above: peer.offered, limit: Limit.keys)
        peer.isOffering = peer.isOffering || !left.isEmpty
        if left.count == Limit.keys, let last = left.last {
            peer.offered = last.number
        } else {
            peer.rounds += peer.isOffering ? 1 : 0
            let isSoon = peer.isOffering && peer.rounds < Limit.unanswered
            peer.beginsAt = now.steady + (isSoon ? Limit.answer : Limit.again)
            peer.offered = 0
            peer.isOffering = false
        }
        return try left.compactMap { one in
            try vault.held(one.box.person).key.map { (name, .keys(session: peer.session, .key(one.box, $0))) }
        }
    }
}
