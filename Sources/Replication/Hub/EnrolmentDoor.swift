/// Strangers who want to be enrolled, and how many were turned down: a flood of them is one alarm a minute.

import Events

struct EnrolmentDoor {
    private enum Limit {
        /// Applications that one turn takes.
        static let applications = 16
        /// Milliseconds between two alarms of applications that were turned down.
        static let sayAgain: Int64 = 60_000
    }

    private var applications: [Application] = []
    /// Since the last alarm of them, why the last one was, and when that alarm was, in steady milliseconds.
    private var turnedDown = (count: 0, last: nil as (any Problem)?, saidAt: Int64.min)

    /// A stranger has one thing to say; what is unreadable, or anything else, is not answered.
    mutating func take(_ frame: [UInt8], key: String) {
        guard applications.count < Limit.applications else { return turnDown(nil) }
        do throws(DecodeError) {
            guard case .enrol(let node, let secret)? = try Frame(frame).message else { return turnDown(nil) }
            applications.append(Application(node: node, key: key, secret: secret))
        } catch { turnDown(error) }
    }

    mutating func takeApplications() -> [Application] {
        defer { applications = [] }
        return applications
    }

    /// Counts an application that is turned down.
    ///
    /// - Parameter refusal: why; nil keeps the reason of the one before, since nothing was looked at.
    mutating func turnDown(_ refusal: (any Problem)?) {
        turnedDown.count += 1
        turnedDown.last = refusal ?? turnedDown.last
    }

    /// How many were turned down, and why the last one was, when that is to be said now: a refusal names its node, and nothing
    /// that is secret.
    mutating func takeAlarm(now: Int64) -> Words? {
        guard turnedDown.count > 0, now - Limit.sayAgain >= turnedDown.saidAt else { return nil }
        defer { turnedDown = (0, nil, now) }
        let count = turnedDown.count
        guard let last = turnedDown.last else { return "\(count) applications for enrolment were turned down" }
        return .alarm("\(count) applications for enrolment were turned down, the last for this reason", last)
    }
}
