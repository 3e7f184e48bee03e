/// A vault in memory: obviously right, and trusted because it passes the same contract as the one on the disk.

package import Events
import Synchronization

package final class MemoryVault: KeyVault {
    private struct Row {
        var box: Box
        var holder: NodeID
        var isWanted: Bool
        var hasLeft = false
    }

    private struct State {
        var keys: [PersonID: (key: PersonKey, isShared: Bool)] = [:]
        var erased: Set<PersonID> = []
        var rows: [Int64: Row] = [:]
        var lastNumber: Int64 = 0
        var place: FeedCursor?
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
            if !state.erased.contains(person), state.keys[person] == nil { state.keys[person] = (key, false) }
        }
    }

    package func erase(_ persons: [PersonID]) {
        state.withLock { state in
            for person in persons {
                state.keys[person] = nil
                state.erased.insert(person)
                for (number, row) in state.rows where row.box.person == person { state.rows[number]?.isWanted = false }
            }
        }
    }

    package func held(_ person: PersonID) throws(LogFailure) -> HeldKey {
        state.withLock { state in
            if state.erased.contains(person) { return .erased }
            return state.keys[person].map { .here($0.key) } ?? .absent
        }
    }

    package func place() throws(LogFailure) -> FeedCursor? { state.withLock { $0.place } }

    package func note(
        _ changes: [BoxChange], to place: FeedCursor, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure) {
        state.withLock { state in
            if isAnew { state.rows = [:] }
            for change in changes {
                switch change {
                case .came(let box, let author):
                    state.rows = state.rows.filter { $0.value.box != box }
                    state.lastNumber += 1
                    let isWanted = state.keys[box.person] == nil && !state.erased.contains(box.person)
                    state.rows[state.lastNumber] = Row(box: box, holder: holder ?? author, isWanted: isWanted)
                case .left(let stream):
                    var persons: Set<PersonID> = []
                    for (number, row) in state.rows where row.box.stream == stream {
                        state.rows[number]?.hasLeft = true
                        state.rows[number]?.isWanted = false
                        persons.insert(row.box.person)
                    }
                    for person in persons { MemoryVault.drop(person, &state) }
                }
            }
            state.place = place
        }
    }

    private static func drop(_ person: PersonID, _ state: inout State) {
        let isNeeded = state.rows.values.contains { $0.box.person == person && !$0.hasLeft }
        if state.keys[person]?.isShared == true, !isNeeded { state.keys[person] = nil }
        if state.keys[person] == nil {
            state.rows = state.rows.filter { $0.value.box.person != person || !$0.value.hasLeft }
        }
    }

    package func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [WantedBox] {
        state.withLock { state in
            state.rows.filter { $0.value.isWanted && $0.value.holder == holder && $0.key < number }
                .sorted { $0.key > $1.key }.prefix(limit).map { WantedBox(box: $0.value.box, number: $0.key) }
        }
    }

    package func unshared(limit: Int) throws(LogFailure) -> [Box] {
        state.withLock { state in
            state.rows.sorted { $0.key < $1.key }.map(\.value)
                .filter { $0.hasLeft && state.keys[$0.box.person]?.isShared == false }.prefix(limit).map(\.box)
        }
    }

    package func keep(_ keys: [VaultPerson], at now: Timestamp) throws(LogFailure) {
        state.withLock { state in
            for one in keys where !state.erased.contains(one.person) {
                state.keys[one.person] = (state.keys[one.person]?.key ?? one.key, true)
                for (number, row) in state.rows where row.box.person == one.person {
                    state.rows[number]?.isWanted = false
                }
            }
        }
    }

    package func shared(_ persons: [PersonID]) throws(LogFailure) {
        state.withLock { state in
            for person in persons {
                state.keys[person]?.isShared = true
                MemoryVault.drop(person, &state)
            }
        }
    }
}
