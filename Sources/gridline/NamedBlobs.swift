/// The photographs and recordings that a node's log names, against its folder of them (`docs/format/blobs.md` 6).

import Events
import Log
import Replication
import Tickets

struct NamedBlobs: Equatable {
    /// Each blob once.
    private(set) var named = 0
    private(set) var here = 0
    /// Known not to be here yet.
    private(set) var missing = 0
    /// What is wrong, in the order of the log.
    private(set) var problems: [VerifyProblem] = []

    /// Looks at each of them; the bytes of those that are here are hashed.
    ///
    /// - Parameters:
    ///   - folder: a node's, also of one that runs.
    static func check(_ folder: NodeFolder) throws -> NamedBlobs {
        let store = folder.blobStore
        // Before the log is read: what is named later is not looked for in it.
        let note = try store.note().flatMap { BlobNote($0) }
        let known = Set((note?.missing ?? []).map(\.blob))
        var result = NamedBlobs()
        var seen: Set<Digest> = []
        try SQLiteReader(path: folder.log).forEachPage(.category("ticket")) { page in
            for stored in page {
                for blob in TicketBlobs().blobs(namedIn: stored.event) where seen.insert(blob).inserted {
                    result.named += 1
                    let isWhole = try store.isWhole(blob)
                    result.note(blob, isWhole: isWhole, at: stored.position, note?.position ?? 0, known)
                }
            }
        }
        return result
    }

    private mutating func note(
        _ blob: Digest, isWhole: Bool?, at position: Int64, _ noted: Int64, _ known: Set<Digest>
    ) {
        switch isWhole {
        case true?: here += 1
        case false?:
            problems.append(
                VerifyProblem(table: "blobs", position: position, detail: "the bytes of \(blob) are not its own"))
        case nil:
            missing += 1
            guard position <= noted, !known.contains(blob) else { return }
            problems.append(
                VerifyProblem(table: "blobs", position: position, detail: "\(blob) was here, and is not here any more"))
        }
    }

    var json: JSON {
        .object(["here": .integer(Int64(here)), "missing": .integer(Int64(missing)), "named": .integer(Int64(named))])
    }

    var words: Words { "\(named) photographs and recordings, \(here) of them here" }
}
