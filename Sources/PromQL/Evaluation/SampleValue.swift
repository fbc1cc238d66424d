public import MetricsModel

/// The value of one sample or element.
public enum SampleValue: Sendable, Hashable {
    case float(Double)
    case histogram(Histogram)

    /// The number of a float; nil for a histogram.
    public var float: Double? {
        if case .float(let value) = self { value } else { nil }
    }
}
