import ArgumentParser
import Events
import Foundation
import Runtime

/// `gridline enroll`: makes a street's folder from an invitation, and lets it in at the centre.
struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make a street's folder from an invitation, and enrol it at the centre."))

    @Argument(help: said("The folder to make; or one that this command made before and that is not enrolled yet."))
    var directory: String
    @Option(name: .customLong("with"), parsing: .unconditional, help: said("What `gridline nodes invite` printed."))
    var invitation: String
    @Option(help: said("Where HTTP listens.")) var http: String = "127.0.0.1:8080"

    func run() throws {
        _ = try UsageProblem.of { try HTTPAddress(http) }
        let invitation = try UsageProblem.of { try Invitation(self.invitation) }
        let folder = try folder(for: invitation)
        let enrolment = Enrolment(
            node: invitation.node, secret: invitation.secret, address: invitation.enrol, hub: invitation.hub,
            hubKey: invitation.key, expiresAt: invitation.expiresAt)
        try enrolment.ask(keys: folder.curveKeys(), clock: SystemClock())
        Talk.line("node \(invitation.node) is enrolled at \(invitation.hub); start it: gridline serve \(directory)")
    }

    private func folder(for invitation: Invitation) throws -> NodeFolder {
        guard FileManager.default.fileExists(atPath: directory + "/gridline.yaml") else {
            var configuration = try Configuration(
                node: invitation.node, role: .street, area: invitation.area, number: invitation.number,
                centre: invitation.centre)
            configuration.http = http
            configuration.hub = invitation.hub
            configuration.hubKey = invitation.key
            return try NodeFolder.create(at: directory, configuration: configuration)
        }
        let folder = try NodeFolder(path: directory)
        guard folder.configuration.node == invitation.node, folder.configuration.hubKey == invitation.key else {
            throw CommandProblem(
                message: """
                    \(directory) holds node \(folder.configuration.node), and the invitation is for \
                    \(invitation.node) of another centre or name
                    """,
                hint: "name a new folder; an existing node is never overwritten")
        }
        return folder
    }
}
