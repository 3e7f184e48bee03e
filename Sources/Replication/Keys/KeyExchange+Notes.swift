// Which boxes a node has: looked for in what is new in its log, and again in what was damaged and is healed.

import Events

extension KeyExchange {
    /// Where the vault's place stays; nil is the beginning.
    struct HeldPlace {
        var place: FeedCursor?
    }

    /// Looks for boxes in what is new in the log.
    ///
    /// One whose row is damaged is passed over: it is looked at again when the row is healed, or else at the next start.
    mutating func note(_ reader: any EventReader, _ now: Moment) throws(LogFailure) {
        if !isPlaced {
            let known = try vault.place()
            if let known, try stands(known, reader) { place = known } else { isAnew = known != nil }
            isPlaced = true
        }
        if case .feed = boxes, let here = place, try !stands(here, reader) {
            // The feed went on behind an earlier row.
            place = nil
            held = nil
            isAnew = true
        }
        let from = place?.fseq ?? 0
        let page: BoxPage =
            switch boxes {
            case .log: try reader.boxes(above: from, rows: Limit.rows)
            case .feed(let feed, _): try reader.boxes(of: feed, above: from, rows: Limit.rows)
            }
        for damage in page.damage {
            if held == nil { held = HeldPlace(place: place) }
            meet(damage)
            guard damages.note(damage) else { continue }
            alarms.append(.alarm("the key of a box is not asked for until its row is healed", damage))
        }
        isCaughtUp = (page.end?.fseq ?? from) - from < Int64(Limit.rows)
        var holder: NodeID?
        if case .feed(_, let one) = boxes { holder = one }
        guard let end = page.end else {
            guard isAnew else { return }
            heldThere = []
            pace.worked(now: now.steady)
            try vault.note([], to: nil, holder: holder, isAnew: true)
            isAnew = false
            askAnew()
            return
        }
        // Before the vault's place moves past the rows that say so.
        if case .feed(let feed, _) = boxes { try revive(rowsOf: feed, above: from, through: end.fseq, reader, now) }
        let changes = try lacking(page.changes)
        if isAnew || changes.contains(where: isLeaving) { heldThere = [] }
        if isAnew || !changes.isEmpty || abs(end.fseq - (written ?? 0)) >= Limit.unwritten {
            pace.worked(now: now.steady)
            try vault.note(changes, to: held.map(\.place) ?? end, holder: holder, isAnew: isAnew)
            written = end.fseq
            if isAnew || !changes.isEmpty { askAnew() }
            isAnew = false
            // An own key can only have been lost: whoever may have it is asked, also in the sessions that are open.
            if changes.contains(where: isOwn) { for peer in peers.keys { peers[peer]?.search = .max } }
        }
        place = end
    }

    /// The changes that a vault is to know: at the centre only boxes whose keys it lacks.
    private func lacking(_ changes: [BoxChange]) throws(LogFailure) -> [BoxChange] {
        guard case .log = boxes else { return changes }
        var lacking: [BoxChange] = []
        for change in changes {
            if case .came(let box, _) = change, try vault.held(box.person) != .absent { continue }
            lacking.append(change)
        }
        return lacking
    }

    /// All that is lacking is asked for, from the newest on.
    mutating func askAnew() { for peer in peers.keys { peers[peer]?.beginsAt = .min } }

    private func isOwn(_ change: BoxChange) -> Bool {
        if case .log = boxes, case .came(_, let author) = change { author == node } else { false }
    }

    private func isLeaving(_ change: BoxChange) -> Bool { if case .left = change { true } else { false } }

    /// Whether a place is one of this log; where that cannot be read it counts as one.
    private mutating func stands(_ place: FeedCursor, _ reader: any EventReader) throws(LogFailure) -> Bool {
        let boxes = boxes
        let read = try LogFailure.orDamage { () throws(LogFailure) -> Bool in
            switch boxes {
            case .log: try reader.chain(at: place.fseq) == place.chain
            case .feed(let feed, _):
                try reader.received(of: feed, above: place.fseq - 1, limit: 1).first?.cursor == place
            }
        }
        switch read {
        case .success(let stands): return stands
        case .failure(let damage):
            say(damage)
            return true
        }
    }

    /// A place of the log; nil, its beginning, where it cannot be read.
    private mutating func cursor(at position: Int64, _ reader: any EventReader) throws(LogFailure) -> FeedCursor? {
        var cursor: FeedCursor?
        try besidesDamage { _ throws(LogFailure) in
            cursor = try reader.chain(at: position).map { FeedCursor(fseq: position, chain: $0) }
        }
        return cursor
    }

    /// Rows of the log have their events again: where one may have a box, boxes are looked for once more from there on.
    ///
    /// In a feed from its beginning, since nothing leads from an event to its row: to note a box twice changes nothing, and what
    /// left comes after it again.
    mutating func healed(_ events: [Event], _ reader: any EventReader) throws(LogFailure) {
        guard held != nil || events.contains(where: { $0.sealed != nil }) else { return }
        var start: Int64 = 0
        if case .log = boxes {
            start = place?.fseq ?? 0
            if let held { start = min(start, held.place?.fseq ?? 0) }
            for event in events {
                let read = try LogFailure.orDamage { () throws(LogFailure) in try reader.event(event.id)?.position }
                switch read {
                case .success(let position?): start = min(start, position - 1)
                case .success(nil): break
                // It rots again, or what names it does: all is looked at once more.
                case .failure(let damage):
                    say(damage)
                    start = 0
                }
            }
        }
        held = nil
        guard let here = place, start < here.fseq else { return }
        place = start > 0 ? try cursor(at: start, reader) : nil
        isCaughtUp = false
    }
}
