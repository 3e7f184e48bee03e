/// A posted form with its files: each file is stored as it comes, and its field then holds its SHA-256, as if it had been typed.

import Events
import Hummingbird
import NIOCore
import Tickets

enum PostedForm {
    /// Reads `multipart/form-data`; nil for what is none.
    ///
    /// - Parameters:
    ///   - limit: bytes of all that is no file.
    ///   - store: keeps the files; nil lets go of them.
    /// - Throws: `BlobFailure` for a file that is not taken, `NIOTooManyBytesError` above the limit.
    static func read(_ request: Request, upTo limit: Int, store: (any BlobStorage)?) async throws -> FormData? {
        guard var reader = MultipartReader(contentType: request.headers[.contentType]) else { return nil }
        var form = FormData()
        var field = ""
        var text: [UInt8] = []
        var size = 0
        var files = 0
        var upload: (any BlobUpload)?
        var isFile = false
        var length = 0
        do {
            for try await buffer in request.body {
                for event in try reader.take(Array(buffer.readableBytesView)) {
                    switch event {
                    case .begin(let name, let isOne):
                        (field, isFile, text, length) = (name, isOne, [], 0)
                        upload = nil
                        if isOne, let store {
                            files += 1
                            guard files <= Attachment.most else { throw NIOTooManyBytesError(maxBytes: limit) }
                            upload = try store.begin()
                        }
                    case .bytes(let bytes):
                        length += bytes.count
                        if isFile {
                            try upload?.write(bytes)
                        } else {
                            size += bytes.count
                            guard size <= limit else { throw NIOTooManyBytesError(maxBytes: limit) }
                            text += bytes
                        }
                    case .end:
                        if !isFile {
                            form[field] = String(decoding: text, as: UTF8.self)
                        } else if let done = upload {
                            // A field in which nothing was chosen comes as a file of no bytes.
                            if length == 0 {
                                done.cancel()
                            } else {
                                let stored = try done.finish(as: nil)
                                form[field] = form[field] + " " + stored.blob.description
                            }
                        }
                        upload = nil
                    }
                }
            }
        } catch {
            upload?.cancel()
            throw error
        }
        return reader.isWhole ? form : nil
    }
}
