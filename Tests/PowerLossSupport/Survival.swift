// What of the writes that no sync has covered is on the disk after a power failure. The choice is the model's; SQLite
// promises to survive all of them under PRAGMA synchronous=FULL, on storage with POWERSAFE_OVERWRITE: a torn write may
// stop anywhere, but bytes outside it stay as they were.

/// Where the last write that reached the disk stopped.
package enum Tear: Sendable, Equatable {
    case whole
    /// Only its first bytes are there. More than it has means all.
    case bytes(Int)
    /// It stopped at the `number`-th boundary of a 512-byte sector of the file, counted from 0 after its start.
    case sector(Int)

    /// How many bytes of a write of `count` at `offset` are on the disk.
    func kept(of count: Int, at offset: Int) -> Int {
        switch self {
        case .whole: count
        case .bytes(let kept): min(max(kept, 0), count)
        case .sector(let number): min((offset / sectorSize + 1 + max(number, 0)) * sectorSize - offset, count)
        }
    }
}

/// Bytes that a disk writes as one: 512, the smallest that is sold, tears most.
let sectorSize = 512

/// Which of the pending changes, those after the last sync of their file, are on the disk.
package enum Survival: Sendable, Equatable {
    /// None: all of it was still in the page cache.
    case nothingPending
    /// The first `count` of them in the order of issue, the last of these torn; a disk that keeps order.
    case firstPending(Int, Tear)
    /// Each 512-byte piece of a write, and each truncate, by the toss of a seeded coin; a disk that keeps no order.
    case scattered(seed: UInt64)
}

/// A change to a file's bytes.
enum Change: Sendable, Equatable {
    case write(offset: Int, bytes: ArraySlice<UInt8>)
    case resize(Int)
    case delete
}

/// A change that no sync has covered yet.
struct PendingChange: Sendable {
    let file: Int
    /// Its place in the trace.
    let index: Int
    let change: Change
    /// A sync that should have covered it failed, so the kernel has forgotten that it is not on the disk.
    var isDoubtful = false
}

extension Survival {
    /// The changes that are on the disk, in the order in which they apply.
    func survivors(of pending: [PendingChange]) -> [(file: Int, change: Change)] {
        switch self {
        case .nothingPending:
            return []
        case .firstPending(let count, let tear):
            var survivors = pending.prefix(max(count, 0)).map { (file: $0.file, change: $0.change) }
            if let last = survivors.popLast() { survivors.append((last.file, last.change.torn(tear))) }
            return survivors
        case .scattered(let seed):
            return Self.scatter(pending, seed: seed)
        }
    }

    private static func scatter(_ pending: [PendingChange], seed: UInt64) -> [(file: Int, change: Change)] {
        var random = SplitMix64(seed: seed)
        var survivors: [(file: Int, change: Change)] = []
        // What follows a lost deletion was written to a file that is not in the folder.
        var unreachable: Set<Int> = []
        for entry in pending where !unreachable.contains(entry.file) {
            switch entry.change {
            case .delete:
                if Bool.random(using: &random) {
                    survivors.append((entry.file, .delete))
                } else {
                    unreachable.insert(entry.file)
                }
            case .resize:
                if Bool.random(using: &random) { survivors.append((entry.file, entry.change)) }
            case .write(let offset, let bytes):
                var start = offset
                let end = offset + bytes.count
                while start < end {
                    let next = min((start / sectorSize + 1) * sectorSize, end)
                    let piece = bytes[(bytes.startIndex + start - offset)..<(bytes.startIndex + next - offset)]
                    if Bool.random(using: &random) {
                        survivors.append((entry.file, .write(offset: start, bytes: piece)))
                    }
                    start = next
                }
            }
        }
        return survivors
    }
}

extension Change {
    func torn(_ tear: Tear) -> Change {
        guard case .write(let offset, let bytes) = self else { return self }
        return .write(offset: offset, bytes: bytes.prefix(tear.kept(of: bytes.count, at: offset)))
    }
}
