/// The key by which a centre signs the ends of its feeds: `keys/signing`, 64 hexadecimal digits.

import Events
import Foundation

extension NodeFolder {
    static let signingFile = "signing"
    private var signing: String { "\(keys)/\(NodeFolder.signingFile)" }

    /// The key, made when there is none yet, as in a folder from before ends were signed.
    ///
    /// - Throws: `CommandProblem` when the file holds no key: one that is made anew could not take back what the old one signed.
    func signer() throws -> FeedSigner {
        guard let data = FileManager.default.contents(atPath: signing) else {
            let signer = FeedSigner()
            try WholeFile.write(Array((Hexadecimal.text(signer.bytes) + "\n").utf8), to: signing)
            return signer
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = Hexadecimal.bytes(text), let signer = FeedSigner(bytes: bytes) else {
            throw CommandProblem(
                message: "\(signing) holds no signing key",
                hint: """
                    restore it with the keys folder, or remove it: a new one is made, and what the old one signed can no \
                    longer be taken back from streets
                    """)
        }
        return signer
    }
}
