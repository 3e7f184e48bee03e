/// The executable: parses the command line, runs the subcommand, turns errors into words and exit codes.
///
/// Exit codes: 0 ok, 1 failed, 2 usage, 3 integrity. Data goes to stdout, talk to stderr.

import ArgumentParser
import Events
import Foundation
import Texts

@main
enum Main {
    static func main() async {
        do {
            var command = try Gridline.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let problem as any Problem {
            Talk.problem(problem)
            exit(Main.isDamage(problem) ? 3 : 1)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            // ArgumentParser says "usage" with 64; ours is 2. Help and version are no errors.
            let status = Gridline.exitCode(for: error)
            let text = Gridline.fullMessage(for: error)
            if status == .success { print(Usage.said(text)) } else { Talk.plain(Usage.said(text)) }
            exit(status == .success ? 0 : status == .validationFailure ? 2 : 1)
        }
    }
}

extension Main {
    /// Damage that any command meets on its way is the same news as what `verify` finds.
    static func isDamage(_ problem: any Problem) -> Bool {
        if case .corrupt = problem as? LogFailure { return true }
        return problem is IntegrityProblem
    }
}

struct Gridline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gridline",
        abstract: said("Event-sourced ticket store with replication for a district's command centre."),
        subcommands: [
            Init.self, Enroll.self, Serve.self, Nodes.self, RulesCommand.self, TicketCommandLine.self, Import.self,
            Generate.self, Export.self,
            Verify.self, Replay.self,
            Compare.self, Status.self,
            BackupCommand.self, Restore.self, Keys.self,
        ])
}

/// Damage was found: exit 3, so that a script can tell it from a failure.
struct IntegrityProblem: Problem, Equatable {
    let table: String
    let position: Int64
    let detail: Words
    var code: String { "GL-6009" }
    var message: Words { "\(table) at \(position): \(detail)" }
    var hint: Words { "keep the folder as it is; restore from a backup, or fetch the events again from a peer" }
}

/// Talk: what is said to the person, on stderr.
enum Talk {
    /// The shell's language, looked up once.
    static let language = Language(environment: ProcessInfo.processInfo.environment)

    static func line(_ words: Words) { plain(language.text(words)) }

    /// What has its language already.
    static func plain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func problem(_ problem: any Problem) {
        line("Error: \(problem.message) [\(problem.code)]")
        line("Try: \(problem.hint)")
    }
}

/// Data, on stdout: lines for people in their language, and what a program reads, which knows none.
enum Output {
    static func text(_ words: Words) { print(Talk.language.text(words)) }
    static func line(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes + [0x0A])) }
    static func json(_ object: JSONObject) { line(JSON.object(object).canonicalBytes) }
}

/// A command was given what it cannot use.
struct CommandProblem: Problem, Equatable {
    let message: Words
    let hint: Words
    var code: String { "GL-6001" }
}
