// What a street lets go of tickets that left, and what it asks back when they are its own again.

package import Events

/// When to look for bodies that were let go and are wanted again.
struct WantedBodies: Sendable {
    /// Milliseconds between two looks: what a JOIN brings back is given that long to come.
    private static let each: Int64 = 60_000
    /// Rows that are asked back at once; others are found when these are back.
    static let most = 1_000

    /// Milliseconds behind a start or a rewind in which an answer in vain proves nothing: a hub that was restored takes back what
    /// it has lost.
    static let grace: Int64 = 60_000

    /// Steady milliseconds; nil before the first look.
    private(set) var dueAt: Int64?
    /// Events whose bodies the open transaction brought back.
    var back: [Event] = []

    mutating func isDue(now: Int64, hasRewound: Bool) -> Bool {
        guard hasRewound || now >= dueAt ?? .min else { return false }
        dueAt = now + WantedBodies.each
        return true
    }
}

extension StreetDesk {
    /// Only in a session whose rows are all here, so that nothing goes which the hub is just giving back or taking back, and by the
    /// earlier of both ends' clocks: what went by a clock that is a year ahead would not come back when that is set right.
    package mutating func lookForPurges(reader: any EventReader, now: Moment) throws {
        guard isUp, lag == 0, let offset = link?.clockOffset else { return }
        let wall = Timestamp(milliseconds: now.wall.milliseconds + min(0, offset))
        try purge.look(confirmed, reader, Moment(wall: wall, steady: now.steady))
    }

    /// Bodies that were let go, and whose LEAVE does not stand any more, are asked for as rotten rows are.
    mutating func askForBodies(hasRewound: Bool, _ reader: any EventReader, _ now: Moment) throws {
        // Photographs that they name were not looked for while they were gone.
        for event in bodies.back { try blobDesk?.healed(event, reader) }
        bodies.back = []
        if hasRewound { purge.startOver() }
        if hasRewound || bodies.dueAt == nil { rotten.trustVainAnswers(from: now.steady + WantedBodies.grace) }
        guard bodies.isDue(now: now.steady, hasRewound: hasRewound) else { return }
        let wanted = try LogFailure.orDamage { [place = rotten.missedPlace] () throws(LogFailure) in
            try reader.wantedBodies(limit: WantedBodies.most, missedBehind: place)
        }
        if case .success(let found) = wanted { rotten.want(found) }
    }
}
