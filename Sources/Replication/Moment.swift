/// A moment as a node has it: what its wall clock says, and a count that never jumps.
///
/// Timers run on the steady count alone: a wall clock that is set back must not put a session to sleep until it has
/// caught up.

package import Events

package struct Moment: Sendable, Equatable {
    /// For what is written down and shown.
    package var wall: Timestamp
    /// Milliseconds since some moment before the process began; never goes back.
    package var steady: Int64

    package init(wall: Timestamp, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}
