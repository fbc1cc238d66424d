/// All series of one metric name at one moment, as they are exposed and stored.
public struct MetricFamily: Sendable, Equatable {
    /// What the type line says.
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// The value of one series.
    public enum Value: Sendable, Equatable {
        /// Kept apart from ``double(_:)`` so that a counter past 2⁵³ loses nothing in the text.
        case integer(Int64)
        case double(Double)

        /// The nearest float64.
        public var asDouble: Double {
            switch self {
            case .integer(let value): Double(value)
            case .double(let value): value
            }
        }
    }

    /// One line of the exposition.
    public struct Series: Sendable, Equatable {
        /// Empty, or `_bucket`, `_sum`, `_count` of a histogram.
        public var suffix: String
        /// Sorted by name, names distinct.
        public var labels: [MetricLabel]
        public var value: Value

        public init(suffix: String = "", labels: [MetricLabel] = [], value: Value) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    public var name: String
    /// One sentence, empty when nobody wrote one.
    public var help: String
    public var kind: Kind
    public var series: [Series]

    public init(name: String, help: String, kind: Kind, series: [Series]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.series = series
    }
}

/// A label of a metric of ours.
public struct MetricLabel: Sendable, Hashable, Comparable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.name, left.value) < (right.name, right.value)
    }
}
