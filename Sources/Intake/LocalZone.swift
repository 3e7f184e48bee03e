/// Local times to instants: a fixed offset, or a named zone with its daylight saving time as a table.

package import Events

package struct LocalZone: Sendable, Equatable {
    /// From this instant on, this many milliseconds east of Greenwich.
    package struct Transition: Sendable, Equatable {
        package let at: Timestamp
        package let offset: Int64

        package init(at: Timestamp, offset: Int64) {
            self.at = at
            self.offset = offset
        }
    }

    package let name: String
    /// Before the first transition, in milliseconds.
    private let firstOffset: Int64
    /// In order of time.
    private let transitions: [Transition]

    package init(name: String, firstOffset: Int64, transitions: [Transition] = []) {
        self.name = name
        self.firstOffset = firstOffset
        self.transitions = transitions
    }

    /// China Standard Time (北京时间).
    package static let china = LocalZone(name: "+08:00", firstOffset: 8 * 3_600_000)

    /// Milliseconds east of Greenwich at `instant`.
    package func offset(at instant: Timestamp) -> Int64 {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : transitions[low - 1].offset
    }

    /// The instant of a local time, given as milliseconds since 1970-01-01T00:00 on the local clock.
    ///
    /// A local time that occurs twice (the clock went back) is taken as its first occurrence; one that does not
    /// exist (the clock went forward) is read with the offset before the change, so that it comes out as much
    /// later as the clock jumped.
    package func instant(local: Int64) -> Timestamp {
        let day: Int64 = 86_400_000
        let before = offset(at: Timestamp(milliseconds: local - day))
        let after = offset(at: Timestamp(milliseconds: local + day))
        let early = Timestamp(milliseconds: local - before)
        if before == after || offset(at: early) == before { return early }
        let late = Timestamp(milliseconds: local - after)
        return offset(at: late) == after ? late : early
    }

    /// Reads `Z`, `+08:00`, `-0500`; nil for anything else.
    package static func fixed(_ text: String) -> LocalZone? {
        if text == "Z" || text == "UTC" { return LocalZone(name: text, firstOffset: 0) }
        let bytes = Array(text.utf8)
        var place = 0
        guard let offset = TimeFormat.offset(bytes, &place), place == bytes.count else { return nil }
        return LocalZone(name: text, firstOffset: offset)
    }
}
