import Testing

@testable import Events

@Suite("A cache of bounded size") struct BoundedCacheTests {
    @Test("never holds more than its limit, and answers what was set last")
    func bound() {
        var cache = BoundedCache<Int, Int>(limit: 7)
        for number in 0..<1_000 {
            cache.set(number, of: number % 20)
            #expect(cache.count <= 7)
            #expect(cache.value(of: number % 20) == number)
        }
    }

    @Test("forgets what was not asked for, and keeps what was")
    func secondChance() {
        var cache = BoundedCache<String, Int>(limit: 3)
        for (number, key) in ["a", "b", "c"].enumerated() { cache.set(number, of: key) }
        #expect(cache.value(of: "a") == 0)
        cache.set(3, of: "d")
        #expect(cache.value(of: "b") == nil)
        #expect(cache.value(of: "a") == 0)
        cache.set(4, of: "e")
        #expect(cache.value(of: "c") == nil)
        #expect(cache.value(of: "a") == 0)
        #expect(cache.value(of: "d") == 3)
    }

    @Test("an insertion looks at a few marks only, though all are set")
    func boundedSweep() {
        var cache = BoundedCache<Int, Int>(limit: 1_000)
        for number in 0..<1_000 { cache.set(number, of: number) }
        for number in 0..<1_000 { #expect(cache.value(of: number) == number) }
        let looks = BoundedCache<Int, Int>.looks
        cache.set(1_000, of: 1_000)
        // Had the hand gone round, the first would be the one to go.
        #expect(cache.value(of: looks) == nil)
        #expect(cache.value(of: looks - 1) == looks - 1)
        // Those passed have no mark; the next insertions go on behind them.
        cache.set(1_001, of: 1_001)
        #expect(cache.value(of: 2 * looks + 1) == nil)
        #expect(cache.count == 1_000)
    }

    @Test("what is changed or set anew stays like what is asked for; emptied, it remembers no mark")
    func marks() {
        var cache = BoundedCache<String, Int>(limit: 3)
        for key in ["a", "b", "c"] { cache.set(0, of: key) }
        cache.update("a") { $0 += 1 }
        cache.set(1, of: "b")
        cache.set(1, of: "d")
        #expect(cache.value(of: "c") == nil)
        #expect(cache.value(of: "a") == 1)
        #expect(cache.value(of: "b") == 1)
        cache.removeAll()
        for key in ["x", "y", "z"] { cache.set(0, of: key) }
        cache.set(0, of: "w")
        #expect(cache.value(of: "x") == nil)
        #expect(cache.value(of: "y") == 0)
    }

    @Test("changes an entry in place, and nothing for a key that is not there")
    func update() {
        var cache = BoundedCache<String, [Int]>(limit: 2)
        cache.set([1], of: "a")
        cache.update("a") { $0.append(2) }
        cache.update("b") { $0.append(3) }
        #expect(cache.value(of: "a") == [1, 2])
        #expect(cache.value(of: "b") == nil)
        cache.removeAll()
        #expect(cache.count == 0)
        #expect(cache.value(of: "a") == nil)
    }
}
