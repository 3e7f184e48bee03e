import ArgumentParser
import Events
import Foundation
import Runtime

/// `gridline enroll`: makes a street's folder from an invitation and lets it in at the centre, or exchanges the key of one
/// that is in.
struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Make a street's folder from an invitation and enrol it at the centre, or exchange its key."))

    @Argument(
        help: said(
            "The folder to make; or one that this command made before, and that is to enrol or exchange its key."))
    var directory: String
    @Option(
        name: .customLong("with"), parsing: .unconditional,
        help: said("What `gridline nodes invite` or `nodes rotate` printed."))
    var invitation: String
    @Option(help: said("Where HTTP listens.")) var http: String = "127.0.0.1:8080"

    func run() throws {
        _ = try UsageProblem.of { try HTTPAddress(http) }
        let invitation = try UsageProblem.of { try Invitation(self.invitation) }
        let (folder, isNew) = try folder(for: invitation)
        let enrolment = Enrolment(
            node: invitation.node, secret: invitation.secret, address: invitation.enrol, hub: invitation.hub,
            hubKey: invitation.key, expiresAt: invitation.expiresAt)
        guard invitation.isRotation else {
            do { try enrolment.ask(keys: folder.curveKeys(), clock: SystemClock()) } catch let problem
                as EnrolmentProblem
            {
                // Whoever heard nothing from a machine that does not answer may be in all the same, and so may a key that was shown
                // before.
                if isNew, problem.isFinal { try folder.noteUnenrolled() }
                throw problem
            }
            try folder.noteEnrolled()
            Talk.line("node \(invitation.node) is enrolled at \(invitation.hub); start it: gridline serve \(directory)")
            return
        }
        let keys = FolderKeys(folder.keys)
        let mayBeTaken = keys.hasOffer
        do { try enrolment.ask(keys: keys.offer(), clock: SystemClock()) } catch EnrolmentProblem.refused
            where !mayBeTaken
        {
            try keys.withdrawOffer()
            throw EnrolmentProblem.refused(invitation.node, address: invitation.enrol)
        }
        try keys.offerTaken()
        Talk.line(
            "node \(invitation.node) has a new key; it is used from now on, also by a node that runs, and the old one ends then"
        )
    }

    private func folder(for invitation: Invitation) throws -> (folder: NodeFolder, isNew: Bool) {
        guard FileManager.default.fileExists(atPath: directory + "/gridline.yaml") else {
            guard !invitation.isRotation else {
                throw CommandProblem(
                    message: "\(directory) is no node's folder, and the string exchanges the key of \(invitation.node)",
                    hint: """
                        name that node's folder; for a node whose folder is lost: `gridline nodes revoke` and `gridline nodes \
                        invite` at the centre
                        """)
            }
            var configuration = try Configuration(
                node: invitation.node, role: .street, area: invitation.area, number: invitation.number,
                centre: invitation.centre)
            configuration.http = http
            configuration.hub = invitation.hub
            configuration.hubKey = invitation.key
            return (try NodeFolder.create(at: directory, configuration: configuration), true)
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
        return (folder, false)
    }
}
