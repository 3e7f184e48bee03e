/// Turns the bytes of a file into UTF-8, a chunk at a time (glibc's iconv).

import CZlib
import Events
import Glibc

/// Decodes to UTF-8.
///
/// Each byte that the encoding does not have becomes `marker`, a byte that UTF-8 never has, so that the reader behind
/// refuses the row it stands in and no other.
@safe package final class TextDecoder {
    package static let marker: UInt8 = 0xFF
    /// Bad bytes whose place is remembered; the readers ask for them row by row.
    private static let mostBadBytes = 4096

    package let encoding: TextEncoding
    private let handle: iconv_t
    private var rest: [UInt8] = []
    private var sourceOffset = 0
    private var decodedOffset = 0
    private var badBytes: [(decoded: Int, source: Int)] = []
    private var isAtStart = true

    /// - Throws: `.system` when this system's iconv does not know the encoding.
    package init(_ encoding: TextEncoding) throws(ImportError) {
        self.encoding = encoding
        let opened = unsafe iconv_open("UTF-8", encoding.name)
        guard let opened = unsafe opened, Int(bitPattern: opened) != -1 else {
            throw .system(what: "iconv does not know the encoding \(encoding.name)")
        }
        unsafe handle = unsafe opened
    }

    deinit { unsafe _ = iconv_close(handle) }

    /// The UTF-8 of the next bytes; a character cut by the end of `bytes` waits for the next call unless `isLast`.
    package func decode(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        var input = rest + bytes
        rest = []
        if isAtStart, !input.isEmpty {
            if input.count < 3, !isLast, [0xEF, 0xBB, 0xBF].starts(with: input) {
                rest = input
                return []
            }
            isAtStart = false
            if input.starts(with: [0xEF, 0xBB, 0xBF]) {
                input.removeFirst(3)
                sourceOffset += 3
            }
        }
        var output = [UInt8](repeating: 0, count: input.count * 2 + 16)
        var read = 0
        var written = 0
        while read < input.count {
            if output.count - written < 16 { output.append(contentsOf: [UInt8](repeating: 0, count: input.count)) }
            let failure = convert(&input, &read, &output, &written)
            if failure == EILSEQ || (failure == EINVAL && isLast) {
                if badBytes.count == TextDecoder.mostBadBytes { badBytes.removeFirst(TextDecoder.mostBadBytes / 2) }
                badBytes.append((decodedOffset + written, sourceOffset + read))
                output[written] = TextDecoder.marker
                written += 1
                read += 1
            } else if failure == EINVAL {
                rest = Array(input[read...])
                break
            }
        }
        sourceOffset += read
        decodedOffset += written
        output.removeLast(output.count - written)
        return output
    }

    /// The offset in the source of the marker that stands at `offset` of the decoded text.
    package func sourceOffset(ofMarkerAt offset: Int) -> Int {
        badBytes.first { $0.decoded == offset }?.source ?? offset
    }

    /// One call of iconv; the error number, 0 for none.
    ///
    /// E2BIG comes back as 0: the caller makes room.
    private func convert(_ input: inout [UInt8], _ read: inout Int, _ output: inout [UInt8], _ written: inout Int)
        -> Int32
    {
        var failure: Int32 = 0
        let start = (read: read, written: written)
        var left = (input: input.count - read, output: output.count - written)
        unsafe input.withUnsafeMutableBytes { source in
            unsafe output.withUnsafeMutableBytes { target in
                var from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: start.read)
                var to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: start.written)
                if unsafe iconv(handle, &from, &left.input, &to, &left.output) == -1 { failure = errno }
            }
        }
        read = input.count - left.input
        written = output.count - left.output
        return failure == E2BIG ? 0 : failure
    }
}
