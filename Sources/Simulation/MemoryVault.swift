/// A vault in memory: obviously right, and trusted because it passes the same contract as the one on the disk.

package import Events
import Synchronization

package final class MemoryVault: KeyVault {
    private struct Row {
        var box: Box
        var holder: NodeID
        var isWanted: Bool
        var hasLeft = false
        var isExpired = false
        var isNeeded: Bool { !hasLeft && !isExpired }
    }

    private struct State {
        var keys: [PersonID: PersonKey] = [:]
        var erased: Set<PersonID> = []
        var rows: [Int64: Row] = [:]
        var lastNumber: Int64 = 0
        var place: FeedCursor?
        /// In the order of their expiry; and those whose keys went.
        var expiries: [KeyExpired] = []
        var gone: Set<KeyExpired> = []

        /// Whatever happens to keys from now on, it is for another reason.
        mutating func forget(_ isMeant: (KeyExpired) -> Bool) {
            expiries.removeAll { isMeant($0) && !gone.contains($0) }
        }
    }

    private let state: Mutex<State>

    package init() { state = Mutex(State()) }

    /// A copy, which goes its own way.
    init(copying other: MemoryVault) { state = Mutex(other.state.withLock { $0 }) }

    /// Whose keys are here.
    package var persons: Set<PersonID> { state.withLock { Set($0.keys.keys) } }

    /// A key that this node makes for a person whose call it took.
    package func make(_ person: PersonID, _ key: PersonKey) {
        state.withLock { state in
            if !state.erased.contains(person), state.keys[person] == nil { state.keys[person] = key }
        }
    }

    package func erase(_ persons: [PersonID]) {
        state.withLock { state in
            for person in persons {
                state.keys[person] = nil
                state.erased.insert(person)
                state.forget { $0.box.person == person }
                for (number, row) in state.rows where row.box.person == person { state.rows[number]?.isWanted = false }
            }
        }
    }

    package func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        state.withLock { state in
            if state.erased.contains(person) { return .erased }
            return state.keys[person].map { .here($0) } ?? .absent
        }
    }

    package func place() throws(LogFailure) -> FeedCursor? { state.withLock { $0.place } }

    package func note(
        _ changes: [BoxChange], to place: FeedCursor?, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure) {
        state.withLock { state in
            if isAnew, holder == nil { state.rows = [:] }
            if isAnew { for row in state.rows.values { MemoryVault.leave(row.box.stream, &state) } }
            if isAnew { state.forget { _ in true } }
            for change in changes {
                switch change {
                case .came(let box, let author):
                    let isExpired = state.rows.values.contains { $0.box == box && $0.isExpired }
                    state.rows = state.rows.filter { $0.value.box != box }
                    state.lastNumber += 1
                    let isWanted = !isExpired && MemoryVault.isLacking(box.person, state)
                    state.rows[state.lastNumber] = Row(
                        box: box, holder: holder ?? author, isWanted: isWanted, isExpired: isExpired)
                case .left(let stream): MemoryVault.leave(stream, &state)
                }
            }
            state.place = place
        }
    }

    private static func isLacking(_ person: PersonID, _ state: State) -> Bool {
        state.keys[person] == nil && !state.erased.contains(person)
    }

    private static func leave(_ stream: StreamName, _ state: inout State) {
        state.forget { $0.box.stream == stream }
        for (number, row) in state.rows where row.box.stream == stream {
            state.rows[number]?.hasLeft = true
            state.rows[number]?.isExpired = false
            state.rows[number]?.isWanted = false
        }
        MemoryVault.dropRows(&state)
    }

    private static func dropRows(_ state: inout State) {
        state.rows = state.rows.filter { !$0.value.hasLeft || state.keys[$0.value.box.person] != nil }
    }

    package func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        wanted(below: number, limit) { $0.holder == holder }
    }

    package func wanted(exceptOf holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        wanted(below: number, limit) { $0.holder != holder }
    }

    private func wanted(below number: Int64, _ limit: Int, _ isMeant: (Row) -> Bool) -> [NumberedBox] {
        state.withLock { state in
            state.rows.filter { $0.value.isWanted && isMeant($0.value) && $0.key < number }
                .sorted { $0.key > $1.key }.prefix(limit).map { NumberedBox(box: $0.value.box, number: $0.key) }
        }
    }

    private static func isNeeded(_ person: PersonID, _ state: State) -> Bool {
        state.rows.values.contains { $0.box.person == person && $0.isNeeded }
    }

    package func leaving(above number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox] {
        state.withLock { state in
            state.rows.filter { $0.key > number && !$0.value.isNeeded && state.keys[$0.value.box.person] != nil }
                .filter { !MemoryVault.isNeeded($0.value.box.person, state) }
                .sorted { $0.key < $1.key }.prefix(limit).map { NumberedBox(box: $0.value.box, number: $0.key) }
        }
    }

    @discardableResult
    package func keep(_ keys: [VaultPerson], at now: Timestamp, needed: Bool) throws(LogFailure) -> Set<PersonID> {
        state.withLock { state in
            let kept = keys.filter { !needed || MemoryVault.isNeeded($0.person, state) }
            for one in kept where !state.erased.contains(one.person) {
                if state.keys[one.person] == nil { state.keys[one.person] = one.key }
                for (number, row) in state.rows where row.box.person == one.person {
                    state.rows[number]?.isWanted = false
                }
            }
            return Set(kept.map(\.person))
        }
    }

    package func shared(_ persons: [PersonID]) throws(LogFailure) {
        state.withLock { state in
            for person in persons where state.rows.values.contains(where: { $0.box.person == person }) {
                guard !MemoryVault.isNeeded(person, state), state.keys.removeValue(forKey: person) != nil else {
                    continue
                }
                state.gone.formUnion(state.expiries.filter { $0.box.person == person })
            }
            MemoryVault.dropRows(&state)
        }
    }

    // MARK: - Expiry

    package func standing(above number: Int64, limit: Int) throws(LogFailure) -> [StandingBox] {
        state.withLock { state in
            state.rows.filter { $0.key > number && !$0.value.hasLeft }.sorted { $0.key < $1.key }.prefix(limit)
                .map { StandingBox(box: $0.value.box, number: $0.key, isExpired: $0.value.isExpired) }
        }
    }

    package func isExpired(_ stream: StreamName?) throws(LogFailure) -> Bool {
        state.withLock { state in
            state.rows.values.contains { $0.isExpired && (stream == nil || $0.box.stream == stream) }
        }
    }

    package func expire(_ ends: [KeyExpired]) throws(LogFailure) {
        state.withLock { state in
            for end in ends {
                guard let number = state.rows.first(where: { $0.value.box == end.box && $0.value.isNeeded })?.key else {
                    continue
                }
                state.rows[number]?.isExpired = true
                state.rows[number]?.isWanted = false
                if state.keys[end.box.person] != nil, !state.expiries.contains(end) { state.expiries.append(end) }
            }
        }
    }

    package func revive(_ streams: [StreamName]) throws(LogFailure) {
        state.withLock { state in
            for stream in streams {
                state.forget { $0.box.stream == stream }
                for (number, row) in state.rows where row.box.stream == stream && row.isExpired {
                    let isWanted = MemoryVault.isLacking(row.box.person, state)
                    state.rows[number]?.isExpired = false
                    state.rows[number]?.isWanted = isWanted
                }
            }
        }
    }

    package func gone(limit: Int) throws(LogFailure) -> [KeyExpired] {
        state.withLock { state in Array(state.expiries.filter { state.gone.contains($0) }.prefix(limit)) }
    }

    package func told(_ gone: [KeyExpired]) throws(LogFailure) {
        state.withLock { state in
            state.expiries.removeAll { state.gone.contains($0) && gone.contains($0) }
            state.gone.subtract(gone)
        }
    }
}
