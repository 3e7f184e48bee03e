/// A dictionary of bounded size: when it is full, each new entry takes the place of one that was not asked for lately.
///
/// Second chance (the clock algorithm), a few chances an insertion: no entry is moved at a look-up, and no insertion is
/// dearer than the others by much, as emptying a full dictionary, letting it grow or clearing every mark would be. All
/// room is asked for at once; the system gives it as it is used.
package struct BoundedCache<Key: Hashable, Value> {
    private struct Slot {
        var key: Key
        var value: Value
    }

    private let limit: Int
    private var slots: [Slot] = []
    /// Of each slot, whether it was asked for since the hand last passed; apart, for the hand goes over many.
    private var isUsed: [Bool] = []
    private var places: [Key: Int] = [:]
    /// The next slot to be looked at when room is needed.
    private var hand = 0

    /// - Parameter limit: entries, at least 1.
    package init(limit: Int) {
        self.limit = max(1, limit)
        slots.reserveCapacity(self.limit)
        isUsed.reserveCapacity(self.limit)
        places.reserveCapacity(self.limit)
    }

    package var count: Int { slots.count }

    /// The entry, which stays a while longer for being asked for.
    package mutating func value(of key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        isUsed[place] = true
        return slots[place].value
    }

    package mutating func set(_ value: Value, of key: Key) {
        if let place = places[key] {
            slots[place].value = value
            isUsed[place] = true
        } else if slots.count < limit {
            places[key] = slots.count
            slots.append(Slot(key: key, value: value))
            isUsed.append(false)
        } else {
            let place = free()
            places[slots[place].key] = nil
            places[key] = place
            slots[place] = Slot(key: key, value: value)
        }
    }

    /// Changes an entry where it is; does nothing for a key that is not here.
    package mutating func update(_ key: Key, _ body: (inout Value) -> Void) {
        guard let place = places[key] else { return }
        body(&slots[place].value)
        isUsed[place] = true
    }

    package mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        isUsed.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        hand = 0
    }

    /// Marks that one insertion looks at: where nearly all are set, which is where every entry is asked for at once, more
    /// would only find out that none is better than another.
    static var looks: Int { 16 }

    /// The slot of the entry that goes.
    ///
    /// It is the first from the hand on that was not used since the hand last passed, or the one after so many that were.
    private mutating func free() -> Int {
        var left = BoundedCache.looks
        while left > 0, isUsed[hand] {
            isUsed[hand] = false
            hand = (hand + 1) % limit
            left -= 1
        }
        defer { hand = (hand + 1) % limit }
        isUsed[hand] = false
        return hand
    }
}
