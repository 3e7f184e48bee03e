import Events
import Testing

@testable import Alarms

@Suite("A window of samples") struct SampleWindowTests {
    private func value(_ condensing: AlarmRule.Condensing, _ values: [Int64], window: Int64 = 100, at end: Int64? = nil)
        -> Int64?
    {
        var one = SampleWindow(rule(window: window, condensing))
        for (at, value) in values.enumerated() { one.add(value, at: Int64(at)) }
        return one.value(at: end ?? Int64(values.count) - 1)
    }

    @Test("last, highest, mean and median, and by how much a counter rose")
    func condensed() {
        let values: [Int64] = [3, 9, -4, 9, 4]
        #expect(value(.last, values) == 4)
        #expect(value(.max, values) == 9)
        #expect(value(.mean, values) == 4)
        #expect(value(.median, values, window: 60) == 4)
        #expect(value(.median, [4, 9], window: 60) == 4)
        // Began anew at 5: 10 + 5 + 2.
        #expect(value(.rate, [100, 110, 5, 7]) == 17)
        #expect(value(.rate, [100]) == 0)
    }

    @Test("nothing that is older than the window counts, and with nothing in it there is no value")
    func old() {
        #expect(value(.max, [50, 1, 1], window: 10, at: 9) == 50)
        #expect(value(.max, [50, 1, 1], window: 10, at: 10) == 1)
        #expect(value(.rate, [0, 50, 51], window: 10, at: 11) == 1)
        for one in [AlarmRule.Condensing.last, .max, .mean, .median, .rate] {
            #expect(value(one, [50, 1, 1], window: 10, at: 11) != nil)
            #expect(value(one, [50, 1, 1], window: 10, at: 12) == nil)
        }
    }

    @Test("memory is bounded whatever comes, and no sum overflows")
    func bounded() {
        for condensing in [AlarmRule.Condensing.last, .max, .mean, .median, .rate] {
            var one = SampleWindow(rule(window: 1_000, condensing))
            for at in 0..<200_000 { one.add(at.isMultiple(of: 2) ? .max : .min, at: Int64(at) / 7) }
            #expect(one.size <= 61)
            #expect(one.value(at: 200_000 / 7) != nil)
        }
    }

    @Test("a window of values that never changes comes to that value, however its slots lie")
    func constant() {
        for window in Int64(1)...200 {
            for condensing in [AlarmRule.Condensing.last, .max, .mean, .median] {
                var one = SampleWindow(rule(window: window, condensing))
                for at in 0..<300 { one.add(7, at: Int64(at)) }
                #expect(one.value(at: 299) == 7)
            }
        }
    }
}
