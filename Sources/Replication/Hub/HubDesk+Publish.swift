// What the hub's desk tells its streets after a commit: what is stored of theirs, and what is new in their feeds.
//
// With many streets each of them is told a few times a second, and then of all that came meanwhile (`HubDesk.Limit.pause`).

import Events

extension HubDesk {
    /// Milliseconds that the loop may let pass before its next turn, when nobody's command waits: what comes meanwhile is
    /// stored together.
    package var rest: Int { Int(pause(hub.count)) / 20 }

    /// Tells nodes what is stored of theirs; the last word of each origin stands for those before.
    mutating func acknowledge(_ now: Moment) {
        let pause = pause(hub.count)
        for node in packs.keys.sorted() where now.steady - (packedAt[node] ?? Int64.min / 2) >= pause {
            for (_, pack) in packs.removeValue(forKey: node)?.sorted(by: { $0.key < $1.key }) ?? [] {
                send(pack, to: node)
            }
            packedAt[node] = now.steady
        }
    }

    mutating func publish(_ reader: any EventReader, _ now: Moment) throws {
        let hint = now.steady - startedAt < Limit.start ? Limit.hintFirst : Limit.hint
        let hints = hintedAt.map { now.steady - $0 >= hint } ?? true
        var position: Int64?
        do { position = try reader.head().position } catch { try pass(over: .common, error, reader) }
        guard hints || position == nil || position != lookedAt || now.steady >= looksAt else { return }
        if hints { hintedAt = now.steady }
        looksAt = .max
        let rest = pause(hub.count)
        var areAllRead = true
        for place in published.indices {
            let (feed, state) = published[place]
            // The common feed is for all, and rules come before what was decided by them.
            if !hints, state.subscriber != nil, now.steady - state.toldAt < rest {
                looksAt = min(looksAt, state.toldAt + rest)
                areAllRead = false
                continue
            }
            do {
                let head = try reader.feedHead(feed)
                // What is not published is pulled.
                published[place].state.end = head
                published[place].state.meter.note(head.fseq, at: now.steady)
                // Rows before the hint: who hears of an end that it has not, pulls, and lets go of what comes behind it.
                let isLive = head.fseq > state.end.fseq && head.fseq - state.end.fseq <= Limit.live
                if isLive { published[place].state.toldAt = now.steady }
                let rows = Result { if isLive { try publish(feed, above: state.end.fseq, at: place, reader) } }
                if hints, let process {
                    publish(.hint(feed: feed, head: head, hub: process.incarnation, clock: now.wall), at: place)
                }
                try rows.get()
                try sign(feed, head, now)
            } catch { try pass(over: feed, error, reader) }
        }
        lookedAt = position
        if areAllRead { peersAt = position }
    }

    private mutating func publish(
        _ feed: FeedName, above fseq: Int64, at place: Int, _ reader: any EventReader
    ) throws {
        let rows = try HubDesk.readable(feed, above: fseq, limit: Limit.live, reader)
        let subscriber = published[place].state.subscriber.map { hub.subscriber($0) } ?? .many
        for chunk in WireRow.chunks(rows, to: subscriber, credit: .max) where !chunk.rows.isEmpty {
            publish(.live(feed: feed, rows: chunk.rows, chain: chunk.chain), at: place)
        }
    }

    private mutating func publish(_ message: Message, at place: Int) {
        published[place].state.number &+= 1
        // What many read is in the version that all of them read.
        let subscriber = published[place].state.subscriber
        let frame = Frame(
            number: published[place].state.number, message: message,
            version: subscriber.flatMap { hub.version(of: $0) } ?? Message.forAll)
        let isSlow = subscriber.map(slow.contains) ?? false
        outgoing.append(.publish(published[place].feed, frame.bytes(compressing: isSlow)))
    }
}
