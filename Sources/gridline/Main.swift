/// The executable: parses the command line, runs the subcommand, turns errors into words and exit codes.
///
/// Exit codes: 0 ok, 1 failed, 2 usage, 3 integrity. Data goes to stdout, talk to stderr.

import ArgumentParser
import Events
import Foundation
import Glibc
import Intake
import Log
import Rules

@main
enum Main {
    static func main() async {
        // A reader that is gone is an error of `write`, told there; the signal would end the process without a word.
        _ = signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Gridline.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let problem as any Problem {
            Talk.problem(problem)
            exit(Main.status(of: problem))
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            // ArgumentParser says "usage" with 64; ours is 2. Help and version are no errors.
            let status = Gridline.exitCode(for: error)
            let text = Gridline.fullMessage(for: error)
            if status == .success { Output.plain(Usage.said(text)) } else { Talk.plain(Usage.said(text)) }
            exit(status == .success ? 0 : status == .validationFailure ? 2 : 1)
        }
    }
}

extension Main {
    /// The exit code that a problem ends with.
    static func status(of problem: any Problem) -> Int32 { isDamage(problem) ? 3 : isUsage(problem) ? 2 : 1 }

    /// Whether the command line is wrong, and nothing was tried.
    private static func isUsage(_ problem: any Problem) -> Bool {
        switch problem {
        case is UsageProblem: true
        case let command as CommandProblem: command.isUsage
        case let remote as RemoteProblem: remote.isUsage
        case ImportError.unknownMap: true
        case RulesError.unknownKind, RulesError.unknownPreset: true
        case _: false
        }
    }

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
            Init.self, Enroll.self, Serve.self, Nodes.self, RulesCommand.self, TicketCommandLine.self,
            PersonsCommand.self, Import.self,
            Generate.self, Export.self,
            Verify.self, Replay.self,
            Compare.self, Status.self, Acknowledge.self,
            BackupCommand.self, Restore.self, Keys.self,
        ])
}

/// Damage was found: exit 3, so that a script can tell it from a failure.
struct IntegrityProblem: Problem, Equatable {
    let table: String
    let position: Int64
    let detail: Words
    var hint: Words = "keep the folder as it is; restore from a backup, or fetch the events again from a peer"
    var code: String { "GL-6009" }
    var message: Words { "\(table) at \(position): \(detail)" }
}

/// A command was given what it cannot use.
struct CommandProblem: Problem, Equatable {
    let message: Words
    let hint: Words
    /// Whether the command line itself is wrong: exit 2.
    var isUsage = false
    var code: String { "GL-6001" }
}

/// What a type says of a value on the command line: exit 2.
struct UsageProblem: Problem {
    let problem: any Problem
    var code: String { problem.code }
    var message: Words { problem.message }
    var hint: Words { problem.hint }

    /// What `read` gives; what it refuses is a wrong command line.
    static func of<Value>(_ read: () throws -> Value) throws -> Value {
        do { return try read() } catch let problem as any Problem { throw UsageProblem(problem: problem) }
    }
}
