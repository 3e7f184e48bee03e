import Testing

@testable import Replication

@Suite("Lag in time") struct LagMeterTests {
    @Test("the age is that of the first row that is missing, whichever came since")
    func age() {
        var meter = LagMeter()
        #expect(meter.since(above: 0) == nil)
        meter.note(5, at: 0)
        meter.note(8, at: 10_000)
        meter.note(8, at: 15_000)
        meter.note(9, at: 20_000)
        #expect((0...9).map { meter.since(above: $0) } == [0, 0, 0, 0, 0, 10_000, 10_000, 10_000, 20_000, nil])
    }

    @Test("rows of one second are one mark, an end that goes back moves nothing")
    func grain() {
        var meter = LagMeter()
        for number in 0..<10 { meter.note(Int64(number), at: Int64(number) * 150) }
        meter.note(3, at: 5_000)
        #expect(meter.since(above: 1) == 150)
        #expect(meter.since(above: 8) == 1_200)
        #expect(meter.since(above: 9) == nil)
    }

    @Test("never older than it is, and never younger than half of that, however many rows come")
    func bounded() {
        var meter = LagMeter()
        // Row n comes at second n.
        for number in 1...20_000 { meter.note(Int64(number), at: Int64(number) * 1_000) }
        for cursor in stride(from: Int64(0), to: 20_000, by: 97) {
            let age = 20_000_000 - (meter.since(above: cursor) ?? 20_000_000)
            let truth = 20_000_000 - (cursor + 1) * 1_000
            #expect(age <= truth && age * 2 >= truth - 1_000, "cursor \(cursor): \(age), and it is \(truth)")
        }
        #expect(meter.since(above: 20_000) == nil)
    }
}
