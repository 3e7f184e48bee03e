// A street's own events on their way to the hub: per origin, how far they go, were sent and are durable there.
//
// What is under way is bounded in bytes by what the line takes: on a slow line everything that was sent stands in one queue, and
// what is sent again stands behind it. So what is not confirmed in time is not all sent again: a little of it asks first.

import Events

struct Outbox: Sendable {
    /// One own origin.
    private struct Box {
        var head: Int64
        /// How far it is here without a hole.
        var whole: Int64 = 0
        /// This log got all of it in feeds.
        ///
        /// It is of a process before, whose disk was lost. What no feed has, such as looks at callers, is at the hub alone: its holes
        /// are none to fill.
        var isFromHub = false
        var packed: Int64 = 0
        var sent: Int64 = 0
        /// Steady milliseconds.
        var sentAt: Int64 = 0
        /// What was sent and is not confirmed, oldest first.
        var pushes: [Push] = []
        /// Nothing was confirmed in time: only a little is sent until something is.
        var isProbing = false
        /// What was sent before, when that was only slow, it is still on its way.
        var given: (sent: Int64, pushes: [Push]) = (0, [])
        var isReading = false
        /// The hub does not take what follows `packed`; until the next session.
        var isHalted = false
        /// The log has nothing that can be read behind this sequence, until the next session or a healing; what is before it goes again
        /// when it was lost on the way.
        var readableEnd = Int64.max
        var meter = LagMeter()
        /// What there is to send, as far as it can be read.
        var end: Int64 { min(head, readableEnd) }
        /// Bytes without the hub's word.
        var underWay: Int { pushes.reduce(0) { $0 + $1.bytes } }
    }

    private struct Push {
        var last: Int64
        var bytes: Int
        /// Steady milliseconds.
        var at: Int64
        /// Whether nothing was left behind it.
        var isLast = false
    }

    /// Bytes of all origins together that may be under way without the hub's word: one line takes them, and one queue at the hub.
    private(set) var window = Int(StreetSession.Limit.creditFirst)
    private var boxes: [Origin: Box] = [:]
    private var sorted: [(key: Origin, value: Box)] { boxes.sorted { $0.key < $1.key } }

    /// Events that the hub has not confirmed.
    var depth: Int64 { boxes.values.reduce(0) { $0 + StreetSession.gap($1.head, $1.packed) } }

    /// Whether events are on their way, or are read to be.
    var isSending: Bool { boxes.values.contains { $0.isReading || $0.sent > $0.packed && !$0.isHalted } }

    /// How far own origins are here without a hole, sorted: as many as HELLO can name, this process's own among them.
    ///
    /// Each opening that wrote something is an origin, so that in some years there are more. The hub's word on the others comes with
    /// the answer to a little of each (`begin`).
    func marks(of process: Origin) -> [OriginMark] {
        let all = sorted.map { OriginMark(origin: $0.key, sequence: $0.value.whole) }
        guard all.count > Message.originLimit else { return all }
        let own = all.filter { $0.origin == process }
        let others = all.filter { $0.origin != process }.prefix(Message.originLimit - own.count)
        return (others + own).sorted { $0.origin < $1.origin }
    }

    /// What the hub has confirmed of each own origin, sorted; 0 before the first session says more.
    var confirmed: [OriginMark] { sorted.map { OriginMark(origin: $0.key, sequence: $0.value.packed) } }

    /// Whether an own event is in this log, as far as it has told.
    ///
    /// What is above a hole does not stand for what is in it: a copy from before the hole gets its rest back in the order of
    /// feeds.
    func has(_ id: EventID) -> Bool { id.sequence <= boxes[id.origin]?.whole ?? 0 }

    /// Since when an event has waited for the hub's word, in steady milliseconds; from before the start it counts from the start.
    var since: Int64? { boxes.values.compactMap { $0.meter.since(above: $0.packed) }.min() }

    /// - Parameters:
    ///   - whole: how far those are here without a hole that have one.
    ///   - process: the one origin whose new events were written here; nil for what the log has at the start.
    mutating func extend(_ marks: [OriginMark], whole: [Origin: Int64], since process: Origin?, now: Int64) {
        for mark in marks {
            var box = boxes[mark.origin] ?? Box(head: 0, isFromHub: process.map { $0 != mark.origin } ?? false)
            if box.isFromHub, box.packed == box.head { (box.packed, box.sent) = (mark.sequence, mark.sequence) }
            box.head = mark.sequence
            box.whole = whole[mark.origin] ?? mark.sequence
            box.meter.note(mark.sequence, at: now)
            boxes[mark.origin] = box
        }
    }

    /// A new session: the hub has this much of the origins that HELLO named.
    mutating func begin(have: [OriginMark]) {
        let said = Dictionary(have.map { ($0.origin, $0.sequence) }, uniquingKeysWith: max)
        for (origin, box) in boxes {
            let unnamed = box.isFromHub ? box.head : 0
            let packed = said[origin] ?? unnamed
            var next = Box(
                head: box.head, whole: box.whole, isFromHub: box.isFromHub, packed: packed, sent: packed,
                meter: box.meter)
            // There was no room for it in HELLO: the hub most likely has all of it, and says so when it sees a little.
            next.isProbing = said[origin] == nil && have.count >= Message.originLimit
            boxes[origin] = next
        }
    }

    /// Origins to read from, oldest first, each above a sequence; they count as being read from now on.
    ///
    /// Few events wait a moment for the hub's word on those before, and then go together: a busy hub gives it seldom.
    mutating func toRead(now: Int64) -> [(origin: Origin, above: Int64)] {
        var wanted: [(origin: Origin, above: Int64)] = []
        // Each that is read sends one event at least, whatever room there is: many at once would be a queue of their own.
        var places = StreetSession.Limit.originsRead - boxes.values.count(where: \.isReading)
        for (origin, box) in sorted
        where places > 0 && box.end > box.sent && !box.isReading && !box.isHalted && room(in: box) > 0
            && box.sent - box.packed < StreetSession.Limit.inFlight && !gathers(box, now)
        {
            boxes[origin]?.isReading = true
            places -= 1
            wanted.append((origin, box.sent))
        }
        return wanted
    }

    private func gathers(_ box: Box, _ now: Int64) -> Bool {
        guard let last = box.pushes.last, last.isLast, box.end - box.sent < StreetSession.Limit.gathered else {
            return false
        }
        return now - last.at < StreetSession.Limit.gathering
    }

    /// Bytes that may be sent now.
    private func room(in box: Box) -> Int {
        let left = window - boxes.values.reduce(0) { $0 + ($1.isHalted ? 0 : $1.underWay) }
        return box.isProbing ? min(left, Int(StreetSession.Limit.creditLeast) - box.underWay) : left
    }

    /// What became of events that were read.
    enum Read: Equatable {
        /// These are the next ones to send, and count as sent; what there is no room for is read again later.
        case next([Event])
        /// The hub lacks this one, and so does the log; nothing more of its origin is read until the next session.
        case missing(EventID)
        /// Something else is the next by now.
        case late
    }

    /// Events of an origin were read above a sequence.
    mutating func send(_ origin: Origin, above: Int64, _ events: [Event], now: Int64) -> Read {
        boxes[origin]?.isReading = false
        guard let first = events.first, let box = boxes[origin], box.sent == above else { return .late }
        guard first.id.sequence == above + 1 else {
            boxes[origin]?.readableEnd = above
            return .missing(EventID(origin: origin, sequence: above + 1))
        }
        var push = Push(last: first.id.sequence, bytes: first.canonicalBytes.count, at: now)
        let room = room(in: box)
        let fitting = events.prefix { event in
            guard event.id != first.id else { return true }
            guard push.bytes + event.canonicalBytes.count <= room else { return false }
            push.bytes += event.canonicalBytes.count
            push.last = event.id.sequence
            return true
        }
        push.isLast = push.last == box.end
        boxes[origin]?.sent = push.last
        boxes[origin]?.sentAt = now
        boxes[origin]?.pushes.append(push)
        return .next(Array(fitting))
    }

    /// The hub has an origin up to a sequence.
    mutating func confirm(_ origin: Origin, _ sequence: Int64, now: Int64) {
        guard let box = boxes[origin] else { return }
        // Without progress (a repeat, a hole) nothing is sent again at once: the timer does it, once. On a slow line repeats show
        // that what was sent twice is still arriving.
        boxes[origin]?.sentAt = now
        guard sequence > box.packed else { return }
        var next = box
        next.packed = sequence
        next.sentAt = now
        next.isProbing = false
        if sequence > box.sent {
            // More than was sent since: what was given up arrives after all.
            next.sent = max(box.given.sent, sequence)
            next.pushes += box.given.pushes
        }
        next.given = (0, [])
        next.pushes.removeAll { $0.last <= sequence }
        boxes[origin] = next
        // More room is of use when there is more to send.
        let isPrompt = box.pushes.contains { $0.last <= sequence && now - $0.at <= StreetSession.Limit.promptAnswer }
        if isPrompt, box.end > box.sent { window = min(window * 2, StreetSession.Limit.windowMost) }
    }

    /// The log cannot be read above a sequence.
    mutating func end(_ origin: Origin, at sequence: Int64) {
        boxes[origin]?.isReading = false
        boxes[origin]?.readableEnd = sequence
    }

    /// The log can be read again where it could not.
    mutating func readAgain() { for origin in boxes.keys { boxes[origin]?.readableEnd = .max } }

    /// - Returns: whether that is news.
    mutating func halt(_ origin: Origin) -> Bool {
        guard let box = boxes[origin], !box.isHalted else { return false }
        boxes[origin]?.isHalted = true
        return true
    }

    /// What was sent and not confirmed for too long counts as lost.
    mutating func expire(now: Int64) {
        for (origin, box) in boxes where box.sent > box.packed && now - box.sentAt >= StreetSession.Limit.answer {
            if box.sent > box.given.sent { boxes[origin]?.given = (box.sent, box.pushes) }
            boxes[origin]?.sent = box.packed
            boxes[origin]?.pushes = []
            boxes[origin]?.isProbing = true
            window = max(window / 2, Int(StreetSession.Limit.creditLeast))
        }
    }
}
