// What a node hears of the events that it pushed: how far they are durable, and which of its origins are halted.

import Events

extension Hub {
    mutating func answer(_ node: NodeID, _ session: UInt64, _ outcomes: [IngestOutcome]) -> [Action] {
        var durable: [Origin: Int64] = [:]
        var halted: [Origin: Message] = [:]
        var alarms: [Action] = []
        /// Of each origin, events behind the first that are others than those here, and how many of these are kept.
        var more: [Origin: (events: Int, kept: Int)] = [:]
        func halt(_ id: EventID, _ reason: Message.Halt) {
            halted[id.origin] =
                halted[id.origin]
                ?? .halt(session: session, origin: id.origin, sequence: max(0, id.sequence - 1), reason: reason)
        }
        for outcome in outcomes {
            switch outcome {
            case .stored(let stored): durable[stored.event.id.origin] = stored.event.id.sequence
            case .duplicate(let id), .refilled(let id, _):
                durable[id.origin] = max(durable[id.origin] ?? 0, id.sequence)
            case .gap(let id, let expected): durable[id.origin] = durable[id.origin] ?? expected - 1
            case .fork(let id, let here, let offered, let isKept):
                if let known = more[id.origin] {
                    more[id.origin] = (known.events + 1, known.kept + (isKept ? 1 : 0))
                    continue
                }
                more[id.origin] = (0, 0)
                halt(id, .fork)
                alarms.append(
                    isKept
                        ? .alarm("\(id) of node \(node) is here as \(here) and comes as \(offered); kept in quarantine")
                        : .alarm(
                            """
                            \(id) of node \(node) is here as \(here) and comes as \(offered); not kept: the quarantine has \
                            all that it takes of one origin
                            """))
            case .broken(let id, let reason):
                halt(id, .broken)
                alarms.append(.alarm("\(id) of node \(node) is refused: \(reason)"))
            }
        }
        for (origin, forks) in more.sorted(by: { $0.key < $1.key }) where forks.events > 0 {
            alarms.append(
                .alarm(
                    """
                    \(forks.events) more events of \(origin) are others than those here; \(forks.kept) of them are in \
                    quarantine, which takes \(Quarantine.events) of one origin
                    """))
        }
        let packs = durable.sorted { $0.key < $1.key }.map {
            Action.send(to: node, .pack(session: session, origin: $0.key, sequence: $0.value))
        }
        if sessions[node]?.id == session {
            for (origin, word) in halted.sorted(by: { $0.key < $1.key })
            where sessions[node]?.halted.count ?? 0 < Limit.halted {
                sessions[node]?.halted[origin] = word
            }
        }
        return packs + halted.sorted { $0.key < $1.key }.map { .send(to: node, $0.value) } + alarms
    }

    /// What looked like a fork or a broken chain may have been the rotten row: the node says HELLO again, and sends what it kept.
    ///
    /// The session goes on under an id that nobody knows, so that the refusal may get lost.
    mutating func open(again origin: Origin) -> [Action] {
        let node = origin.node
        guard let session = sessions[node], session.halted[origin] != nil else { return [] }
        sessions[node]?.id = random.next()
        sessions[node]?.halted = [:]
        return [.send(to: node, .refuse(session: session.id, reason: .unknownSession, retryAfterMilliseconds: 0))]
    }
}
