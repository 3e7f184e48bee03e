/// The bytes of a file in bounded chunks, unpacked when the file is gzip.

import CZlib
import Events
import Foundation

/// Reads a file from its start; what is packed with gzip is recognised by its first two bytes.
package final class ByteSource {
    /// Bytes read from the file at once; unpacked chunks are at most four times as long.
    package static let chunk = 64 * 1024

    private let file: FileHandle
    let path: String
    private var inflater: Inflater?
    private var isOpen = true
    private var isFirst = true
    /// Bytes of the file read so far, and its length, for progress.
    package private(set) var bytesRead = 0
    package let length: Int

    /// - Throws: `.file` when it cannot be opened.
    package init(path: String) throws(ImportError) {
        let (file, length) = try ByteSource.open(path)
        self.file = file
        self.path = path
        self.length = length
        inflater = nil
    }

    private static func open(_ path: String) throws(ImportError) -> (FileHandle, Int) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .file(path: path, what: "it cannot be opened; does it exist, and may this user read it?")
        }
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (file, (attributes[.size] as? NSNumber)?.intValue ?? 0)
        } catch { throw .file(path: path, what: "its length cannot be read") }
    }

    /// The next bytes; nil at the end.
    ///
    /// - Throws: `.file` on a read error, `.gzip` when packed bytes are damaged or end too early.
    package func next() throws(ImportError) -> [UInt8]? {
        while isOpen {
            if let ready = try inflater?.next(path: path) { return ready }
            let bytes = try read()
            if isFirst {
                isFirst = false
                if bytes.starts(with: [0x1F, 0x8B]) { inflater = try Inflater() }
            }
            if bytes.isEmpty {
                isOpen = false
                if let problem = inflater?.problemAtEnd { throw .gzip(path: path, offset: bytesRead, what: problem) }
                return nil
            }
            if inflater == nil { return bytes }
            inflater?.feed(bytes)
        }
        return nil
    }

    private func read() throws(ImportError) -> [UInt8] {
        do {
            let bytes = [UInt8](try file.read(upToCount: ByteSource.chunk) ?? Data())
            bytesRead += bytes.count
            return bytes
        } catch {
            throw .file(path: path, what: "reading failed at byte \(bytesRead): \(error.localizedDescription)")
        }
    }
}

/// Unpacks gzip (RFC 1952), also of several members one behind another.
@safe private final class Inflater {
    /// At a fixed address, because zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var place = 0
    private var isBetweenMembers = true
    private var consumed = 0

    init() throws(ImportError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window + 16: gzip framing only.
        let result = unsafe inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw .system(what: "zlib cannot start (\(result))") }
    }

    deinit {
        unsafe _ = inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// What is wrong when the file ends here; nil when it ends between two members.
    var problemAtEnd: Words? { isBetweenMembers ? nil : "the packed bytes end too early; the file was cut" }

    func feed(_ bytes: [UInt8]) {
        input = bytes
        place = 0
    }

    /// The next unpacked bytes; nil when more input is needed.
    func next(path: String) throws(ImportError) -> [UInt8]? {
        while place < input.count {
            if isBetweenMembers {
                unsafe _ = inflateReset(stream)
                isBetweenMembers = false
            }
            var output = [UInt8](repeating: 0, count: ByteSource.chunk * 4)
            let (result, read, written) = step(&output)
            place += read
            consumed += read
            switch result {
            case Z_STREAM_END: isBetweenMembers = true
            case Z_OK, Z_BUF_ERROR: if read == 0, written == 0 { return nil }
            default: throw .gzip(path: path, offset: consumed, what: "the packed bytes are damaged (zlib \(result))")
            }
            if written > 0 {
                output.removeLast(output.count - written)
                return output
            }
        }
        return nil
    }

    private func step(_ output: inout [UInt8]) -> (result: Int32, read: Int, written: Int) {
        let stream = unsafe self.stream
        let start = place
        let available = (input: input.count - place, output: output.count)
        let result = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = source.baseAddress?.advanced(by: start)
                unsafe stream.pointee.avail_in = UInt32(available.input)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(available.output)
                return unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        let left = unsafe (Int(stream.pointee.avail_in), Int(stream.pointee.avail_out))
        return (result, available.input - left.0, available.output - left.1)
    }
}
