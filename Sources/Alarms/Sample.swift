/// What is measured: metrics, each in one series or in one for each set of labels, and their values.

/// One course of values: a metric, and what tells it from others of that metric, such as `node=street1`.
package struct Series: Hashable, Sendable, Comparable, CustomStringConvertible {
    package struct Label: Hashable, Sendable, Comparable {
        package let name: String
        package let value: String

        package static func < (left: Label, right: Label) -> Bool {
            (left.name, left.value) < (right.name, right.value)
        }
    }

    package let metric: String
    /// Sorted by name.
    package let labels: [Label]

    package init(_ metric: String, _ labels: KeyValuePairs<String, String> = [:]) {
        self.metric = metric
        self.labels = labels.map { Label(name: $0.key, value: $0.value) }.sorted()
    }

    package init(_ metric: String, _ labels: [String: String]) {
        self.metric = metric
        self.labels = labels.map { Label(name: $0.key, value: $0.value) }.sorted()
    }

    /// The value of a label; nil when there is none of that name.
    package subscript(_ name: String) -> String? { labels.first { $0.name == name }?.value }

    /// `metric{name=value,…}`.
    package var description: String {
        labels.isEmpty ? metric : "\(metric){\(labels.map { "\($0.name)=\($0.value)" }.joined(separator: ","))}"
    }

    package static func < (left: Series, right: Series) -> Bool {
        left.metric == right.metric
            ? left.labels.lexicographicallyPrecedes(right.labels) : left.metric < right.metric
    }
}

/// One value of a series, in the unit that the alarm's text says; what is unknown has none.
package struct Sample: Sendable, Equatable {
    package let series: Series
    package let value: Int64

    package init(_ metric: String, _ labels: KeyValuePairs<String, String> = [:], _ value: Int64) {
        self.init(Series(metric, labels), value)
    }

    package init(_ series: Series, _ value: Int64) {
        self.series = series
        self.value = value
    }
}
