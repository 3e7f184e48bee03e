/// The values of one series within a rule's window, in bounded memory: what lies in one 60th of the window is kept as its sum,
/// its highest, its last and its growth. A window therefore begins up to a 60th of itself later than it says.

struct SampleWindow: Sendable {
    private static let slotLimit = 60
    /// Values are held within this, so that no sum of a slot's million values overflows.
    private static let bound: Int64 = 1 << 42

    private struct Slot {
        var number: Int64
        var count: Int64 = 0
        var sum: Int64 = 0
        var highest = Int64.min
        var last: Int64 = 0
        var growth: Int64 = 0
    }

    private let span: Int64
    private let width: Int64
    private let condensing: AlarmRule.Condensing
    /// Oldest first; none for `.last`, which needs no more than `newest`.
    private var slots: [Slot] = []
    private var newest: (value: Int64, at: Int64)?

    init(_ rule: AlarmRule) {
        span = rule.window
        // Rounded up: so many slots hold the whole window.
        width = (rule.window + Int64(SampleWindow.slotLimit) - 1) / Int64(SampleWindow.slotLimit)
        condensing = rule.condensing
    }

    /// - Parameter now: not before that of any earlier value.
    mutating func add(_ value: Int64, at now: Int64) {
        let value = max(-SampleWindow.bound, min(SampleWindow.bound, value))
        let before = newest?.value
        newest = (value, now)
        guard condensing != .last else { return }
        let number = now / width
        if slots.last?.number != number {
            slots.append(Slot(number: number))
            if slots.count > SampleWindow.slotLimit + 1 { slots.removeFirst() }
        }
        let place = slots.count - 1
        if slots[place].count < 1 << 20 {
            slots[place].count += 1
            slots[place].sum += value
        }
        slots[place].highest = max(slots[place].highest, value)
        slots[place].last = value
        if let before {
            slots[place].growth = min(slots[place].growth + max(0, value < before ? value : value - before), 1 << 60)
        }
    }

    /// What is kept.
    var size: Int { slots.count }

    /// Whether no value lies within the window any more.
    func isStale(at now: Int64) -> Bool { newest.map { now - $0.at >= span } ?? true }

    /// What the window comes to; nil when there is nothing in it.
    func value(at now: Int64) -> Int64? {
        guard let newest, !isStale(at: now) else { return nil }
        var kept = slots.filter { $0.number * width > now - span }
        // What is not stale stands in the last one at least.
        if kept.isEmpty { kept = slots.suffix(1) }
        switch condensing {
        case .last: return newest.value
        case .max: return kept.map(\.highest).max()
        case .mean:
            let count = kept.reduce(0) { $0 + $1.count }
            return count == 0
                ? nil : kept.reduce(0) { $0 + $1.sum / count } + kept.reduce(0) { $0 + $1.sum % count } / count
        case .median:
            let sorted = kept.map(\.last).sorted()
            return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
        case .rate: return kept.reduce(0) { min($0 + $1.growth, 1 << 60) }
        }
    }
}
