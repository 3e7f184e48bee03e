import ArgumentParser
import Events

/// `gridline init`: makes a node's folder.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make a node's folder with keys and a sample configuration."))

    @Argument(help: said("The folder to make.")) var directory: String
    @Option(help: said("The node's id: 1-32 of a-z, 0-9 and -.")) var node: String
    @Option(help: said("central or street.")) var role: String = "central"
    @Option(help: said("Area code of the district or street.")) var area: String = ""
    @Option(help: said("Two digits of this node in ticket numbers, 0-99.")) var number: Int = 1
    @Option(help: said("The centre's node id; for a street.")) var centre: String?
    @Option(help: said("Where the centre's streets connect: host:port.")) var replication: String?
    @Option(help: said("The port of the common feed; each node's is above it.")) var publishFrom: Int = 7_410
    @Option(help: said("The port where invited nodes enrol.")) var enrolPort: Int = 7_402
    @Option(help: said("Where HTTP listens.")) var http: String = "127.0.0.1:8080"

    func run() throws {
        guard let role = Configuration.Role(rawValue: role) else {
            throw CommandProblem(
                message: "\"\(role)\" is no role", hint: "use central or street", isUsage: true)
        }
        guard (0...99).contains(number) else {
            throw CommandProblem(
                message: "number \(number) has more than two digits", hint: "use 0 to 99, different at each node",
                isUsage: true)
        }
        _ = try UsageProblem.of { try HTTPAddress(http) }
        var configuration = try UsageProblem.of {
            try Configuration(
                node: NodeID(node), role: role, area: area, number: number, centre: centre.map { try NodeID($0) })
        }
        configuration.http = http
        configuration.publishFrom = publishFrom
        configuration.enrolPort = enrolPort
        if role == .central {
            configuration.replicationListen = replication ?? configuration.replicationListen
        } else if replication != nil {
            throw CommandProblem(
                message: "--replication is the centre's", hint: "a street gets its centre from `gridline enroll`",
                isUsage: true)
        }
        let folder = try NodeFolder.create(at: directory, configuration: configuration)
        Talk.line("made node \(folder.configuration.node) in \(directory)")
    }
}
