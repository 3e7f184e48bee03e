import Events
import Foundation
import Glibc
import LogContract
import Simulation
import Synchronization
import Testing

@testable import Log

@Suite("Blobs") struct BlobStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/blobs" }

    init() throws { folder = try TemporaryFolder() }

    @Test("a folder keeps the contract", arguments: BlobContract.cases)
    func files(_ contractCase: BlobContract.Case) throws {
        let path = path
        try contractCase.run(BlobContract { BlobStore(folder: path, limit: $0) })
    }

    @Test("memory keeps the contract", arguments: BlobContract.cases)
    func memory(_ contractCase: BlobContract.Case) throws {
        try contractCase.run(BlobContract { MemoryBlobStore(limit: $0) })
    }

    /// The folder as it is before each step of `body`, as a process that is killed there leaves it.
    private func killed(_ body: (BlobStore) throws -> Void) throws -> [(BlobStore.Step, BlobStore)] {
        let copies = Mutex<[(BlobStore.Step, String)]>([])
        let (path, top) = (path, folder.path)
        let store = BlobStore(folder: path) { step in
            copies.withLock { copies in
                let copy = "\(top)/copy\(copies.count)"
                guard (try? FileManager.default.copyItem(atPath: path, toPath: copy)) != nil else { return EIO }
                copies.append((step, copy))
                return 0
            }
        }
        try body(store)
        return copies.withLock { $0 }.map { ($0, BlobStore(folder: $1)) }
    }

    @Test("whenever a process dies, what has a name is whole, and the same blob can be put again")
    func dying() throws {
        let bytes = BlobContract.photograph(1, size: 300_000)
        let blob = Digest.sha256(bytes)
        for way in 0...1 {
            let left = try killed { store in
                if way == 0 {
                    try store.put(bytes)
                } else {
                    try store.add(Array(bytes.prefix(200_000)), to: blob, at: 0)
                    try store.add(Array(bytes.dropFirst(200_000)), to: blob, at: 200_000)
                    #expect(try store.complete(blob))
                }
            }
            #expect(Set(left.map(\.0)) == Set(BlobStore.Step.allCases))
            for (step, store) in left {
                let isNamed = try store.size(of: blob) != nil
                if isNamed { #expect(try store.isWhole(blob) == true, "before \(step)") }
                if step != .syncFolder { #expect(!isNamed, "before \(step)") }
                try store.removeUploads()
                try store.sweep(keeping: [])
                #expect(try store.put(bytes).blob == blob)
                let names = try FileManager.default.subpathsOfDirectory(atPath: store.folder)
                #expect(
                    names.sorted() == [String(blob.description.prefix(2)), String(store.path(of: blob).suffix(65))])
            }
            for entry in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                try FileManager.default.removeItem(atPath: "\(folder.path)/\(entry)")
            }
        }
    }

    @Test(
        "a disk that fails or is full at any step gives no name before its sync, and says what to do",
        arguments: BlobStore.Step.allCases)
    func failing(_ step: BlobStore.Step) throws {
        let answer = Mutex(ENOSPC)
        let store = BlobStore(folder: path) { $0 == step ? answer.withLock { $0 } : 0 }
        let bytes = BlobContract.photograph(2, size: 10_000)
        let blob = Digest.sha256(bytes)
        func refusal() -> String? {
            do throws(BlobFailure) {
                try store.put(bytes)
                return nil
            } catch { return error.code }
        }
        #expect(refusal() == "GL-2011")
        answer.withLock { $0 = EIO }
        #expect(refusal() == "GL-2010")
        if step != .syncFolder {
            #expect(try store.size(of: blob) == nil)
            let names = try FileManager.default.subpathsOfDirectory(atPath: path)
            #expect(!names.contains { $0.hasSuffix(".upload") }, "nothing is left of a refused upload")
        }
        answer.withLock { $0 = 0 }
        #expect(try store.put(bytes).blob == blob)
    }

    @Test("a file and the folders of its name are synced before it has it for good")
    func order() throws {
        let steps = Mutex<[BlobStore.Step]>([])
        let store = BlobStore(folder: path) { step in
            steps.withLock { $0.append(step) }
            return 0
        }
        try store.put(BlobContract.photograph(3, size: 100))
        #expect(steps.withLock { $0 } == [.write, .sync, .syncFolder, .name, .syncFolder])
    }

    @Test("a blob whose bytes were changed is known by them")
    func changed() throws {
        let store = BlobStore(folder: path)
        let blob = try store.put(BlobContract.photograph(4, size: 5_000)).blob
        #expect(try store.isWhole(blob) == true)
        var bytes = try store.read(blob, at: 0, count: 5_000)
        bytes[4_000] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: store.path(of: blob)))
        #expect(try store.isWhole(blob) == false)
        #expect(try store.isWhole(.sha256([9])) == nil)
    }
}
