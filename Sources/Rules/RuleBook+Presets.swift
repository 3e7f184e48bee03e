/// The presets that ship with Gridline, and the rule book made of them.

package import Events

extension RuleBook {
    /// The names of the presets in the binary, sorted.
    package static var presetNames: [String] { presets.map(\.name) }

    /// The files of `Presets/`, which the build embeds; sorted by name.
    private static let presets: [(name: String, bytes: [UInt8])] = [
        ("calendar-china", PackageResources.calendar_china_json),
        ("catalogue-grid-items", PackageResources.catalogue_grid_items_json),
        ("limits-beijing-natural-days", PackageResources.limits_beijing_natural_days_json),
        ("limits-county-72h", PackageResources.limits_county_72h_json),
        ("limits-shanghai-daning", PackageResources.limits_shanghai_daning_json),
        ("territory-xiangcheng", PackageResources.territory_xiangcheng_json),
    ]

    /// The JSON text of a preset, as a start for one's own; nil when there is none.
    package static func presetText(_ name: String) -> String? {
        presets.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// A preset by its name.
    ///
    /// - Throws: `.unknownPreset`, or `.unreadable` when its text is no JSON object.
    package static func preset(_ name: String) throws(RulesError) -> JSONObject {
        guard let text = presetText(name) else { throw .unknownPreset(name: name, shipped: presetNames) }
        do { return try JSONReader.readObject(Array(text.utf8)) } catch {
            throw .unreadable(what: "Preset \"\(name)\"", why: error.message)
        }
    }

    /// A rule book of presets; a district that has its own publishes events over it.
    ///
    /// - Throws: `.unknownPreset`, or what is wrong with a preset.
    package init(
        calendar: String = "calendar-china", limits: String = "limits-beijing-natural-days",
        territory: String = "territory-xiangcheng", catalogue: String = "catalogue-grid-items"
    ) throws(RulesError) {
        let units = Fields(try RuleBook.preset(territory), of: Words(verbatim: territory))
        let entries = Fields(try RuleBook.preset(catalogue), of: Words(verbatim: catalogue))
        self.init(
            calendar: try WorkCalendar(json: try RuleBook.preset(calendar)),
            limits: try LimitTable(json: try RuleBook.preset(limits)),
            territory: try Territory(version: try units.text("version"), items: try units.objects("units")),
            catalogue: try DispatchCatalogue(
                version: try entries.text("version"), items: try entries.objects("entries")))
    }

    /// The rules of a node on its first day.
    package static var `default`: RuleBook { get throws(RulesError) { try RuleBook() } }
}
