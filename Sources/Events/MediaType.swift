/// What a blob is: a closed list, and told by its first bytes, so that nobody's word is taken for what a browser will open.

package enum MediaType: String, CaseIterable, Sendable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case ogg = "audio/ogg"
    case wav = "audio/wav"
    /// MP4 with sound alone (ISO/IEC 14496-12, brand `M4A `).
    case sound = "audio/mp4"
    case mp4 = "video/mp4"
    case pdf = "application/pdf"

    /// Bytes from the beginning that tell it.
    package static let beginning = 12

    /// - Parameter bytes: the first ones of a blob, `beginning` or more where it has them.
    /// - Returns: nil for what is none of the list.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(MediaType.beginning))
        func stands(_ text: String, at place: Int) -> Bool { bytes.dropFirst(place).starts(with: text.utf8) }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if stands("RIFF", at: 0), stands("WEBP", at: 8) {
            self = .webp
        } else if stands("RIFF", at: 0), stands("WAVE", at: 8) {
            self = .wav
        } else if stands("OggS", at: 0) {
            self = .ogg
        } else if stands("ftypM4A ", at: 4) {
            self = .sound
        } else if stands("ftyp", at: 4) {
            self = .mp4
        } else if stands("%PDF-", at: 0) {
            self = .pdf
        } else {
            return nil
        }
    }

    /// What the bytes say it is, where nobody says otherwise.
    ///
    /// - Parameter said: a media type in lower case; nil when nobody says any.
    /// - Throws: `.noType`, `.otherType`.
    package init(_ bytes: some Collection<UInt8>, as said: String?) throws(BlobFailure) {
        guard let found = MediaType(bytes) else { throw .noType }
        guard let said else {
            self = found
            return
        }
        guard let meant = MediaType(said: said) else { throw .noType }
        // Sound in an MP4 of a brand that films have, too.
        guard meant == found || meant == .sound && found == .mp4 else { throw .otherType(said: said, found: found) }
        self = found
    }

    /// By the name that programs give it, in lower case.
    private init?(said: String) {
        switch said {
        case "image/jpg", "image/pjpeg": self = .jpeg
        case "audio/x-wav", "audio/wave", "audio/vnd.wave": self = .wav
        case "audio/x-m4a", "audio/m4a": self = .sound
        case "application/ogg": self = .ogg
        case _:
            guard let type = MediaType(rawValue: said) else { return nil }
            self = type
        }
    }

    /// What a file of it is called at its end.
    package var suffix: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .webp: "webp"
        case .ogg: "ogg"
        case .wav: "wav"
        case .sound: "m4a"
        case .mp4: "mp4"
        case .pdf: "pdf"
        }
    }

    package enum Family: Sendable { case picture, sound, film, document }

    package var family: Family {
        switch self {
        case .jpeg, .png, .webp: .picture
        case .ogg, .wav, .sound: .sound
        case .mp4: .film
        case .pdf: .document
        }
    }
}
