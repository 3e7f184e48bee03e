/// The one engine of all alarms: samples in, changes out, time as an argument.
///
/// For each rule and series: quiet → over the threshold for `hold` → raised → perhaps escalated → cleared at `clearing`. A
/// series without a value within the window is unknown: it raises nothing, begins its hold anew, and ends what was raised. Memory
/// is bounded whatever comes in; the same calls give the same changes.

package struct AlarmEngine: Sendable {
    /// Series that a rule follows at once; of further ones nothing is looked at, and `unheard` counts their samples.
    package static let seriesLimit = 1_000

    /// No sum of times overflows.
    private static let lastTime: Int64 = 1 << 60

    /// One rule's view of one series, or of all.
    fileprivate struct State {
        /// Since when the value is over the threshold.
        var overSince: Int64?
        /// When there was a value last.
        var seenAt: Int64?
        /// When it was last raised.
        var raisedAt: Int64?
        var alarm: Alarm?
    }

    private struct Track {
        var window: SampleWindow
        var state = State()
    }

    private struct Watch {
        let rule: AlarmRule
        var tracks: [Series: Track] = [:]
        /// Of a rule over all series.
        var together = State()
    }

    private var watches: [Watch]
    /// Places of the rules of a metric.
    private let places: [String: [Int]]
    /// The latest time that was given: time never goes back here.
    private var now: Int64 = 0
    /// Samples of series beyond the limit.
    package private(set) var unheard: Int64 = 0

    /// - Precondition: no two rules have one name.
    package init(_ rules: [AlarmRule]) {
        precondition(Set(rules.map(\.name)).count == rules.count, "two rules of one name")
        watches = rules.map { Watch(rule: $0) }
        places = Dictionary(grouping: rules.indices) { rules[$0].metric }
    }

    /// The alarms that are raised now: the most severe first, then the oldest.
    package var raised: [Alarm] {
        watches.flatMap { watch in
            ([watch.together] + watch.tracks.sorted { $0.key < $1.key }.map(\.value.state)).compactMap(\.alarm)
        }.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.severity != b.severity { return a.severity > b.severity }
            return a.since == b.since ? left.offset < right.offset : a.since < b.since
        }.map(\.element)
    }

    /// Takes what was measured at a time, and lets time pass up to it.
    ///
    /// - Parameter time: steady milliseconds; one before an earlier call's counts as that one.
    package mutating func step(_ samples: [Sample], at time: Int64) -> [AlarmTransition] {
        now = max(now, min(time, AlarmEngine.lastTime))
        for sample in samples {
            for place in places[sample.series.metric] ?? [] { add(sample, to: place) }
        }
        return watches.indices.flatMap { evaluate($0) }
    }

    /// Somebody sees to it, and it is not escalated any more.
    ///
    /// - Parameter labels: of its series, by their names.
    /// - Returns: the alarm with whoever said so first, and the change, when it is one; nil when no such alarm is raised.
    package mutating func acknowledge(
        _ rule: String, _ labels: [String: String], by account: String
    ) -> (alarm: Alarm, changes: [AlarmTransition])? {
        guard let place = watches.firstIndex(where: { $0.rule.name == rule }) else { return nil }
        let series = Series(watches[place].rule.metric, labels)
        return watches[place].together.acknowledge(series, by: account)
            ?? watches[place].tracks[series]?.state.acknowledge(series, by: account)
    }

    private mutating func add(_ sample: Sample, to place: Int) {
        guard watches[place].tracks[sample.series] != nil || watches[place].tracks.count < AlarmEngine.seriesLimit
        else {
            unheard += 1
            return
        }
        var track =
            watches[place].tracks.removeValue(forKey: sample.series)
            ?? Track(window: SampleWindow(watches[place].rule))
        // What was so since the last value is not known.
        if track.window.isStale(at: now) { track.state.overSince = nil }
        track.window.add(sample.value, at: now)
        watches[place].tracks[sample.series] = track
    }

    private mutating func evaluate(_ place: Int) -> [AlarmTransition] {
        var watch = watches[place]
        let rule = watch.rule
        defer { watches[place] = watch }
        // Not copied while it is changed.
        watches[place].tracks = [:]
        var changes: [AlarmTransition] = []
        switch rule.scope {
        case .each:
            for series in watch.tracks.keys.sorted() {
                let value = watch.tracks[series]?.window.value(at: now)
                changes += watch.tracks[series]?.state.take(value, of: series, rule, now) ?? []
            }
        case .median(let least):
            let values = watch.tracks.values.compactMap { $0.window.value(at: now) }.sorted()
            let value = values.count < max(1, least) ? nil : AlarmEngine.middle(of: values)
            changes += watch.together.take(value, of: Series(rule.metric), rule, now)
        }
        watch.tracks = watch.tracks.filter { !$0.value.window.isStale(at: now) || !$0.value.state.isIdle(rule, now) }
        return changes
    }

    /// - Parameter sorted: not empty.
    private static func middle(of sorted: [Int64]) -> Int64 {
        let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
        return low.magnitude <= high.magnitude ? low : high
    }
}

extension AlarmEngine.State {
    /// Takes a value, or that there is none.
    mutating func take(
        _ value: Int64?, of series: Series, _ rule: AlarmRule, _ now: Int64
    ) -> [AlarmTransition] {
        guard let value else {
            overSince = nil
            seenAt = nil
            return end(.lost)
        }
        // Nobody looked for longer than a window: what was so in between is not known.
        if let seenAt, now - seenAt >= rule.window { overSince = nil }
        seenAt = now
        overSince = rule.passes(value, rule.threshold) ? overSince ?? now : nil
        guard var alarm else { return raise(value, of: series, rule, now) }
        guard rule.passes(value, rule.clearing) else { return end(.cleared) }
        alarm.value = value
        defer { self.alarm = alarm }
        guard let escalation = rule.escalation, alarm.acknowledgedBy == nil, alarm.severity < escalation.severity,
            now - alarm.since >= escalation.after
        else { return [] }
        alarm.severity = escalation.severity
        return [AlarmTransition(.escalated, alarm)]
    }

    private mutating func raise(
        _ value: Int64, of series: Series, _ rule: AlarmRule, _ now: Int64
    ) -> [AlarmTransition] {
        guard let overSince, now - overSince >= rule.hold, !isCooling(rule, now) else { return [] }
        let alarm = Alarm(rule: rule, series: series, since: now, severity: rule.severity, value: value)
        self.alarm = alarm
        raisedAt = now
        return [AlarmTransition(.raised, alarm)]
    }

    /// - Returns: nil when no alarm of this series is raised here.
    mutating func acknowledge(
        _ series: Series, by account: String
    ) -> (alarm: Alarm, changes: [AlarmTransition])? {
        guard var alarm, alarm.series == series else { return nil }
        guard alarm.acknowledgedBy == nil else { return (alarm, []) }
        alarm.acknowledgedBy = account
        self.alarm = alarm
        return (alarm, [AlarmTransition(.acknowledged(by: account), alarm)])
    }

    private mutating func end(_ kind: AlarmTransition.Kind) -> [AlarmTransition] {
        defer { alarm = nil }
        return alarm.map { [AlarmTransition(kind, $0)] } ?? []
    }

    private func isCooling(_ rule: AlarmRule, _ now: Int64) -> Bool {
        raisedAt.map { now - $0 < rule.coolDown } ?? false
    }

    /// Whether nothing of it has to be remembered.
    func isIdle(_ rule: AlarmRule, _ now: Int64) -> Bool { alarm == nil && !isCooling(rule, now) }
}
