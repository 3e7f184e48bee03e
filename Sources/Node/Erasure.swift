/// Erasure of a person (个人信息删除): decided at the centre, carried to every node by the common feed
/// (`docs/format/identity.md` 3).

package import Events

package enum Erasure {
    package static let type = EventType("identity.erased")
    package static let category = "person"

    /// The person whose erasure an event is; empty for any other event.
    static func person(_ type: EventType, _ stream: StreamName) -> [PersonID] {
        guard type == Erasure.type, let person = try? PersonID(stream.text) else { return [] }
        return [person]
    }

    /// All persons whose erasure the log holds, in its order.
    ///
    /// - Parameter body: called with a page at a time.
    package static func all(in reader: any EventReader, _ body: ([PersonID]) throws -> Void) throws {
        var position: Int64 = 0
        while true {
            let page = try reader.page(.category(category), .forward, from: position, limit: 1_000)
            try body(page.flatMap { person($0.event.type, $0.event.stream) })
            guard page.count == 1_000, let last = page.last else { return }
            position = last.position
        }
    }
}
