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

    let node: NodeID
    let boxes: Boxes
    let vault: any KeyVault
    /// nil for a node whose keys do not expire.
    let term: KeyTerm?
    /// How far boxes were looked for; ahead of what the vault has by rows without any.
    var place: FeedCursor?
    var isPlaced = false
    /// What the vault has noted of boxes is of rows that are not there any more, and it does not know yet.
    var isAnew = false
    /// All rows were looked at.
    var isCaughtUp = false
    /// Where the vault's place stays, so that a start looks again: before the first row that is damaged.
    var held: HeldPlace?
    var written: Int64?
    var peers: [NodeID: Peer] = [:]
    /// Who has a session, sorted.
    private var order: [NodeID] = []
    /// What peers asked for when it was not here.
    private var owed: [Box: Set<NodeID>] = [:]
    /// Keys that came, to be kept in the next turn.
    private var came: [(box: Box, key: PersonKey, from: NodeID)] = []
    /// Persons whose keys the centre has, as it says in this session, and since nobody here needs them: what it said before may be of
    /// keys that it has lost since.
    var heldThere: [PersonID] = []
    var damages = DamageBook()
    /// Damage that was met and that nobody has taken, for whoever heals rows; at most `DamageBook.limit`.
    private var met: [LogFailure] = []
    var alarms: [Words] = []
    /// Events that were read in this turn to look for boxes.
    private var looked = 0
    var pace = KeyPace()
    /// The peer that the next turn begins with.
    private var begin: NodeID?
    /// How many keys of a peer did not open their boxes.
    private var wrong: [NodeID: Int] = [:]
    /// Whether the vault could not be written last time, which was said.
    private var isFailing = false
    var expiry = Expiry()

    init(node: NodeID, boxes: Boxes, vault: any KeyVault, term: KeyTerm? = nil) {
        self.node = node
        self.boxes = boxes
        self.vault = vault
        self.term = term
    }

    mutating func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return alarms
    }

    mutating func takeDamage() -> [LogFailure] {
        defer { met = [] }
        return met
    }

    // MARK: - Sessions and messages

    mutating func opened(_ peer: NodeID, session: UInt64) {
        closed(peer)
        peers[peer] = Peer(session: session)
        order.insert(peer, at: order.firstIndex { peer < $0 } ?? order.endIndex)
    }

    mutating func closed(_ peer: NodeID) {
        guard peers.removeValue(forKey: peer) != nil else { return }
        order.removeAll { $0 == peer }
        came.removeAll { $0.from == peer }
        if case .feed = boxes { heldThere = [] }
    }

    /// Takes a message that belongs to the peer's session.
    mutating func take(_ message: KeyMessage, from peer: NodeID) {
        switch message {
        case .want(let boxes): peers[peer]?.questions = Array(boxes.prefix(Limit.keys))
        case .key(let box, let key):
            // It is asked for again.
            guard let waiting = peers[peer]?.came, waiting < Limit.came else { return }
            peers[peer]?.came += 1
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
    /// - Parameters:
    ///   - rows: that came with the turn's commit.
    ///   - mayHave: whether a peer is to have the keys of a stream.
    /// - Returns: what is to be sent, to whom.
    mutating func turn(
        reader: any EventReader, rows: Int, now: Moment, mayHave: (StreamName, NodeID) throws(LogFailure) -> Bool
    ) -> [(NodeID, Message)] {
        var messages: [(NodeID, Message)] = []
        // First those whose questions the last turn did not come to.
        let first = begin.flatMap { begin in order.firstIndex { $0 >= begin } } ?? 0
        begin = nil
        looked = 0
        pace.came(rows: rows, now: now.steady)
        let isAnswered = !came.isEmpty && peers.values.allSatisfy { $0.asked.isEmpty }
        let isDue = pace.isDue(isAnswered: isAnswered, now: now.steady)
        guarded { exchange throws(LogFailure) in
            if isDue {
                // Whatever of log or vault is damaged, all others get their keys.
                try exchange.besidesDamage { exchange throws(LogFailure) in try exchange.note(reader, now) }
                let isWhole = try exchange.besidesDamage { exchange throws(LogFailure) in
                    messages += try exchange.keep(reader, now)
                }
                if !isWhole { exchange.forgetKeys() }
                try exchange.besidesDamage { exchange throws(LogFailure) in try exchange.findGone() }
            }
            // Whatever keys come, questions are answered too.
            exchange.looked = 0
            for place in exchange.order.indices {
                let peer = exchange.order[(first + place) % exchange.order.count]
                messages += try exchange.answer(peer, reader, mayHave)
                guard isDue else { continue }
                try exchange.besidesDamage { exchange throws(LogFailure) in
                    messages += try exchange.ask(peer, now, mayHave)
                }
            }
        }
        return messages
    }

    /// Does something with log and vault; when it fails, keys are asked for again, and what the log says of them waits.
    mutating func guarded(_ body: (inout KeyExchange) throws(LogFailure) -> Void) {
        do {
            try body(&self)
            isFailing = false
        } catch {
            switch error {
            case .corrupt: say(error)
            case _:
                if !isFailing { alarms.append(.alarm("keys of persons are not exchanged", error)) }
                isFailing = true
            }
            forgetKeys()
        }
    }

    /// Does something that damage ends, which is said; everything else goes on.
    ///
    /// - Returns: whether it came to its end.
    @discardableResult
    mutating func besidesDamage(
        _ body: (inout KeyExchange) throws(LogFailure) -> Void
    ) throws(LogFailure) -> Bool {
        do {
            try body(&self)
            return true
        } catch {
            guard case .corrupt = error else { throw error }
            say(error)
            return false
        }
    }

    /// What came is asked for again.
    private mutating func forgetKeys() {
        came = []
        for peer in peers.keys { peers[peer]?.came = 0 }
        heldThere = []
    }

    /// Keeps the keys that came and open their boxes.
    private mutating func keep(
        _ reader: any EventReader, _ now: Moment
    ) throws(LogFailure) -> [(NodeID, Message)] {
        if !heldThere.isEmpty, case .feed = boxes {
            try vault.shared(heldThere)
            expiry.mayTell = true
        }
        heldThere = []
        guard !came.isEmpty else { return [] }
        var good: [VaultPerson] = []
        var opened: [(box: Box, from: NodeID)] = []
        while looked < Limit.looked, let (box, key, peer) = came.first {
            came.removeFirst()
            peers[peer]?.came -= 1
            guard let event = try event(with: box, reader), let sealed = event.sealed else { continue }
            do { _ = try Sealing.open(sealed, key: key, command: event.command) } catch {
                wrong[peer, default: 0] += 1
                if wrong[peer, default: 0] <= Limit.wrong {
                    alarms.append("the key of \(box.person) that \(peer) sent does not open \(event.id)")
                }
                continue
            }
            good.append(VaultPerson(person: box.person, key: key))
            opened.append((box, peer))
        }
        // At a street one may come behind the LEAVE of its ticket: what nothing here needs would stay for ever.
        var needed = false
        if case .feed = boxes { needed = true }
        var kept: Set<PersonID> = []
        if !good.isEmpty {
            pace.worked(now: now.steady)
            kept = try vault.keep(good, at: now.wall, needed: needed)
        }
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
            looked += events.count
            return events.first { event in
                guard let sealed = event.sealed else { return false }
                return (try? Sealing.person(in: sealed)) == box.person
            }
        }
    }

    /// Each damage is told once, and may be healed each time.
    mutating func say(_ damage: LogFailure) {
        meet(damage)
        if damages.note(damage) { alarms.append(.alarm("keys of persons are not exchanged", damage)) }
    }

    mutating func meet(_ damage: LogFailure) { if met.count < DamageBook.limit { met.append(damage) } }

    /// Gives what the peer asked for.
    private mutating func answer(
        _ peer: NodeID, _ reader: any EventReader, _ mayHave: (StreamName, NodeID) throws(LogFailure) -> Bool
    ) throws(LogFailure) -> [(NodeID, Message)] {
        guard let session = peers[peer]?.session, let questions = peers[peer]?.questions, !questions.isEmpty else {
            return []
        }
        peers[peer]?.questions = []
        var messages: [(NodeID, Message)] = []
        var denied: [KeyAnswer] = []
        for (place, box) in questions.enumerated() {
            guard looked < Limit.looked else {
                peers[peer]?.questions = Array(questions[place...])
                if place == 0, begin == nil { begin = peer }
                break
            }
            guard try isTheirs(box, peer, mayHave), try event(with: box, reader) != nil else {
                denied.append(KeyAnswer(box: box, state: .notYours))
                continue
            }
            switch try held(box.person) {
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

    /// The key of a person; one that is damaged in the vault is absent, and keeps back no other.
    private mutating func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        var held = HeldKey.absent
        try besidesDamage { exchange throws(LogFailure) in held = try exchange.vault.held(person) }
        return held
    }

    /// Whether a peer may have the key of a box; not while nobody can tell.
    private mutating func isTheirs(
        _ box: Box, _ peer: NodeID, _ mayHave: (StreamName, NodeID) throws(LogFailure) -> Bool
    ) throws(LogFailure) -> Bool {
        switch try LogFailure.orDamage({ () throws(LogFailure) in try mayHave(box.stream, peer) }) {
        case .success(let may): return may
        case .failure(let damage):
            say(damage)
            return false
        }
    }

    /// Asks for keys that are lacking, the newest boxes first; when there is nothing to ask for, offers what left.
    private mutating func ask(
        _ name: NodeID, _ now: Moment, _ mayHave: (StreamName, NodeID) throws(LogFailure) -> Bool
    ) throws(LogFailure) -> [(NodeID, Message)] {
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
        let limit = pace.asked(now: now.steady)
        let wanted = try vault.wanted(of: name, below: peer.below, limit: limit)
        var asked = wanted.map(\.box)
        if let last = wanted.last {
            peer.below = last.number
        } else if case .log = boxes, isCaughtUp, let below = peer.search {
            // Before anything is looked at, so that what is damaged is passed over.
            let others = try vault.wanted(exceptOf: name, below: below, limit: limit)
            peer.search = others.last?.number
            peer.searched = below
            asked = []
            for other in others where try isTheirs(other.box, name, mayHave) { asked.append(other.box) }
        } else {
            return try give(name, &peer, now)
        }
        guard !asked.isEmpty else { return [] }
        pace.worked(now: now.steady)
        peer.asked = Set(asked.map(\.person))
        peer.askedAt = now.steady
        return [(name, .keys(session: peer.session, .want(asked)))]
    }

    /// A street's keys of streams that left it, or are over: they go when the centre says that it has them.
    ///
    /// Also those that came from the centre: it may have lost them since. What is offered is not known to have arrived, so a round
    /// without a word about it is followed by the next one soon.
    private mutating func give(
        _ name: NodeID, _ peer: inout Peer, _ now: Moment
    ) throws(LogFailure) -> [(NodeID, Message)] {
        guard case .feed = boxes else {
            peer.beginsAt = now.steady + Limit.again
            return []
        }
        // Some may come again in the rows that are still to be looked at.
        guard isCaughtUp else { return [] }
        let left = try vault.leaving(above: peer.offered, limit: KeyPace.Limit.asked)
        peer.isOffering = peer.isOffering || !left.isEmpty
        if left.count == KeyPace.Limit.asked, let last = left.last {
            peer.offered = last.number
        } else {
            peer.rounds += peer.isOffering ? 1 : 0
            let isSoon = peer.isOffering && peer.rounds < Limit.unanswered
            peer.beginsAt = now.steady + (isSoon ? Limit.answer : Limit.again)
            peer.offered = 0
            peer.isOffering = false
        }
        var offers: [(NodeID, Message)] = []
        for one in left {
            guard let key = try held(one.box.person).key else { continue }
            offers.append((name, .keys(session: peer.session, .key(one.box, key))))
        }
        return offers
    }
}
