/// Whether a street's line is slow, by how the answers to its pulls come in: what goes over it is compressed then.
///
/// The hub answers a pull in one go, so that from an answer's first frame to its last only the line counts, and neither the
/// way's length nor how busy the hub is. Frames are counted as they came, so that compressing them changes no verdict.

import Events

struct LineMeter {
    private struct Answer {
        /// When its first frame came, in steady milliseconds.
        var since: Int64
        /// Bytes of its frames behind the first.
        var bytes: Int64 = 0
    }

    private var answers: [FeedName: Answer] = [:]
    private(set) var isSlow = false

    /// Bytes a second below which a line is slow, and above which it is not any more.
    private static let slow: Int64 = 1 << 20
    private static let fast: Int64 = 2 << 20
    /// Bytes, or milliseconds, behind an answer's first frame from which on a slow line shows; bytes for a fast one.
    private static let slowBytes: Int64 = 128 << 10
    private static let slowTime: Int64 = 1_000
    private static let fastBytes: Int64 = 256 << 10

    /// A part of the answer to a pull came.
    mutating func came(_ feed: FeedName, bytes: Int, isLast: Bool, now: Int64) {
        guard var answer = answers[feed] else {
            if !isLast { answers[feed] = Answer(since: now) }
            return
        }
        answer.bytes += Int64(bytes)
        answers[feed] = isLast ? nil : answer
        let time = max(1, now - answer.since)
        let speed = answer.bytes * 1_000 / time
        if speed < LineMeter.slow {
            if answer.bytes >= LineMeter.slowBytes || time >= LineMeter.slowTime { isSlow = true }
        } else if isLast, speed >= LineMeter.fast, answer.bytes >= LineMeter.fastBytes {
            isSlow = false
        }
    }

    /// What was on its way is not asked for any more.
    mutating func startOver() { answers = [:] }
}
