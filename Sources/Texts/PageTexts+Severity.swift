/// How bad an alarm is (告警级别), in words.

extension PageTexts {
    /// - Parameter name: as the status has it; one of another version stands as it is.
    package func severity(_ name: String) -> String {
        switch name {
        case "notice": self[.severityNotice]
        case "warning": self[.severityWarning]
        case "critical": self[.severityCritical]
        case _: name
        }
    }
}
