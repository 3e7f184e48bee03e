/// A small fold for the tests of the machinery: notes with a text and a state, and their comments.

import Events

@testable import Projections

struct NoteFold: StreamFold {
    let category = "note"
    let settings = "notes"
    let tables = [
        StreamTable(
            name: "notes", keyCount: 1,
            columns: [
                .text("stream"), .text("state"), .text("unit").orNull, .text("group"), .integer("weight"),
                .text("text"),
            ].map { column in
                column.name == "group" ? .text("team") : column
            }, indexes: [Index("notesByState", "state, weight, stream")]),
        StreamTable(name: "comments", keyCount: 2, columns: [.text("stream"), .text("event"), .text("text")]),
    ]

    func rows(of stream: StreamName, events: [Event]) throws(Poison) -> [[Cells]] {
        var note: Cells = [.text(stream.text), .text("open"), .null, .text("none"), .integer(0), .text("")]
        var comments: [Cells] = []
        if events.contains(where: { !$0.body.isHere }) {
            note[1] = .text("gone")
            return [[note], []]
        }
        for event in events.sorted(by: Event.precedes) {
            let body: JSONObject
            do { body = try JSONReader.readObject(event.body.bytes ?? []) } catch {
                throw Poison(reason: "\(event.id): \(error.message)")
            }
            switch event.type.name {
            case "note.state": note[1] = .text(body["state"]?.string ?? "")
            case "note.given":
                note[2] = .text(body["unit"]?.string)
                note[3] = .text(body["unit"]?.string ?? "none")
            case "note.written":
                note[5] = .text(body["text"]?.string ?? "")
                note[4] = .integer(body["weight"]?.integer ?? 0)
            case "note.commented":
                comments.append([.text(stream.text), .text(event.id.description), .text(body["text"]?.string ?? "")])
            case "note.uncommented": comments.removeAll()
            case "note.broken": throw Poison(reason: "\(event.id) is broken")
            case _: continue
            }
        }
        return [[note], comments]
    }
}

extension NoteFold {
    func kept(_ events: [Event]) throws(Poison) -> (any KeptStream)? { KeptNotes(events: events) }

    private struct KeptNotes: KeptStream {
        var events: [Event]

        mutating func add(_ event: Event) -> Bool {
            events.append(event)
            return true
        }

        func rows(of stream: StreamName) throws(Poison) -> [[Cells]] {
            try NoteFold().rows(of: stream, events: events)
        }
    }
}

extension ViewSet {
    static func notes(foldVersion: Int64 = 1, streamLimit: Int = 100_000) -> ViewSet {
        ViewSet(
            foldVersion: foldVersion, folds: [NoteFold()],
            sums: [SumTable(name: "noteCounts", source: "notes", groups: ["team", "state"], sums: ["weight"])],
            texts: [TextTable(name: "noteText", source: "notes", columns: ["stream", "text"])],
            streamLimit: streamLimit)
    }
}
