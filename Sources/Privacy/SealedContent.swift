/// What one event has to hide: the block of its person, and the numbers that were found in its texts.
///
/// One box holds both (`docs/format/identity.md` 1); commands and imports seal through this alone.

package import Events

package struct SealedContent: Sendable, Equatable {
    package var person: PersonData?
    package var numbers: [SealedNumber]

    package init(person: PersonData?, numbers: [SealedNumber]) {
        self.person = person
        self.numbers = numbers
    }

    /// Whether there is nothing to hide, so that the event has no box.
    package var isEmpty: Bool { person == nil && numbers.isEmpty }

    /// As it is sealed.
    package var json: JSONObject {
        var members = JSONObject()
        members["person"] = person.map { .object($0.json) }
        if !numbers.isEmpty { members["numbers"] = .array(numbers.map(\.json)) }
        return members
    }

    /// What finds the person, the surest first.
    package var lookups: [String] { person?.lookups ?? [] }

    /// Finds nobody, but is found: the numbers in texts may be anybody's.
    package var mentioned: [String] { numbers.map { PersonData.lookup($0.kind, $0.value) } }
}
