/// A node's configuration: `gridline.yaml`, decoded once into plain values.
///
/// Each key stands in the sample with its meaning, unit and default; a test decodes the sample. Precedence is
/// option, then environment, then file, then default.

import Events
import Replication
import Runtime
import Yams

struct Configuration: Equatable {
    enum Role: String, CaseIterable { case central, street }

    var node: NodeID
    var role: Role
    /// Area code (区划代码) of the district or street.
    var area: String
    /// The two digits of this node in ticket numbers, 0–99.
    var number: Int
    /// The node that decides centre-owned tickets.
    var centre: NodeID
    /// Minutes east of UTC, for showing times and for calendars.
    var utcOffsetMinutes: Int
    /// Where HTTP listens.
    var http: String
    /// Where the centre's ROUTER listens; nil serves no streets.
    var replicationListen: String?
    /// MiB that one photograph or recording may have, 1–1,024.
    var blobLimitMiB: Int
    /// The first of the ports on which the centre publishes feeds.
    var publishFrom: Int
    /// Where invited nodes enrol, at the host of `replicationListen`.
    var enrolPort: Int
    /// The centre's ROUTER, as a street reaches it; nil works alone.
    var hub: String?
    /// The centre's public key.
    var hubKey: String?
    /// Days from the end of a ticket for which a street keeps its callers' keys, 1–3,650.
    var keyDaysAfterEnd: Int
    /// Days after a ticket left for which a street keeps what others wrote in it, 30–3,650.
    var purgeAfterDays: Int
    /// When alarms are raised.
    var alarms = AlarmLimits()

    init(node: NodeID, role: Role, area: String, number: Int = 1, centre: NodeID? = nil) throws {
        self.node = node
        self.role = role
        self.area = area
        self.number = number
        self.centre = try centre ?? (role == .central ? node : NodeID("centre"))
        utcOffsetMinutes = 480
        http = "127.0.0.1:8080"
        replicationListen = role == .central ? "127.0.0.1:7401" : nil
        blobLimitMiB = 32
        publishFrom = 7_410
        enrolPort = 7_402
        keyDaysAfterEnd = 90
        purgeAfterDays = 180
    }

    /// The keys, and the environment variable that overrides each.
    private static let keys = own.merging(AlarmLimit.allCases.map { ($0.rawValue, $0.variable) }) { first, _ in first }

    private static let own = [
        "node": "GRIDLINE_NODE", "role": "GRIDLINE_ROLE", "area": "GRIDLINE_AREA", "number": "GRIDLINE_NUMBER",
        "centre": "GRIDLINE_CENTRE", "utcOffsetMinutes": "GRIDLINE_UTC_OFFSET_MINUTES", "http": "GRIDLINE_HTTP",
        "replicationListen": "GRIDLINE_REPLICATION_LISTEN", "publishFrom": "GRIDLINE_PUBLISH_FROM",
        "blobLimitMiB": "GRIDLINE_BLOB_LIMIT_MIB", "enrolPort": "GRIDLINE_ENROL_PORT",
        "hub": "GRIDLINE_HUB", "hubKey": "GRIDLINE_HUB_KEY", "keyDaysAfterEnd": "GRIDLINE_KEY_DAYS_AFTER_END",
        "purgeAfterDays": "GRIDLINE_PURGE_AFTER_DAYS",
    ]

    /// The variables of an environment that go before a configuration file, sorted.
    static func variables(in environment: [String: String]) -> [String] {
        keys.values.filter { environment[$0] != nil }.sorted()
    }

    /// Reads the file's text; what the environment says goes before it.
    ///
    /// - Throws: `ConfigurationProblem` naming the key or variable, its value and what it should be.
    init(yaml: String, file: Words, environment: [String: String] = [:]) throws {
        let loaded: Any?
        do {
            loaded = try Yams.load(yaml: yaml)
        } catch {
            throw ConfigurationProblem(file: file, key: "", value: "", rule: "YAML: \(error)")
        }
        guard var values = loaded as? [String: Any] else {
            throw ConfigurationProblem(file: file, key: "", value: "", rule: "a list of keys")
        }
        if let stranger = values.keys.filter({ Configuration.keys[$0] == nil }).min() {
            let known = Words.list(Configuration.keys.keys.sorted())
            throw ConfigurationProblem(
                file: file, key: stranger, value: "\(values[stranger] ?? "")",
                rule: "no key of this version; known are \(known)")
        }
        var sources: [String: String] = [:]
        for (key, name) in Configuration.keys {
            guard let value = environment[name] else { continue }
            values[key] = Int(value) ?? value
            sources[key] = name
        }
        func problem(_ key: String, _ rule: Words) -> ConfigurationProblem {
            ConfigurationProblem(
                file: sources[key].map(Words.init(verbatim:)) ?? file, key: key,
                value: values[key].map { "\($0)" } ?? "", rule: rule)
        }
        func text(_ key: String) -> String? { values[key].map { "\($0)" } }
        func integer(_ key: String, _ range: ClosedRange<Int>, default fallback: Int) throws -> Int {
            guard let value = values[key] else { return fallback }
            guard let number = value as? Int, range.contains(number) else {
                throw problem(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        guard let name = text("node"), let node = try? NodeID(name) else {
            throw problem("node", "1-32 of a-z, 0-9 and -, starting with a letter")
        }
        guard let role = Role(rawValue: text("role") ?? "central") else {
            throw problem("role", "central or street")
        }
        guard let centre = try? NodeID(text("centre") ?? (role == .central ? name : "centre")) else {
            throw problem("centre", "the centre's node id")
        }
        self.node = node
        self.role = role
        self.centre = centre
        area = text("area") ?? ""
        number = try integer("number", 0...99, default: 1)
        utcOffsetMinutes = try integer("utcOffsetMinutes", -720...840, default: 480)
        http = text("http") ?? "127.0.0.1:8080"
        replicationListen = text("replicationListen")
        blobLimitMiB = try integer("blobLimitMiB", 1...1_024, default: 32)
        publishFrom = try integer("publishFrom", 0...64_000, default: 7_410)
        enrolPort = try integer("enrolPort", 0...65_535, default: 7_402)
        keyDaysAfterEnd = try integer("keyDaysAfterEnd", KeyTerm.days, default: 90)
        purgeAfterDays = try integer("purgeAfterDays", PurgeTerm.days, default: 180)
        hub = text("hub")
        hubKey = text("hubKey")
        for limit in AlarmLimit.allCases {
            alarms[limit] = try integer(limit.rawValue, limit.range, default: limit.standard)
        }
        if hub != nil, hubKey?.utf8.count != 40 {
            throw problem("hubKey", "the centre's public key, 40 characters; `gridline enroll` writes it")
        }
    }

    private var centralSample: String {
        """
        # Where streets connect, host:port. Default: none, then no streets are served. GRIDLINE_REPLICATION_LISTEN.
        replicationListen: "\(replicationListen ?? "127.0.0.1:7401")"

        # The port of the common feed, 0-64000; each node's feed has a port of its own above it, in the order of first
        # invitations; 0 takes free ports. Default: 7410. GRIDLINE_PUBLISH_FROM.
        publishFrom: \(publishFrom)

        # The port where invited nodes enrol, 0-65535; open only while somebody is invited. Default: 7402.
        # GRIDLINE_ENROL_PORT.
        enrolPort: \(enrolPort)

        """
    }

    private var streetSample: String {
        """
        # The centre's replicationListen as this node reaches it, and its public key; `gridline enroll` writes both.
        # Default: none, then the node works alone. GRIDLINE_HUB, GRIDLINE_HUB_KEY.
        \(hub.map { "hub: \"\($0)\"" } ?? "# hub: \"127.0.0.1:7401\"")
        \(hubKey.map { "hubKey: \"\($0)\"" } ?? "# hubKey: \"40 characters\"")

        # Days from the end of a ticket for which this node keeps the keys of its callers, 1-3650; the centre keeps
        # them. Default: 90. GRIDLINE_KEY_DAYS_AFTER_END.
        keyDaysAfterEnd: \(keyDaysAfterEnd)

        # Days after a ticket left this node for which it keeps what others wrote in it, 30-3650, and more than the age of any
        # backup that the centre may be restored from: then the centre alone has it. Default: 180. GRIDLINE_PURGE_AFTER_DAYS.
        purgeAfterDays: \(purgeAfterDays)

        """
    }

    /// The file's text, every key explained.
    var sample: String {
        """
        # Gridline node. Every key, its unit, its default and the environment variable that overrides it.

        # This node's id: 1-32 of a-z, 0-9 and -. Never change it: events carry it. GRIDLINE_NODE.
        node: \(node)

        # central (the command centre) or street (a street office). Default: central. GRIDLINE_ROLE.
        role: \(role.rawValue)

        # Area code of the district or street. Quote it: codes are text. Default: none. GRIDLINE_AREA.
        area: "\(area)"

        # Two digits of this node in ticket numbers, 0-99, different at each node. Default: 1. GRIDLINE_NUMBER.
        number: \(number)

        # The node that decides centre-owned tickets. Default: this node when central, else "centre".
        # GRIDLINE_CENTRE.
        centre: \(centre)

        # Minutes east of UTC, for showing times and for calendars. Default: 480 (China). GRIDLINE_UTC_OFFSET_MINUTES.
        utcOffsetMinutes: \(utcOffsetMinutes)

        # Where HTTP listens; loopback only, put a proxy with TLS before it. Default: 127.0.0.1:8080. GRIDLINE_HTTP.
        http: "\(http)"

        # MiB that one photograph or recording may have, 1-1024; the same at each node. Default: 32.
        # GRIDLINE_BLOB_LIMIT_MIB.
        blobLimitMiB: \(blobLimitMiB)

        \(role == .central ? centralSample : streetSample)
        \(AlarmLimit.sample(alarms))
        """
    }
}

/// A key of the configuration does not hold.
struct ConfigurationProblem: Problem, Equatable {
    let file: Words
    let key: String
    let value: String
    let rule: Words
    var code: String { "GL-6002" }
    var message: Words { key.isEmpty ? "\(file) cannot be read: \(rule)" : "\(file): \(key) is \"\(value)\"" }
    var hint: Words { key.isEmpty ? "mend the file; `gridline init` writes a sample" : "\(key) must be \(rule)" }
}
