// The disks that a power failure could have left. A trace is walked forwards; at each cut, what a returned sync covered
// is on the disk, and of the rest what `Survival` chooses.
//
// The model, and where it is harsher than most disks:
// - A sync makes durable what was written to its file before the sync began, and nothing of another file.
// - A write that no sync covered may be lost, torn, or reordered against every other one, across files too.
// - After a failed sync, what it should have written is lost once the next sync succeeds: Linux marks the pages clean
//   (the "fsyncgate" of 2018), so a later success says nothing about them.
// - A file that was created and never synced is as good as empty, which is what SQLite makes of a missing one.
// - A deletion is on the disk when its folder was synced, at once or later, or with the next sync of a new file of
//   that name. Under synchronous=FULL SQLite leaves it to the first sync of the next journal or WAL.
// - Shared memory (-shm) is gone.

/// Walks a trace and builds disks at its cuts.
///
/// Cost: the walk is linear in the trace, once; a disk costs the size of its files.
package struct PowerLoss: Sendable {
    private let trace: Trace
    private var durable: [[UInt8]]
    private(set) var pending: [PendingChange] = []
    /// Per file, where the syncs that have not returned began.
    private var syncsUnderWay: [[Int]]

    /// How many operations have happened.
    package private(set) var cut = 0
    /// The marks before the cut, in order.
    package private(set) var acknowledged: [Int64] = []

    /// - Parameter base: what files held when the recording began, by path; needed for files that were not empty.
    /// - Throws: `.wrongBase` when the sizes differ.
    package init(_ trace: Trace, base: [String: [UInt8]] = [:]) throws(PowerLossFailure) {
        self.trace = trace
        durable = trace.paths.map { base[$0] ?? [] }
        syncsUnderWay = trace.paths.map { _ in [] }
        var seen: Set<Int> = []
        for operation in trace.operations {
            guard case .open(let file, let size) = operation, seen.insert(file).inserted else { continue }
            guard durable[file].count == size else {
                throw .wrongBase(path: trace.paths[file], size: size, given: durable[file].count)
            }
        }
    }

    /// Number of changes that no sync has covered.
    package var pendingCount: Int { pending.count }

    /// Bytes and place of the last change that no sync has covered, if that is a write: what can be torn.
    package var lastPendingWrite: (offset: Int, count: Int)? {
        guard case .write(let offset, let bytes) = pending.last?.change else { return nil }
        return (offset, bytes.count)
    }

    // MARK: Walking

    /// Goes forwards until `cut` operations have happened.
    ///
    /// - Precondition: `cut` is not behind and not beyond the trace.
    package mutating func advance(to cut: Int) {
        precondition(cut >= self.cut && cut <= trace.operations.count, "a walk goes forwards, within the trace")
        while self.cut < cut {
            step(trace.operations[self.cut])
            self.cut += 1
        }
    }

    private mutating func step(_ operation: Operation) {
        switch operation {
        case .open: break
        case .write(let file, let offset, let bytes):
            // A write that failed altogether is in the trace with no bytes.
            if !bytes.isEmpty { add(file, .write(offset: offset, bytes: bytes[...])) }
        case .truncate(let file, let size): add(file, .resize(size))
        case .delete(let file, let folderSynced):
            if folderSynced {
                pending.removeAll { $0.file == file }
                durable[file] = []
            } else {
                add(file, .delete)
            }
        case .syncBegan(let file): syncsUnderWay[file].append(cut)
        case .syncReturned(let file, let succeeded): finishSync(of: file, succeeded: succeeded)
        case .folderSynced(let file): keepDeletions(besides: file)
        case .mark(let value): acknowledged.append(value)
        }
    }

    private mutating func add(_ file: Int, _ change: Change) {
        pending.append(PendingChange(file: file, index: cut, change: change))
    }

    private mutating func finishSync(of file: Int, succeeded: Bool) {
        // With two syncs of a file under way it is not known which returned: assume the one that covers less.
        let began = syncsUnderWay[file].isEmpty ? cut : syncsUnderWay[file].removeFirst()
        guard succeeded else {
            for place in pending.indices where pending[place].file == file && pending[place].index < began {
                if case .write = pending[place].change { pending[place].isDoubtful = true }
            }
            return
        }
        var left: [PendingChange] = []
        for entry in pending {
            guard entry.file == file, entry.index < began else {
                left.append(entry)
                continue
            }
            if !entry.isDoubtful { durable[file].apply(entry.change) }
        }
        pending = left
    }

    /// Makes every deletion in the folder of `file` durable, with what came before it in the same file.
    private mutating func keepDeletions(besides file: Int) {
        let folder = Self.folder(of: trace.paths[file])
        for other in trace.paths.indices where Self.folder(of: trace.paths[other]) == folder {
            guard let deletion = pending.last(where: { $0.file == other && $0.change == .delete }) else { continue }
            pending.removeAll { $0.file == other && $0.index <= deletion.index }
            durable[other] = []
        }
    }

    private static func folder(of path: String) -> Substring {
        path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
    }

    // MARK: Building

    /// The files of the disk by path; a file that is empty or gone is left out.
    package func files(_ survival: Survival) -> [String: [UInt8]] {
        var contents = durable
        for (file, change) in survival.survivors(of: pending) { contents[file].apply(change) }
        var files: [String: [UInt8]] = [:]
        for (number, bytes) in contents.enumerated() where !bytes.isEmpty { files[trace.paths[number]] = bytes }
        return files
    }

    /// Writes the disk into `folder`, each file under the last part of its path; older files of these names go.
    ///
    /// - Parameter there: what these files hold already, by path; equal ones stay.
    /// - Returns: what the files hold now, by path.
    /// - Throws: `.cannotWrite` with the system's number.
    @discardableResult
    package func materialise(
        _ survival: Survival, into folder: String, besides there: [String: [UInt8]] = [:]
    ) throws(PowerLossFailure) -> [String: [UInt8]] {
        let files = files(survival)
        for path in trace.paths {
            if let known = there[path], known == files[path] { continue }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            try DiskFile.replace("\(folder)/\(name)", with: files[path])
        }
        for path in trace.paths {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            try DiskFile.replace("\(folder)/\(name)-shm", with: nil)
        }
        return files
    }
}

extension [UInt8] {
    /// Changes the bytes of a file as the operating system would: what lies between its end and a later write is zero.
    fileprivate mutating func apply(_ change: Change) {
        switch change {
        case .delete: removeAll()
        case .resize(let size): resize(to: size)
        case .write(let offset, let bytes):
            if offset + bytes.count > count { resize(to: offset + bytes.count) }
            // Copied as memory: element by element, a debug build spends seconds on a long trace.
            unsafe withUnsafeMutableBytes { file in
                unsafe bytes.withUnsafeBytes { written in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: file[offset..<(offset + written.count)])
                        .copyMemory(from: written)
                }
            }
        }
    }

    private mutating func resize(to size: Int) {
        if size < count {
            removeLast(count - size)
        } else {
            append(contentsOf: [UInt8](repeating: 0, count: size - count))
        }
    }
}
