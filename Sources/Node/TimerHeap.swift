// When to look at which ticket: a binary heap by instant, one entry a ticket that counts.

import Events

struct TimerHeap {
    private struct Entry {
        var at: Timestamp
        var ticket: StreamName
    }

    private var heap: [Entry] = []
    /// What counts for each ticket; other entries of the heap are left behind and skipped.
    private var current: [StreamName: Timestamp] = [:]

    var count: Int { current.count }

    /// Sets, moves or removes a ticket's instant.
    mutating func set(_ ticket: StreamName, at: Timestamp?) {
        guard current[ticket] != at else { return }
        current[ticket] = at
        guard let at else { return }
        heap.append(Entry(at: at, ticket: ticket))
        var place = heap.count - 1
        while place > 0, heap[place].at < heap[(place - 1) / 2].at {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        if heap.count > 2 * current.count + 64 { sweep() }
    }

    /// Takes the tickets whose instant has come, earliest first, at most `limit`; they are no longer in the heap.
    mutating func take(until now: Timestamp, limit: Int) -> [StreamName] {
        var taken: [StreamName] = []
        while taken.count < limit, let first = heap.first, first.at <= now {
            removeFirst()
            guard current[first.ticket] == first.at else { continue }
            current[first.ticket] = nil
            taken.append(first.ticket)
        }
        return taken
    }

    func isDue(_ now: Timestamp) -> Bool { heap.first.map { $0.at <= now } ?? false }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].at < heap[least].at {
                least = child
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    /// Drops what was left behind; sorted is a heap.
    private mutating func sweep() {
        heap = current.map { Entry(at: $0.value, ticket: $0.key) }
            .sorted { ($0.at, $0.ticket) < ($1.at, $1.ticket) }
    }
}
