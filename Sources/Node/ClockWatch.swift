/// Whether the wall clock can be believed as far as timers go (时钟跳变): a clock that leaps ahead for three seconds would
/// spend every timer of the district for good.
///
/// The steady clock is the witness. A machine that was asleep looks the same as one whose clock was set wrongly, so that time
/// makes nothing due for a while, in which somebody can set the clock right, and then goes on by what the clock says.

import Events
import Replication

struct ClockWatch {
    /// Milliseconds of a leap that calls for a look; clocks are kept by NTP and moved by less.
    private static let leap: Int64 = 3_600_000
    /// Steady milliseconds in which timers are held after a leap ahead.
    private static let hold: Int64 = 600_000

    enum Finding: Equatable {
        /// The wall clock moved further than the steady one; an alarm says by how much.
        case ahead(Words)
        /// The wall clock was set back, or the hold is over: what was looked at in between was looked at by a wrong time.
        case settled
    }

    private var last: Moment?
    private var heldUntil: Int64?

    /// Whether time makes nothing due now.
    var isHolding: Bool { heldUntil != nil }

    /// Compares both clocks with the moment before; a further leap begins the hold anew.
    mutating func take(_ now: Moment) -> Finding? {
        let before = last ?? now
        last = now
        let moved = (now.wall - before.wall) - (now.steady - before.steady)
        if moved > ClockWatch.leap {
            heldUntil = now.steady + ClockWatch.hold
            let (minutes, wait) = (moved / 60_000, ClockWatch.hold / 60_000)
            let alarm: Words =
                "the clock leapt ahead by \(minutes) minutes, to \(now.wall): check it; timers wait for \(wait) minutes"
            return .ahead(alarm)
        }
        if let until = heldUntil, now.steady >= until {
            heldUntil = nil
            return .settled
        }
        return moved < -ClockWatch.leap ? .settled : nil
    }
}
