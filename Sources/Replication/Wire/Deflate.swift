/// Raw DEFLATE (RFC 1951) of a message's body, by the system's zlib.
///
/// Both ways work in one buffer whose size is known before: whatever the bytes say, nothing grows beyond it.

import CZlib

enum Deflate {
    /// Bytes that a body may have once it is unpacked.
    static let limit = 64 * 1024
    /// Below this there is little to save.
    private static let least = 256
    /// The fastest: level 6 took three times as long on rows of tickets, for a sixteenth less.
    private static let level: Int32 = 1
    /// Raw, with the window of 32 KiB.
    private static let windowBits: Int32 = -15

    /// - Returns: nil unless it is smaller by an eighth, with the four bytes of the length that goes before it.
    static func packed(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.count >= least, bytes.count <= limit else { return nil }
        return unsafe run(bytes, into: bytes.count / 8 * 7 - 4) { stream in
            let start = unsafe deflateInit2_(
                stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            guard start == Z_OK else { return false }
            defer { unsafe _ = deflateEnd(stream) }
            return unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
        }
    }

    /// - Returns: nil unless the bytes are whole, end where they end, and unpack to just this length.
    static func unpacked(_ bytes: ArraySlice<UInt8>, length: Int) -> [UInt8]? {
        guard (1...limit).contains(length) else { return nil }
        let unpacked = unsafe run(bytes, into: length) { stream in
            let start = unsafe inflateInit2_(
                stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard start == Z_OK else { return false }
            defer { unsafe _ = inflateEnd(stream) }
            return unsafe inflate(stream, Z_FINISH) == Z_STREAM_END && stream.pointee.avail_in == 0
        }
        return unpacked?.count == length ? unpacked : nil
    }

    /// Runs zlib once over an input and an output of fixed size; its state points back to the stream, which stays in place.
    private static func run(
        _ bytes: ArraySlice<UInt8>, into capacity: Int, _ body: (UnsafeMutablePointer<z_stream>) -> Bool
    ) -> [UInt8]? {
        // SAFETY: zlib reads `next_in` only, and its C type does not say so.
        var input = Array(bytes)
        var isWhole = false
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            unsafe input.withUnsafeMutableBufferPointer { source in
                var stream = unsafe z_stream()
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = buffer.baseAddress
                unsafe stream.avail_out = UInt32(capacity)
                isWhole = unsafe withUnsafeMutablePointer(to: &stream) { unsafe body($0) }
                count = unsafe isWhole ? capacity - Int(stream.avail_out) : 0
            }
        }
        return isWhole ? output : nil
    }
}
