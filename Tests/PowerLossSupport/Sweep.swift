// Builds many disks of one trace and examines each: the loop that every power-loss test shares.

import Glibc

/// Which cuts a sweep visits.
package enum Cuts: Sendable, Equatable {
    /// Every one; for short traces.
    case all
    /// `count` cuts: half of them next to a sync or a mark, where a mistake shows, half anywhere; and the end.
    case sampled(Int)
    /// Right after every `n`-th write, which is torn at a byte: one disk each. 1 visits every prefix.
    case tornWrites(every: Int)
}

/// A disk that broke the promise.
package struct Finding: Sendable, Equatable, CustomStringConvertible {
    package let cut: Int
    package let survival: Survival
    /// The examiner's words.
    package let problem: String

    package var description: String { "cut \(cut), \(survival): \(problem)" }
}

package struct SweepReport: Sendable, Equatable {
    package var seed: UInt64
    package var disks = 0
    /// Sum over the disks of the marks that had to survive on each; a sweep that examined nothing shows here.
    package var acknowledgementsChecked = 0
    /// At most `Sweep.findingLimit`: the sweep stops there.
    package var findings: [Finding] = []
}

package struct Sweep: Sendable {
    package static let findingLimit = 5

    private let seed: UInt64
    private let cuts: Cuts
    private let onlyReads: Bool

    /// - Parameter onlyReads: whether `examine` leaves the files as they are; those that the next disk has too are then
    ///   not written again.
    package init(seed: UInt64, cuts: Cuts, onlyReads: Bool = false) {
        self.seed = seed
        self.cuts = cuts
        self.onlyReads = onlyReads
    }

    /// Builds disk after disk in `folder` and lets `examine` look at each.
    ///
    /// - Parameter base: what files held when the recording began, by path.
    /// - Parameter examine: gets the marks that had left before the power failed; opens what is in `folder`, closes it
    ///   again, and returns what is wrong with it, or nil.
    /// - Returns: how much was examined and what was found; the same for the same seed and trace.
    package func run(
        _ trace: Trace, base: [String: [UInt8]] = [:], in folder: String,
        examine: (_ acknowledged: [Int64]) throws -> String?
    ) throws -> SweepReport {
        var report = SweepReport(seed: seed)
        var random = SplitMix64(seed: seed)
        var powerLoss = try PowerLoss(trace, base: base)
        var there: [String: [UInt8]] = [:]
        for cut in chosenCuts(of: trace, random: &random) {
            powerLoss.advance(to: cut)
            for survival in survivals(at: powerLoss, random: &random) {
                there = try powerLoss.materialise(survival, into: folder, besides: onlyReads ? there : [:])
                report.disks += 1
                report.acknowledgementsChecked += powerLoss.acknowledged.count
                guard let problem = try examine(powerLoss.acknowledged) else { continue }
                report.findings.append(Finding(cut: cut, survival: survival, problem: problem))
                if report.findings.count == Self.findingLimit { return report }
            }
        }
        return report
    }

    // MARK: Choosing

    private func chosenCuts(of trace: Trace, random: inout SplitMix64) -> [Int] {
        let end = trace.operations.count
        switch cuts {
        case .all: return Array(0...end)
        case .sampled(let count):
            var edges: [Int] = []
            for (index, operation) in trace.operations.enumerated() {
                switch operation {
                // Before and after the step.
                case .syncBegan, .syncReturned, .folderSynced, .mark, .delete, .truncate: edges += [index, index + 1]
                case .open, .write: break
                }
            }
            var chosen: Set<Int> = [end]
            for _ in 0..<(count / 2) {
                if let edge = edges.randomElement(using: &random) { chosen.insert(edge) }
            }
            for _ in 0..<(count - count / 2) { chosen.insert(Int.random(in: 0...end, using: &random)) }
            return chosen.sorted()
        case .tornWrites(let every):
            var writes: [Int] = []
            for (index, operation) in trace.operations.enumerated() {
                if case .write = operation { writes.append(index + 1) }
            }
            // Not always the same place of a transaction: the stride begins at random.
            let start = Int.random(in: 0..<max(1, every), using: &random)
            return stride(from: start, to: writes.count, by: max(1, every)).map { writes[$0] } + [end]
        }
    }

    /// The disks of one cut: nothing pending, all of it, all with the last write torn at a sector and at a byte, some
    /// of it torn, and a scatter.
    private func survivals(at powerLoss: PowerLoss, random: inout SplitMix64) -> [Survival] {
        let count = powerLoss.pendingCount
        guard count > 0 else { return [.nothingPending] }
        if case .tornWrites = cuts {
            guard let last = powerLoss.lastPendingWrite else { return [.firstPending(count, .whole)] }
            return [.firstPending(count, .bytes(Int.random(in: 0...last.count, using: &random)))]
        }
        var survivals: [Survival] = [.nothingPending, .firstPending(count, .whole)]
        if let last = powerLoss.lastPendingWrite {
            let bytes = Int.random(in: 0..<last.count, using: &random)
            survivals.append(.firstPending(count, .bytes(bytes)))
            if last.count > sectorSize {
                survivals.append(
                    .firstPending(count, .sector(Int.random(in: 0..<(last.count / sectorSize), using: &random))))
            }
        }
        if count > 1 {
            let some = Int.random(in: 1..<count, using: &random)
            survivals.append(.firstPending(some, .bytes(Int.random(in: 0...8_192, using: &random))))
        }
        survivals.append(.scattered(seed: random.next()))
        return survivals
    }
}

extension Sweep {
    /// The seed of this run: environment variable GRIDLINE_SEED, else `fallback`.
    package static func seed(fallback: UInt64) -> UInt64 {
        environment("GRIDLINE_SEED").flatMap(UInt64.init) ?? fallback
    }

    /// How many cuts a long sweep samples: environment variable GRIDLINE_POWERLOSS_CUTS, else `fallback`.
    package static func cuts(fallback: Int) -> Int {
        environment("GRIDLINE_POWERLOSS_CUTS").flatMap(Int.init) ?? fallback
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
