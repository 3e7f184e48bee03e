/// The contract of `BlobStorage`, run against every implementation.

package import Events
import Testing

package struct BlobContract {
    /// Opens an empty store that takes blobs of so many bytes.
    package let open: (_ limit: Int64) throws -> any BlobStorage
    package init(open: @escaping (_ limit: Int64) throws -> any BlobStorage) { self.open = open }

    package struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        package let run: @Sendable (BlobContract) throws -> Void
        init(_ name: String, run: @escaping @Sendable (BlobContract) throws -> Void) {
            self.name = name
            self.run = run
        }
        package var testDescription: String { name }
    }

    /// A photograph of so many bytes, each number another.
    package static func photograph(_ number: Int, size: Int) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0]
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
        while bytes.count < size {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(truncatingIfNeeded: state >> 33))
        }
        return Array(bytes.prefix(size))
    }

    package static let cases: [Case] = [
        Case("what is put is found under its hash, whole and by pieces") { contract in
            let store = try contract.open(1 << 20)
            let bytes = photograph(1, size: 100_000)
            let stored = try store.put(bytes)
            #expect(stored == StoredBlob(blob: .sha256(bytes), size: 100_000, type: .jpeg))
            #expect(try store.stored(stored.blob) == stored)
            #expect(try store.read(stored.blob, at: 0, count: 200_000) == bytes)
            #expect(try store.read(stored.blob, at: 99_990, count: 20) == Array(bytes.suffix(10)))
            #expect(try store.read(stored.blob, at: 100_000, count: 20) == [])
            #expect(try store.put(bytes) == stored, "twice is once")
        },
        Case("what is not here has no size, and is no error to look for") { contract in
            let store = try contract.open(1 << 20)
            let blob = Digest.sha256([1])
            #expect(try store.size(of: blob) == nil)
            #expect(try store.stored(blob) == nil)
            #expect(try store.partial(of: blob) == 0)
            #expect(throws: BlobFailure.unknown(blob)) { try store.read(blob, at: 0, count: 1) }
        },
        Case("empty, too long and of no known type are refused, and leave nothing") { contract in
            let store = try contract.open(1_000)
            #expect(throws: BlobFailure.empty) { try store.put([]) }
            #expect(throws: BlobFailure.noType) { try store.put(Array("<script>".utf8)) }
            let long = photograph(1, size: 1_001)
            #expect(throws: BlobFailure.tooLong(limit: 1_000)) { try store.put(long) }
            #expect(throws: BlobFailure.tooLong(limit: 1_000)) { try store.add(long, to: .sha256(long), at: 0) }
            for bytes in [[], Array("<script>".utf8), long] { #expect(try store.size(of: .sha256(bytes)) == nil) }
            #expect(try store.put(photograph(1, size: 1_000)).size == 1_000)
        },
        Case("an upload has no name before it is finished, and none after it is cancelled") { contract in
            let store = try contract.open(1 << 20)
            let bytes = photograph(2, size: 5_000)
            let upload = try store.begin()
            for start in stride(from: 0, to: bytes.count, by: 700) {
                try upload.write(Array(bytes[start..<min(start + 700, bytes.count)]))
            }
            #expect(try store.size(of: .sha256(bytes)) == nil)
            upload.cancel()
            #expect(try store.size(of: .sha256(bytes)) == nil)
        },
        Case("a part goes on where it ended, and has its name when it is right") { contract in
            let store = try contract.open(1 << 20)
            let bytes = photograph(3, size: 70_000)
            let blob = Digest.sha256(bytes)
            try store.add(Array(bytes[..<40_000]), to: blob, at: 0)
            #expect(try store.partial(of: blob) == 40_000)
            #expect(try store.size(of: blob) == nil)
            try store.add(Array(bytes[40_000...]), to: blob, at: 40_000)
            #expect(try store.complete(blob))
            #expect(try store.read(blob, at: 0, count: 70_000) == bytes)
            #expect(try store.partial(of: blob) == 0)
        },
        Case("a part that is wrong gets no name, and begins anew") { contract in
            let store = try contract.open(1 << 20)
            let bytes = photograph(4, size: 3_000)
            let blob = Digest.sha256(bytes)
            var wrong = bytes
            wrong[1_000] ^= 1
            try store.add(wrong, to: blob, at: 0)
            #expect(try store.complete(blob) == false)
            #expect(try store.size(of: blob) == nil)
            #expect(try store.partial(of: blob) == 0)
            #expect(try store.complete(blob) == false, "nothing is nothing right")
            try store.add(bytes + [7], to: blob, at: 0)
            try store.add(bytes, to: blob, at: 0)
            #expect(try store.complete(blob), "from 0 on is anew, also where more was")
        },
        Case("sweeping leaves parts that are wanted, and all that has a name") { contract in
            let store = try contract.open(1 << 20)
            let here = try store.put(photograph(5, size: 100)).blob
            let (wanted, other) = (Digest.sha256([1]), Digest.sha256([2]))
            try store.add([1, 2], to: wanted, at: 0)
            try store.add([1, 2, 3], to: other, at: 0)
            try store.sweep(keeping: [wanted])
            #expect(try store.partial(of: wanted) == 2)
            #expect(try store.partial(of: other) == 0)
            #expect(try store.size(of: here) == 100)
        },
        Case("the last note stands") { contract in
            let store = try contract.open(1 << 20)
            #expect(try store.note() == nil)
            try store.keep(note: [1, 2, 3])
            try store.keep(note: [4])
            #expect(try store.note() == [4])
        },
    ]
}
