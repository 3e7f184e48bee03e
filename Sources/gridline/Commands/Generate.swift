import ArgumentParser
import Events
import Intake

/// `gridline generate`: invented tickets as JSON lines, the same for the same seed.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Print realistic invented district tickets, for `gridline import --map generated`."))

    @Option(help: said("How many tickets, 1 to 10,000,000.")) var tickets: Int
    @Option(help: said("The seed; the same seed gives the same tickets.")) var seed: UInt64

    func run() throws {
        guard (1...10_000_000).contains(tickets) else {
            throw CommandProblem(message: "\(tickets) tickets", hint: "use 1 to 10,000,000", isUsage: true)
        }
        var generator = Generator(seed: seed)
        var buffer: [UInt8] = []
        for _ in 0..<tickets {
            buffer += generator.next()
            buffer.append(0x0A)
            if buffer.count > 1 << 20 {
                Output.put(buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        Output.put(buffer)
    }
}
