// Messages of what goes beside rows: keys of persons, photographs, what one side lost; and frames of later versions.

import Events
import Replication
import Simulation
import Tickets

extension Seeds {
    /// Frames as they are from version 2 on: rows and events packed, of a node whose line is slow.
    static func newer() throws -> [Named] {
        let text = JSON.string(String(repeating: "小区门口路灯不亮", count: 40))
        let log = try streetLog()
        let draft = Draft(
            stream: try StreamName("ticket/s0"), type: EventType("ticket.progressNoted"), body: ["text": text],
            occurredAt: instant)
        let request = AppendRequest(
            command: CommandID(derivedFrom: "fuzz", "long"), actor: actor, now: instant, drafts: [draft])
        _ = try log.write { try $0.append(request) }
        let push = Message.push(session: 1, events: try written(by: log))
        let lost = try lostLog()
        let feed = FeedName.node(try NodeID(street))
        let rows = try lost.reader.rows(of: feed, above: 0, limit: 100).map { WireRow($0, to: .many) }
        let head = try lost.reader.feedHead(feed)
        let batch = Message.batch(session: 1, feed: feed, rows: rows, chain: head.chain, head: head, isLast: true)
        let live = Message.live(feed: feed, rows: rows, chain: head.chain)
        func frame(_ message: Message) -> Frame { Frame(number: 2, message: message, version: 2) }
        return [
            ("ping-2", Frame(number: 2, message: .ping(session: 1, clock: instant, outbox: 0), version: 2).bytes),
            (
                "ping-2-slow",
                Frame(
                    number: 2, message: .ping(session: 1, clock: instant, outbox: 0), version: 2, isLineSlow: true
                ).bytes
            ),
            ("push-2", frame(push).bytes), ("push-2-packed", frame(push).bytes(compressing: true)),
            ("batch-2-packed", frame(batch).bytes(compressing: true)), ("live-1", frame(live).bytes),
        ]
    }

    static func keyMessages() throws -> [(name: String, message: Message)] {
        let centre = Box(stream: try StreamName("ticket/c0"), person: person(centrePerson))
        let own = Box(stream: try StreamName("ticket/s0"), person: person(streetPerson))
        let answers = [KeyAnswer.State.held, .erased, .absent, .notYours].map { KeyAnswer(box: own, state: $0) }
        return [
            ("key-want", .keys(session: 1, .want([centre, own]))),
            ("key-centre", .keys(session: 1, .key(centre, try key()))),
            ("key-street", .keys(session: 1, .key(own, try key()))),
            ("key-ack", .keys(session: 1, .acknowledged(answers))),
        ]
    }

    static func blobMessages() throws -> [(name: String, message: Message)] {
        let (centre, own) = (try written(by: centreLog())[0].id, try written(by: streetLog())[0].id)
        func want(_ event: EventID, _ photo: [UInt8], offset: Int64, credit: UInt32) -> Message {
            let want = BlobWant(event: event, blob: Digest.sha256(photo), offset: offset, credit: credit)
            return .blobs(session: 1, .want(want))
        }
        func chunk(_ photo: [UInt8], _ range: Range<Int>) -> Message {
            .blobs(
                session: 1,
                .chunk(
                    BlobChunk(
                        blob: Digest.sha256(photo), size: Int64(photo.count), offset: Int64(range.lowerBound),
                        bytes: Array(photo[range]))))
        }
        let none = BlobChunk(blob: Digest.sha256(streetPhoto), size: 0, offset: 0, bytes: [])
        return [
            ("blob-want-centre", want(centre, centrePhoto, offset: 0, credit: 65_536)),
            ("blob-want-street", want(own, streetPhoto, offset: 100, credit: 65_536)),
            ("blob-held", want(own, streetPhoto, offset: Int64(streetPhoto.count), credit: 0)),
            ("blob-chunk-centre", chunk(centrePhoto, 0..<700)), ("blob-chunk-street", chunk(streetPhoto, 0..<200)),
            ("blob-chunk-rest", chunk(streetPhoto, 200..<300)), ("blob-none", .blobs(session: 1, .chunk(none))),
        ]
    }

    /// A feed that begins anew, and tickets that sleep in it.
    static func baseMessages() throws -> [(name: String, message: Message)] {
        let node = try NodeID(street)
        let feed = FeedName.node(node)
        let log = try centreLog()
        let past = try log.reader.feedHead(feed)
        _ = try log.write { transaction in
            _ = try transaction.rebase(feed, of: node, now: instant)
            let open = FeedWake(feed: feed, streams: [try StreamName("ticket/c0")])
            _ = try transaction.wake(open, of: node, now: instant)
        }
        let rows = try log.reader.rows(of: feed, above: past.fseq, limit: 100).map { WireRow($0, to: .many) }
        let head = try log.reader.feedHead(feed)
        let (ticket, none) = (try StreamName("ticket/c0"), try StreamName("ticket/x"))
        let seed = FeedCursor(fseq: 0, chain: FeedRow.seed(of: feed))
        return [
            ("rebase", .bases(session: 1, .rebase(feed))), ("base", .bases(session: 1, .base(feed, past))),
            ("base-seed", .bases(session: 1, .base(feed, seed))), ("wake", .bases(session: 1, .wake(ticket))),
            ("wake-none", .bases(session: 1, .wake(none))), ("woken", .bases(session: 1, .woken(ticket, .inFeed))),
            ("woken-none", .bases(session: 1, .woken(none, .notForYou))),
            (
                "batch-based",
                .batch(session: 1, feed: feed, rows: rows, chain: head.chain, head: head, isLast: true)
            ),
        ]
    }

    /// A centre that lost its last rows, and the street that put them aside.
    static func repairMessages() throws -> [(name: String, message: Message)] {
        let feed = FeedName.node(try NodeID(street))
        let (centre, lost) = (try centreLog(), try lostLog())
        let common = try centre.reader.feedHead(feed)
        let last = try lost.reader.feedHead(feed)
        let signed = try signer().sign(last, of: feed, by: lost.origin, at: instant)
        let log = try streetLog()
        let rewind = Rewind(feed: feed, common: common, last: last, head: signed)
        _ = try log.write { try $0.append(try rewind.request(at: log.origin.node, now: instant)) }
        let own = try written(by: log)
        let word = own[own.count - 1]
        let events = try written(by: lost).suffix(2)
        let rows = try lost.reader.rows(of: feed, above: common.fseq, limit: 100).map { row in
            var wire = WireRow(row, to: .many)
            if case .event(let event) = wire.content { wire.content = .receipt(event.id, event.hash) }
            return wire
        }
        let wanted = events.filter { $0.stream.category == "ticket" }
        let first = wanted.first?.id ?? word.id
        return [
            ("push-rewound", .push(session: 1, events: own)),
            ("head", .repair(session: 1, .head(feed, signed))),
            ("recall", .repair(session: 1, .recall(rewind: word.id, above: common.fseq))),
            ("recalled", .repair(session: 1, .recalled(rewind: word.id, rows: rows))),
            ("recalled-none", .repair(session: 1, .recalled(rewind: word.id, rows: []))),
            ("want", .repair(session: 1, .want(events.map(\.id)))),
            ("give", .repair(session: 1, .give(first: first, Array(wanted)))),
            (
                "batch-lost",
                .batch(
                    session: 1, feed: feed,
                    rows: try lost.reader.rows(of: feed, above: 0, limit: 100).map {
                        WireRow($0, to: .many)
                    }, chain: last.chain, head: last, isLast: true)
            ),
            (
                "hint-other",
                .hint(
                    feed: feed, head: FeedCursor(fseq: last.fseq, chain: .zero), hub: centre.origin.incarnation,
                    clock: instant)
            ),
            ("compared-common", .compared(session: 1, feed: feed, same: common.fseq, head: common)),
        ]
    }
}
