import Events
import Simulation
import Testing

@testable import Alarms

/// Whatever is measured whenever, told from the outside: an oracle looks at samples and changes alone.
@Suite("Alarms under any course of values") struct AlarmPropertyTests {
    /// What an outsider knows of one alarm.
    private struct Course {
        var lastRaised: Int64?
        var isRaised = false
        var isCritical = false
        /// Since when each value that was seen was over.
        var overSince: Int64?
        var seenAt: Int64?
    }

    private static let rules = (0..<24).map { number in
        let comparison: AlarmRule.Comparison = [.above, .below, .beyond][number % 3]
        let clearing: Int64 = comparison == .below ? 14 : 6
        return rule(
            "rule\(number)", window: [20, 60, 500][number / 3 % 3], .last, comparison, clearing: clearing,
            hold: [0, 15, 90][number % 5 % 3], coolDown: [0, 40, 400][number / 2 % 3],
            escalation: number.isMultiple(of: 2) ? AlarmRule.Escalation(after: 70, to: .critical) : nil)
    }

    @Test(
        "never before the hold, never twice within the cool-down, never cleared or raised within the hysteresis",
        arguments: 1...60)
    func properties(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rule = AlarmPropertyTests.rules[Int(seed) % AlarmPropertyTests.rules.count]
        var engine = AlarmEngine([rule])
        var copy = engine
        var courses: [String: Course] = [:]
        var time: Int64 = 0
        var now: Int64 = 0
        for _ in 0..<3_000 {
            // Now and then time stands still, goes back, or leaps.
            time += random.happens(perMille: 100) ? -random.integer(in: 0...50) : random.integer(in: 0...25)
            if random.happens(perMille: 5) { time += random.integer(in: 0...2_000) }
            now = max(now, time)
            var values: [String: Int64] = [:]
            for node in ["a", "b", "c"] where random.happens(perMille: 800) {
                values[node] = random.integer(in: -20...20)
                if random.happens(perMille: 600) { values[node] = courses[node]?.isRaised == true ? 12 : 9 }
            }
            let samples = values.sorted { $0.key < $1.key }.map { Sample("depth", ["node": $0.key], $0.value) }
            let changes = engine.step(samples, at: time)
            let again = copy.step(samples, at: time)
            #expect(changes == again, "seed \(seed): not the same twice")
            for node in ["a", "b", "c"] {
                let own = changes.filter { $0.alarm.series["node"] == node }
                check(
                    own, values[node], rule, now, &courses[node, default: Course()], "seed \(seed), \(node) at \(now)")
            }
        }
        let raised = courses.filter(\.value.isRaised).keys.sorted()
        #expect(engine.raised.compactMap { $0.series["node"] }.sorted() == raised, "seed \(seed)")
    }

    private func check(
        _ changes: [AlarmTransition], _ value: Int64?, _ rule: AlarmRule, _ now: Int64, _ course: inout Course,
        _ place: String
    ) {
        if let seen = course.seenAt, now - seen >= rule.window { course.overSince = nil }
        if let value {
            course.seenAt = now
            course.overSince = rule.passes(value, rule.threshold) ? course.overSince ?? now : nil
        }
        #expect(changes.filter { $0.kind != .escalated }.count <= 1, "\(place): two changes at once")
        for change in changes {
            switch change.kind {
            case .raised:
                #expect(!course.isRaised, "\(place): raised twice")
                if let last = course.lastRaised {
                    #expect(now - last >= rule.coolDown, "\(place): within the cool-down")
                }
                #expect(course.overSince.map { now - $0 >= rule.hold } == true, "\(place): before the hold")
                (course.isRaised, course.isCritical, course.lastRaised) = (true, false, now)
            case .acknowledged: Issue.record("\(place): nobody said so")
            case .escalated:
                #expect(course.isRaised && !course.isCritical && change.alarm.severity == .critical, "\(place)")
                #expect(now - (course.lastRaised ?? now) >= 70, "\(place): escalated early")
                course.isCritical = true
            case .cleared:
                // A value between both thresholds neither raises nor clears.
                let isQuiet = value.map { !rule.passes($0, rule.clearing) } == true
                #expect(course.isRaised && isQuiet, "\(place): cleared within the hysteresis")
                course.isRaised = false
            case .lost:
                #expect(
                    course.isRaised && course.seenAt.map { now - $0 >= rule.window } == true, "\(place): lost early")
                course.isRaised = false
            }
        }
        // What has to come comes.
        if let value, let over = course.overSince, rule.passes(value, rule.threshold), now - over >= rule.hold,
            course.lastRaised.map({ now - $0 >= rule.coolDown }) ?? true
        {
            #expect(course.isRaised, "\(place): not raised")
        }
        if let value, !rule.passes(value, rule.clearing) { #expect(!course.isRaised, "\(place): not cleared") }
    }
}
