import Events
import Testing

@testable import Rules

/// A version of rules stands for one content, whoever looks when.
@Suite("Rule versions") struct RuleVersionsTests {
    private let now = Timestamp(milliseconds: 0)

    private func refused(_ drafts: [Draft], by versions: RuleVersions) -> String? {
        do throws(RulesError) {
            try versions.check(drafts)
            return nil
        } catch { return error.code }
    }

    @Test("what ships may be published as it is, also as `rules show` prints it, and not changed under its name")
    func shipped() throws {
        let versions = try RuleVersions()
        #expect(refused(try RuleBook.default.drafts(at: now), by: versions) == nil)
        for name in RuleBook.presetNames {
            let kind = String(name.prefix { $0 != "-" })
            var body = try RuleBook.preset(name)
            #expect(refused(try RuleBook.drafts(publishing: body, as: kind, at: now), by: versions) == nil, "\(name)")
            let items = kind == "territory" ? "units" : "entries"
            switch kind {
            case "calendar": body["publishedThrough"] = .string("2027-12-31")
            case "limits": body["deemedSigningFactor"] = .integer(10)
            case _: body[items] = .array(Array((body[items]?.array ?? []).prefix(1)))
            }
            #expect(
                refused(try RuleBook.drafts(publishing: body, as: kind, at: now), by: versions) == "GL-3006", "\(name)")
            body["version"] = .string("own/1")
            #expect(refused(try RuleBook.drafts(publishing: body, as: kind, at: now), by: versions) == nil, "\(name)")
        }
    }

    @Test("a list in several events is compared whole, and counts from its last part on")
    func parts() throws {
        let book = try RuleBookTests.large("big/1")
        let events = try RuleBookTests.events(book, hlc: 5).filter { $0.type == EventType("catalogue.changed") }
        #expect(events.count > 1)
        let drafts = try book.drafts(at: now).filter { $0.type == EventType("catalogue.changed") }
        let short = DispatchCatalogueDrafts.first(of: drafts)
        var versions = try RuleVersions()
        for event in events.dropLast() { versions.take(event) }
        #expect(refused([short], by: versions) == nil, "nothing stands yet")
        for event in events.suffix(1) { versions.take(event) }
        #expect(refused([short], by: versions) == "GL-3006")
        #expect(refused(drafts, by: versions) == nil)
    }

    @Test("a version that got two contents, before this was looked at, is given to neither again")
    func two() throws {
        let large = try RuleBookTests.large("big/1")
        var small = try RuleBook.default.catalogue.entries
        small.removeLast()
        let other = RuleBook(
            calendar: large.calendar, limits: large.limits, territory: large.territory,
            catalogue: try DispatchCatalogue(version: "big/1", entries: small))
        var versions = try RuleVersions()
        for (hlc, book) in [(5, large), (6, other)] as [(Int64, RuleBook)] {
            for event in try RuleBookTests.events(book, hlc: hlc) { versions.take(event) }
        }
        for book in [large, other] {
            let drafts = try book.drafts(at: now).filter { $0.type == EventType("catalogue.changed") }
            #expect(refused(drafts, by: versions) == "GL-3006")
        }
    }
}

private enum DispatchCatalogueDrafts {
    /// The first part alone, as a whole list.
    static func first(of drafts: [Draft]) -> Draft {
        var draft = drafts[0]
        draft.body["parts"] = .integer(1)
        return draft
    }
}
