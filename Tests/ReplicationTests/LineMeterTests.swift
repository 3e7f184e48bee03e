import Events
import Testing

@testable import Replication

/// When a line counts as slow: by what comes behind an answer's first frame, whatever came before it.
@Suite("How fast a line is") struct LineMeterTests {
    /// Frames of 48 KiB as an answer to a pull, one each so many milliseconds.
    private func answer(_ meter: inout LineMeter, frames: Int, every pause: Int64, from start: Int64 = 0) {
        for frame in 0..<frames {
            meter.came(.common, bytes: 48 << 10, isLast: frame == frames - 1, now: start + Int64(frame) * pause)
        }
    }

    @Test("a fast line is never slow, however late the answer begins, or small it is")
    func fast() {
        var meter = LineMeter()
        answer(&meter, frames: 40, every: 5, from: 5_000)
        answer(&meter, frames: 2, every: 200, from: 9_000)
        answer(&meter, frames: 1, every: 0, from: 20_000)
        #expect(!meter.isSlow)
    }

    @Test("a line of 50 kB/s is slow with the first answer, and fast again when a large answer says so")
    func slow() {
        var meter = LineMeter()
        answer(&meter, frames: 5, every: 1_000)
        #expect(meter.isSlow)
        answer(&meter, frames: 2, every: 1, from: 10_000)
        #expect(meter.isSlow, "little shows nothing")
        answer(&meter, frames: 10, every: 30, from: 20_000)
        #expect(meter.isSlow, "1.6 MB/s is in between")
        answer(&meter, frames: 10, every: 10, from: 30_000)
        #expect(!meter.isSlow)
    }

    @Test("an answer that lost its first frames tells nothing by those of another feed or session")
    func apart() {
        var meter = LineMeter()
        meter.came(.common, bytes: 48 << 10, isLast: false, now: 0)
        meter.startOver()
        meter.came(.common, bytes: 48 << 10, isLast: false, now: 60_000)
        meter.came(.common, bytes: 48 << 10, isLast: true, now: 60_001)
        #expect(!meter.isSlow)
    }
}
