/// Verify's look at the `-wal` file itself: SQLite takes a damaged frame for a write that power failure tore, and drops
/// it and all that follows without a word (sqlite.org/fileformat2.html, 4.2 to 4.4).
///
/// A torn write and damage differ in what stands behind them. The writer syncs each commit before it writes the next
/// frame, so a power failure can only have torn the last transaction. A frame that continues the chain of checksums
/// behind a commit frame at or after the damage was written later than that commit's sync: the damage came after.
/// Damage to the last transaction itself looks like a torn write from here; the head note tells the two apart.

import CSQLite
import Events

struct WALScan {
    /// Where the chain of checksums broke although committed frames follow.
    struct Damage: Equatable {
        /// Counted from 1; 0 is the WAL's header.
        let frame: Int64
        let salts: UInt64
    }

    private struct Checksum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0
    }

    private struct Frame {
        let page: UInt32
        /// The database's size in pages after a commit; 0 in other frames.
        let sizeAfterCommit: UInt32
        let salts: UInt64
        let checksum: Checksum
        let bytes: [UInt8]
        var isCommit: Bool { sizeAfterCommit != 0 }
        var content: ArraySlice<UInt8> { bytes[WALScan.frameHeader...] }
    }

    private static let header = 32
    private static let frameHeader = 24
    private let pageSize: Int
    /// Bytes of the database file itself at a page, to see whether a frame had been copied there.
    private let databasePage: (UInt32) -> [UInt8]?

    /// - Parameter pageSize: of the database, in bytes.
    init(pageSize: Int, databasePage: @escaping (UInt32) -> [UInt8]?) {
        self.pageSize = pageSize
        self.databasePage = databasePage
    }

    /// Looks until two looks agree: a node may be writing, and then a frame can be read half.
    ///
    /// - Returns: nil when there is no WAL, or nothing that a power failure does not explain.
    func damage(inWALAt path: String) -> Damage? {
        var before: Damage?
        for round in 0..<4 {
            guard let found = scan(path) else { return nil }
            if round > 0, found == before { return found }
            before = found
        }
        return nil
    }

    // MARK: - One look

    private func scan(_ path: String) -> Damage? {
        guard let file = FileBytes(path: path), file.count > WALScan.header else { return nil }
        let head = file.read(at: 0, count: WALScan.header)
        guard head.count == WALScan.header else { return nil }
        let magic = WALScan.word(head, 0)
        let stored = Checksum(first: WALScan.word(head, 24), second: WALScan.word(head, 28))
        let isBigEndian = magic & 1 == 1
        let computed = WALScan.checksum(isBigEndian, Checksum(), head[..<24])
        let isWhole =
            magic & ~1 == 0x377F_0682 && WALScan.word(head, 4) == 3_007_000 && WALScan.word(head, 8) == UInt32(pageSize)
            && computed == stored
        if isWhole { return follow(file, isBigEndian, seeds: [stored], salts: WALScan.salts(head, 16), broken: nil) }
        // SQLite ignores the whole file now. Whatever bit was hit, the frames name their salts and order themselves.
        guard let first = frame(1, of: file) else { return nil }
        for isBigEndian in [false, true] {
            let seeds = [stored, WALScan.checksum(isBigEndian, Checksum(), head[..<24])]
            if let damage = follow(file, isBigEndian, seeds: seeds, salts: first.salts, broken: 0),
                !isCopied(file, salts: first.salts)
            {
                return damage
            }
        }
        return nil
    }

    /// Follows the chain of checksums; behind a break, looks for a frame that proves a later write.
    ///
    /// - Parameter seeds: the checksums that the next frame may start from: the stored one of the frame before and,
    ///   behind a break, also the computed one, since either may be what was damaged.
    private func follow(
        _ file: borrowing FileBytes, _ isBigEndian: Bool, seeds: [Checksum], salts: UInt64, broken: Int64?
    ) -> Damage? {
        var seeds = seeds
        var broken = broken
        var followsCommit = false
        var number: Int64 = 1
        while let frame = frame(number, of: file) {
            let computed = seeds.map { seed in
                let head = WALScan.checksum(isBigEndian, seed, frame.bytes[..<8])
                return WALScan.checksum(isBigEndian, head, frame.content)
            }
            let isChained = computed.contains(frame.checksum) && frame.salts == salts
            if let broken, isChained, followsCommit { return Damage(frame: broken, salts: salts) }
            let isFirstBroken = broken == nil && !isChained
            if isFirstBroken { broken = number }
            // Frames of an earlier round of the WAL have other salts and end nothing of this one.
            followsCommit = frame.isCommit && (isFirstBroken || frame.salts == salts)
            seeds = isChained ? [frame.checksum] : [frame.checksum] + computed.prefix(2)
            number += 1
        }
        return nil
    }

    /// Whether the database file holds what these frames hold: then they were copied before, and a torn header of a
    /// WAL that began anew loses nothing.
    private func isCopied(_ file: borrowing FileBytes, salts: UInt64) -> Bool {
        var last: [UInt32: Int64] = [:]
        var number: Int64 = 1
        while let frame = frame(number, of: file), frame.salts == salts {
            last[frame.page] = number
            number += 1
        }
        return last.allSatisfy { page, number in
            guard let frame = frame(number, of: file), let here = databasePage(page) else { return false }
            return frame.content.elementsEqual(here)
        }
    }

    // MARK: - Bytes

    private func frame(_ number: Int64, of file: borrowing FileBytes) -> Frame? {
        let length = WALScan.frameHeader + pageSize
        let bytes = file.read(at: WALScan.header + Int(number - 1) * length, count: length)
        guard bytes.count == length else { return nil }
        return Frame(
            page: WALScan.word(bytes, 0), sizeAfterCommit: WALScan.word(bytes, 4), salts: WALScan.salts(bytes, 8),
            checksum: Checksum(first: WALScan.word(bytes, 16), second: WALScan.word(bytes, 20)), bytes: bytes)
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        unsafe bytes.withUnsafeBytes {
            unsafe UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
    }

    private static func salts(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        UInt64(word(bytes, offset)) << 32 | UInt64(word(bytes, offset + 4))
    }

    private static func checksum(_ isBigEndian: Bool, _ seed: Checksum, _ bytes: ArraySlice<UInt8>) -> Checksum {
        var sum = seed
        unsafe bytes.withUnsafeBytes {
            unsafe csqlite_wal_checksum(
                isBigEndian ? 1 : 0, $0.baseAddress, Int64($0.count), &sum.first, &sum.second)
        }
        return sum
    }
}
