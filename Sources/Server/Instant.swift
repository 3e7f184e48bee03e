/// Instants as people and programs write them, in one form for command lines and queries.

package import Events
import Foundation

package enum Instant {
    /// The forms that are read, for a hint.
    package static let forms: Words = "2026-11-23 (UTC), 2026-11-23T14:05:00Z or 2026-11-23T14:05:00+08:00"

    /// - Returns: nil unless the text is a day, or a time with its zone (RFC 3339).
    package static func parse(_ text: String) -> Timestamp? {
        let formatter = ISO8601DateFormatter()
        for options: ISO8601DateFormatter.Options in [
            [.withInternetDateTime], [.withInternetDateTime, .withFractionalSeconds], [.withFullDate],
        ] {
            formatter.formatOptions = options
            if let date = formatter.date(from: text) {
                return Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1_000).rounded()))
            }
        }
        return nil
    }
}
