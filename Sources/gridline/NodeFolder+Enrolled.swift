/// Whether a street's folder was let in by its centre.
///
/// One that was refused has all that a node's folder has: served by mistake it would give out ticket numbers that the office's own
/// node gives out too, and wait for a line without end.

import Events
import Foundation

extension NodeFolder {
    /// There from a refusal of what this folder's new key asked until the centre has let it in.
    private var unenrolled: String { "\(keys)/unenrolled" }

    func noteUnenrolled() throws { try WholeFile.write([], to: unenrolled) }

    func noteEnrolled() throws {
        guard FileManager.default.fileExists(atPath: unenrolled) else { return }
        try FileManager.default.removeItem(atPath: unenrolled)
        try WholeFile.sync(folder: keys)
    }

    /// - Throws: `CommandProblem` for a folder that no centre has let in.
    func checkEnrolled() throws {
        guard FileManager.default.fileExists(atPath: unenrolled) else { return }
        throw CommandProblem(
            message: "the centre has not let \(path) in as node \(configuration.node)",
            hint: """
                run `gridline enroll \(path) --with STRING`, with a new string of `gridline nodes invite` if that was refused; or \
                remove the folder
                """)
    }
}
