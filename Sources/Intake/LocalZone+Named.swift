/// Named zones (IANA) by way of Foundation, read once when a map is loaded.

import Events
import Foundation

extension LocalZone {
    /// A fixed offset, or an IANA name such as `America/New_York`; nil when this system knows no such zone.
    ///
    /// The table reaches from 1970 to 2060.
    package static func named(_ name: String) -> LocalZone? {
        if let fixed = fixed(name) { return fixed }
        guard name.utf8.contains(0x2F), let zone = TimeZone(identifier: name) else { return nil }
        var moment = Date(timeIntervalSince1970: 0)
        let end = Date(timeIntervalSince1970: 90 * 365.25 * 86400)
        let first = Int64(zone.secondsFromGMT(for: moment)) * 1000
        var transitions: [Transition] = []
        while transitions.count < 400, let next = zone.nextDaylightSavingTimeTransition(after: moment), next > moment,
            next < end
        {
            let at = Timestamp(milliseconds: Int64((next.timeIntervalSince1970 * 1000).rounded()))
            transitions.append(
                Transition(at: at, offset: Int64(zone.secondsFromGMT(for: next.addingTimeInterval(1))) * 1000))
            moment = next
        }
        return LocalZone(name: name, firstOffset: first, transitions: transitions)
    }
}
