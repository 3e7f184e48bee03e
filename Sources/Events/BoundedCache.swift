/// A dictionary of bounded size: when it is full, each new entry takes the place of one that was not asked for lately.
///
/// Second chance (the clock algorithm): no entry is moved at a look-up, and no insertion is dearer than the others by
/// much, as emptying a full dictionary or letting it grow would be. All room is asked for at once; the system gives
/// it as it is used.
package struct BoundedCache<Key: Hashable, Value> {
    private struct Slot {
        var key: Key
        var value: Value
        var isUsed: Bool
    }

    private let limit: Int
    private var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    /// The next slot to be looked at when room is needed.
    private var hand = 0

    /// - Parameter limit: entries, at least 1.
    package init(limit: Int) {
        self.limit = max(1, limit)
        slots.reserveCapacity(self.limit)
        places.reserveCapacity(self.limit)
    }

    package var count: Int { slots.count }

    /// The entry, which stays a while longer for being asked for.
    package mutating func value(of key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        slots[place].isUsed = true
        return slots[place].value
    }

    package mutating func set(_ value: Value, of key: Key) {
        if let place = places[key] {
            slots[place].value = value
            slots[place].isUsed = true
        } else if slots.count < limit {
            places[key] = slots.count
            slots.append(Slot(key: key, value: value, isUsed: false))
        } else {
            let place = free()
            places[slots[place].key] = nil
            places[key] = place
            slots[place] = Slot(key: key, value: value, isUsed: false)
        }
    }

    /// Changes an entry where it is; does nothing for a key that is not here.
    package mutating func update(_ key: Key, _ body: (inout Value) -> Void) {
        guard let place = places[key] else { return }
        body(&slots[place].value)
        slots[place].isUsed = true
    }

    package mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        hand = 0
    }

    /// The slot of the entry that goes: the first from the hand on that was not used since the hand last passed.
    private mutating func free() -> Int {
        // Ends within one round and a step: the round clears every mark.
        while slots[hand].isUsed {
            slots[hand].isUsed = false
            hand = (hand + 1) % limit
        }
        defer { hand = (hand + 1) % limit }
        return hand
    }
}
