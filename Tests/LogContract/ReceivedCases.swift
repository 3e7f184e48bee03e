/// The contract's cases on boxes, on signed ends, and on what was put aside.

import Events
import Testing

extension LogContract {
    /// A box of a person, as far as a log looks at it.
    private static func box(_ digit: Character) throws -> (bytes: [UInt8], person: PersonID) {
        var random = SystemRandomNumberGenerator()
        let person = try PersonID("person/" + String(repeating: digit, count: 32))
        let key = PersonKey(random: &random)
        let bytes = try Sealing.seal(
            ["name": .string("王")], of: person, key: key, command: CommandID(derivedFrom: "box"), random: &random)
        return (bytes, person)
    }

    /// An event of a street with a box, or without one.
    private func event(_ number: Int, in name: String, sealed: [UInt8]?) throws -> Event {
        var event = try foreign(stream: name)
        event.id = EventID(origin: event.id.origin, sequence: Int64(number))
        event.command = CommandID(derivedFrom: "sealed", String(number))
        event.sealed = sealed
        return event.chained(to: .zero)
    }

    private static func row(_ fseq: Int64, _ content: ReceivedRow.Content, in name: String) throws -> ReceivedRow {
        ReceivedRow(
            fseq: fseq, stream: try stream(name), content: content, common: 0,
            chain: ChainValue(high: 1, low: UInt64(fseq)))
    }

    static let receivedCases: [Case] = [
        Case("boxes are found in the log and in what was received, by rows; what is no box is passed over") {
            contract in
            let log = try contract.centre()
            let (one, two) = (try box("a"), try box("b"))
            let street = try NodeID("street1")
            let events = try [
                contract.event(1, in: "ticket/1", sealed: one.bytes), contract.event(2, in: "ticket/1", sealed: nil),
                contract.event(3, in: "ticket/2", sealed: two.bytes),
                contract.event(4, in: "ticket/3", sealed: [1, 2, 3]),
            ]
            #expect(try log.reader.boxes(above: 0, rows: 10) == BoxPage(changes: [], end: nil))
            let feed = FeedName.node(street)
            try log.write { transaction in
                _ = try transaction.ingest(events, dense: false, receivedAt: Timestamp(milliseconds: 5))
                let places = try events.map { try transaction.position(of: $0.id, hash: $0.hash) }
                try transaction.keep(
                    [
                        row(1, .join(history: 2), in: "ticket/1"),
                        row(2, .event(events[0].hash, position: places[0]), in: "ticket/1"),
                        row(3, .event(events[1].hash, position: places[1]), in: "ticket/1"),
                        row(4, .leave, in: "ticket/1"),
                        row(5, .event(events[2].hash, position: places[2]), in: "ticket/2"),
                        row(6, .event(.sha256([9]), position: nil), in: "ticket/9"),
                    ], of: feed)
            }
            func came(_ name: String, _ person: PersonID) throws -> BoxChange {
                .came(Box(stream: try stream(name), person: person), author: street)
            }
            let first = try log.reader.boxes(above: 0, rows: 2)
            #expect(try first.changes == [came("ticket/1", one.person)])
            #expect(try first.end == FeedCursor(fseq: 2, chain: #require(try log.reader.chain(at: 2))))
            let rest = try log.reader.boxes(above: 2, rows: 10)
            #expect(try rest.changes == [came("ticket/2", two.person)])
            #expect(rest.end?.fseq == 4)
            #expect(try log.reader.boxes(above: 4, rows: 10).end == nil)
            let half = try log.reader.boxes(of: feed, above: 0, rows: 3)
            #expect(try half.changes == [came("ticket/1", one.person)])
            #expect(half.end == FeedCursor(fseq: 3, chain: ChainValue(high: 1, low: 3)))
            let more = try log.reader.boxes(of: feed, above: 3, rows: 10)
            #expect(try more.changes == [.left(stream("ticket/1")), came("ticket/2", two.person)])
            #expect(more.end?.fseq == 6)
            #expect(try log.reader.boxes(of: feed, above: 6, rows: 10) == BoxPage(changes: [], end: nil))
            #expect(try log.reader.boxes(of: .common, above: 0, rows: 10) == BoxPage(changes: [], end: nil))
        },
        Case("a signed end is kept when its row is here, none before it takes its place, and it goes with its row") {
            contract in
            let log = try contract.centre()
            let feed = FeedName.common
            let signer = FeedSigner()
            let hub = Origin(node: try NodeID("hub"), incarnation: Incarnation(.max))
            let rows = try (1...4).map { try row($0, .leave, in: "ticket/1") }
            func head(_ cursor: FeedCursor) throws -> SignedHead {
                try signer.sign(cursor, of: feed, by: hub, at: Timestamp(milliseconds: 7))
            }
            func keep(_ head: SignedHead) throws -> SignedHead? {
                try log.write { try $0.keep(head, of: feed) }
                return try log.reader.signedHead(of: feed)
            }
            #expect(try keep(head(rows[1].cursor)) == nil)
            try log.write { try $0.keep(rows, of: feed) }
            #expect(try keep(head(FeedCursor(fseq: 2, chain: .zero))) == nil)
            let second = try head(rows[1].cursor)
            #expect(try keep(second) == second)
            let third = try head(rows[2].cursor)
            #expect(try keep(third) == third)
            #expect(try keep(second) == third)
            #expect(signer.signed(third, of: feed) && !FeedSigner().signed(third, of: feed))
            #expect(!signer.signed(third, of: .node(try NodeID("a"))))
            let now = Timestamp(milliseconds: 5)
            let told = try #require(try log.write { try $0.rewind(feed, to: rows[1].cursor, now: now) }?.first)
            #expect(Rewind(told.event)?.head == third)
            #expect(try log.reader.signedHead(of: feed) == nil)
            #expect(try log.reader.aside(1, of: feed, above: 0, limit: 10) == Array(rows[2...]))
            #expect(try log.reader.aside(1, of: feed, above: 3, limit: 10) == [rows[3]])
            #expect(try log.reader.aside(1, of: feed, above: 0, limit: 1) == [rows[2]])
            #expect(try log.reader.aside(2, of: feed, above: 0, limit: 10).isEmpty)
            #expect(try log.reader.aside(1, of: .node(NodeID("a")), above: 0, limit: 10).isEmpty)
            // One that stays behind stays kept.
            #expect(try keep(second) == second)
            let other = try row(3, .join(history: 0), in: "ticket/1")
            try log.write { try $0.keep([other], of: feed) }
            let again = try #require(try log.write { try $0.rewind(feed, to: rows[1].cursor, now: now + 1) }?.first)
            #expect(Rewind(again.event)?.head == nil)
            #expect(try log.reader.signedHead(of: feed) == second)
        },
    ]
}
