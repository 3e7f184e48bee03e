import Events
import Testing

@testable import Alarms

/// A rule about `depth`; times are small, for a step of 10.
func rule(
    _ name: String = "deep", scope: AlarmRule.Scope = .each, window: Int64 = 60,
    _ condensing: AlarmRule.Condensing = .last,
    _ comparison: AlarmRule.Comparison = .above, threshold: Int64 = 10, clearing: Int64? = 5, hold: Int64 = 30,
    coolDown: Int64 = 300, escalation: AlarmRule.Escalation? = nil
) -> AlarmRule {
    AlarmRule(
        name, of: "depth", scope: scope, window: window, condensed: condensing, comparison, threshold,
        clearing: clearing,
        hold: hold,
        coolDown: coolDown, .warning, escalation: escalation,
        text: "node \(AlarmSlot.label("node")) has \(AlarmSlot.value), more than \(AlarmSlot.threshold)",
        advice: "look at \(AlarmSlot.label("node"))")
}

@Suite("The alarm engine") struct AlarmEngineTests {
    /// Gives one value every `step` and tells each change with its time.
    private func run(
        _ engine: inout AlarmEngine, from start: Int64 = 0, step: Int64 = 10, _ values: [Int64?], node: String = "a"
    ) -> [String] {
        values.enumerated().flatMap { number, value in
            let now = start + Int64(number) * step
            let samples = value.map { [Sample("depth", ["node": node], $0)] } ?? []
            return engine.step(samples, at: now).map { "\(now) \($0.kind)" }
        }
    }

    @Test("raised once it has been so for the hold, without a break, and cleared at its own threshold")
    func hold() {
        var engine = AlarmEngine([rule()])
        // A break at 20: the hold begins anew at 30.
        #expect(run(&engine, [11, 12, 10, 11, 11, 11]) == [])
        #expect(run(&engine, from: 60, [11, 8, 6, 11, 5, 11]) == ["60 raised", "100 cleared"])
    }

    @Test("the text names the value, the threshold and the labels, in both places; the value moves with the alarm")
    func text() throws {
        var engine = AlarmEngine([rule(hold: 0)])
        let raised = try #require(engine.step([Sample("depth", ["node": "a"], 12)], at: 0).first)
        #expect(raised.words.description == "node a has 12, more than 10; look at a")
        _ = engine.step([Sample("depth", ["node": "a"], 40)], at: 10)
        #expect(engine.raised.map(\.text.description) == ["node a has 40, more than 10"])
        let cleared = try #require(engine.step([Sample("depth", ["node": "a"], 0)], at: 20).first)
        #expect(cleared.words.description == "no longer so: node a has 40, more than 10")
        #expect(engine.raised == [])
    }

    @Test("not raised again before the cool-down is over, and then at once when it is so by then")
    func coolDown() {
        var engine = AlarmEngine([rule(hold: 20)])
        let values = [Int64?](repeating: 20, count: 3) + [0] + [Int64?](repeating: 20, count: 30)
        #expect(run(&engine, values) == ["20 raised", "30 cleared", "320 raised"])
    }

    @Test("escalated once, unless somebody acknowledged it")
    func escalation() {
        let escalation = AlarmRule.Escalation(after: 50, to: .critical)
        var engine = AlarmEngine([rule(hold: 0, escalation: escalation)])
        #expect(run(&engine, [Int64?](repeating: 20, count: 12)) == ["0 raised", "50 escalated"])
        #expect(engine.raised.map(\.severity) == [.critical])
        var seen = AlarmEngine([rule(hold: 0, coolDown: 0, escalation: escalation)])
        _ = run(&seen, [20])
        #expect(seen.acknowledge("deep", [:], by: "li")?.alarm == nil)
        #expect(seen.acknowledge("other", ["node": "a"], by: "li")?.alarm == nil)
        #expect(seen.acknowledge("deep", ["node": "a"], by: "li")?.changes.map(\.kind) == [.acknowledged(by: "li")])
        let again = seen.acknowledge("deep", ["node": "a"], by: "wang")
        #expect(again?.alarm.acknowledgedBy == "li" && again?.changes == [], "who said so first stays")
        #expect(run(&seen, from: 10, [Int64?](repeating: 20, count: 12)) == [])
        #expect(seen.raised.map(\.acknowledgedBy) == ["li"])
        // Raised anew, it is nobody's.
        #expect(run(&seen, from: 130, [0, 20] + [Int64?](repeating: 20, count: 6)).last == "190 escalated")
    }

    @Test("one over all series is acknowledged without labels")
    func acknowledgedTogether() {
        var engine = AlarmEngine([
            rule(scope: .median(ofAtLeast: 1), hold: 0, escalation: AlarmRule.Escalation(after: 50, to: .critical))
        ])
        _ = run(&engine, [20])
        #expect(engine.acknowledge("deep", ["node": "a"], by: "li")?.alarm == nil)
        #expect(engine.acknowledge("deep", [:], by: "li")?.changes.count == 1)
        #expect(run(&engine, from: 10, [Int64?](repeating: 20, count: 12)) == [])
    }

    @Test("each series by itself; the most severe alarm first, then the oldest")
    func series() {
        var engine = AlarmEngine([rule(hold: 0, escalation: AlarmRule.Escalation(after: 15, to: .critical))])
        _ = engine.step([Sample("depth", ["node": "b"], 20), Sample("other", [:], 99)], at: 0)
        _ = engine.step([Sample("depth", ["node": "a"], 20), Sample("depth", ["node": "b"], 20)], at: 5)
        #expect(engine.raised.map { $0.series["node"] } == ["b", "a"])
        _ = engine.step([Sample("depth", ["node": "b"], 20)], at: 16)
        #expect(engine.raised.map(\.severity) == [.critical, .warning])
        #expect(engine.step([Sample("depth", ["node": "a"], 0)], at: 17).map(\.alarm.series["node"]) == ["a"])
    }

    @Test("what is not known any more raises nothing, begins its hold anew, and ends an alarm as lost")
    func unknown() {
        var engine = AlarmEngine([rule()])
        #expect(run(&engine, [20, nil, nil, nil, nil, nil, nil, nil]) == ["30 raised", "60 lost"])
        // Known again after the window: neither the hold nor the cool-down is shorter for it.
        #expect(run(&engine, from: 100, [20, 20, 20, 20]) == [])
        #expect(run(&engine, from: 330, step: 30, [20, 20]) == ["360 raised"])
    }

    @Test("a look after more than a window begins the hold anew")
    func gap() {
        var engine = AlarmEngine([rule()])
        #expect(run(&engine, step: 70, [20, 20, 20]) == [])
        #expect(run(&engine, from: 170, [20]) == ["170 raised"])
    }

    @Test("below and beyond")
    func comparisons() {
        var below = AlarmEngine([rule("low", .last, .below, clearing: 20, hold: 0, coolDown: 0)])
        #expect(run(&below, [10, 9, 15, 20, 19]) == ["10 raised", "30 cleared"])
        var beyond = AlarmEngine([rule("far", .last, .beyond, hold: 0, coolDown: 0)])
        #expect(run(&beyond, [-10, -11, 11, -6, -5, 12]) == ["10 raised", "40 cleared", "50 raised"])
    }

    @Test("the median over all: from so many series on, and one of two that is far off is none")
    func together() {
        var engine = AlarmEngine([
            rule(
                "clock", scope: .median(ofAtLeast: 2), .last, .beyond, threshold: 60, clearing: 30, hold: 0, coolDown: 0
            )
        ])
        func step(_ values: [Int64], at now: Int64) -> [AlarmTransition] {
            engine.step(values.enumerated().map { Sample("depth", ["node": "\($0.offset)"], $0.element) }, at: now)
        }
        #expect(step([500], at: 0) == [])
        #expect(step([500, 0], at: 10) == [])
        #expect(step([500, -70], at: 20).map(\.alarm.value) == [-70])
        #expect(engine.raised.map(\.series) == [Series("depth")])
        #expect(step([500, -70, -10], at: 30).map(\.kind) == [.cleared])
    }

    @Test("as many series as there may be; further ones are counted, and heard when others are gone")
    func bounded() {
        var engine = AlarmEngine([rule(hold: 0, coolDown: 0)])
        for round in 0..<3 {
            let samples = (0..<2_000).map { Sample("depth", ["node": "\($0)"], 0) }
            #expect(engine.step(samples, at: Int64(round)) == [])
        }
        #expect(engine.unheard == 3_000)
        #expect(engine.step([Sample("depth", ["node": "5000"], 50)], at: 30) == [])
        _ = engine.step([], at: 70)
        #expect(engine.step([Sample("depth", ["node": "5000"], 50)], at: 80).map(\.kind) == [.raised])
    }
}
