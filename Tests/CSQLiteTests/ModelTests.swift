// The power-loss model on traces written by hand, where every byte of the disk can be said beforehand.

import Testing

@testable import PowerLossSupport

@Suite struct ModelTests {
    private func disk(_ operations: [Operation], _ survival: Survival, paths: [String] = ["/a", "/b"]) throws
        -> [String: [UInt8]]
    {
        var powerLoss = try PowerLoss(Trace(paths: paths, operations: operations))
        powerLoss.advance(to: operations.count)
        return powerLoss.files(survival)
    }

    private let syncOfA: [Operation] = [.syncBegan(file: 0), .syncReturned(file: 0, succeeded: true)]

    @Test func aReturnedSyncCoversItsOwnFileOnly() throws {
        let writes: [Operation] = [.write(file: 0, offset: 0, bytes: [1, 2]), .write(file: 1, offset: 0, bytes: [3])]
        #expect(try disk(writes + syncOfA, .nothingPending) == ["/a": [1, 2]])
    }

    @Test func aSyncThatHasNotReturnedCoversNothing() throws {
        let operations: [Operation] = [.write(file: 0, offset: 0, bytes: [1, 2]), .syncBegan(file: 0)]
        #expect(try disk(operations, .nothingPending) == [:])
    }

    @Test func aSyncDoesNotCoverWhatWasWrittenAfterItBegan() throws {
        let operations: [Operation] = [
            .write(file: 0, offset: 0, bytes: [1]), .syncBegan(file: 0), .write(file: 0, offset: 1, bytes: [2]),
            .syncReturned(file: 0, succeeded: true),
        ]
        #expect(try disk(operations, .nothingPending) == ["/a": [1]])
        #expect(try disk(operations, .firstPending(1, .whole)) == ["/a": [1, 2]])
    }

    @Test func theLastWriteIsTornAtAByteOrAtASectorOfTheFile() throws {
        let operations: [Operation] = [.write(file: 0, offset: 500, bytes: [UInt8](repeating: 7, count: 1_000))]
        #expect(try disk(operations, .firstPending(1, .bytes(3)))["/a"]?.count == 503)
        #expect(try disk(operations, .firstPending(1, .sector(0)))["/a"]?.count == 512)
        #expect(try disk(operations, .firstPending(1, .sector(1)))["/a"]?.count == 1_024)
        #expect(try disk(operations, .firstPending(1, .sector(9)))["/a"]?.count == 1_500)
    }

    @Test func aTornWriteLeavesTheBytesBesideItAsTheyWere() throws {
        let operations: [Operation] =
            [.write(file: 0, offset: 0, bytes: [1, 1, 1, 1])] + syncOfA + [.write(file: 0, offset: 1, bytes: [2, 2])]
        #expect(try disk(operations, .firstPending(1, .bytes(1))) == ["/a": [1, 2, 1, 1]])
    }

    @Test func bytesBetweenTheEndAndALaterWriteAreZero() throws {
        #expect(try disk([.write(file: 0, offset: 2, bytes: [5])], .firstPending(1, .whole)) == ["/a": [0, 0, 5]])
    }

    @Test func aTruncateIsPendingUntilTheFileIsSynced() throws {
        let before: [Operation] =
            [.write(file: 0, offset: 0, bytes: [1, 2, 3])] + syncOfA + [.truncate(file: 0, size: 1)]
        #expect(try disk(before, .nothingPending) == ["/a": [1, 2, 3]])
        #expect(try disk(before + syncOfA, .nothingPending) == ["/a": [1]])
    }

    @Test func aDeletionIsDurableWhenItsFolderWasSynced() throws {
        let before: [Operation] = [.write(file: 0, offset: 0, bytes: [1])] + syncOfA
        #expect(try disk(before + [.delete(file: 0, folderSynced: true)], .nothingPending) == [:])
        #expect(try disk(before + [.delete(file: 0, folderSynced: false)], .nothingPending) == ["/a": [1]])
        #expect(try disk(before + [.delete(file: 0, folderSynced: false)], .firstPending(1, .whole)) == [:])
    }

    @Test func aSyncOfTheFolderMakesItsDeletionsDurableAndThoseOfNoOther() throws {
        let before: [Operation] =
            [.write(file: 0, offset: 0, bytes: [1])] + syncOfA
            + [.delete(file: 0, folderSynced: false), .write(file: 0, offset: 0, bytes: [2]), .folderSynced(file: 1)]
        #expect(try disk(before, .nothingPending) == [:])
        #expect(try disk(before, .firstPending(1, .whole)) == ["/a": [2]])
        #expect(try disk(before, .nothingPending, paths: ["/a", "/elsewhere/b"]) == ["/a": [1]])
    }

    @Test func whatAFailedSyncDroppedStaysLostAfterTheNextOne() throws {
        let operations: [Operation] =
            [.write(file: 0, offset: 0, bytes: [1]), .syncBegan(file: 0), .syncReturned(file: 0, succeeded: false)]
            + [.write(file: 0, offset: 1, bytes: [2])] + syncOfA
        #expect(try disk(operations, .firstPending(9, .whole)) == ["/a": [0, 2]])
    }

    @Test func scatteredWritesFollowTheirSeedSectorBySector() throws {
        let operations: [Operation] = [.write(file: 0, offset: 0, bytes: [UInt8](repeating: 7, count: 64 * 512))]
        let first = try disk(operations, .scattered(seed: 5))["/a"] ?? []
        #expect(try disk(operations, .scattered(seed: 5))["/a"] == first)
        #expect(try disk(operations, .scattered(seed: 6))["/a"] != first)
        for start in stride(from: 0, to: first.count, by: 512) {
            #expect(Set(first[start..<(start + 512)]).count == 1, "sector \(start / 512) is neither old nor new")
        }
        #expect(Set(first) == [0, 7])
    }

    @Test func writesToAFileWhoseDeletionWasLostAreLostToo() throws {
        let operations: [Operation] =
            [.write(file: 0, offset: 0, bytes: [1])] + syncOfA
            + [.delete(file: 0, folderSynced: false), .write(file: 0, offset: 0, bytes: [2])]
        for seed in UInt64(0)..<64 {
            let left = try disk(operations, .scattered(seed: seed))
            #expect(left == ["/a": [1]] || left == ["/a": [2]] || left == [:], "seed \(seed): \(left)")
        }
    }

    @Test func aFileThatWasNotEmptyNeedsItsBase() throws {
        let trace = Trace(paths: ["/a"], operations: [.open(file: 0, size: 2), .write(file: 0, offset: 2, bytes: [3])])
        #expect(throws: PowerLossFailure.wrongBase(path: "/a", size: 2, given: 0)) { try PowerLoss(trace) }
        var powerLoss = try PowerLoss(trace, base: ["/a": [1, 2]])
        powerLoss.advance(to: 2)
        #expect(powerLoss.files(.firstPending(1, .whole)) == ["/a": [1, 2, 3]])
    }
}
