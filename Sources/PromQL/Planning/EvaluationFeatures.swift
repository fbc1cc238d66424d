/// The switchable parts of evaluation.
public struct EvaluationFeatures: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Names are dropped at the end of a query, not at once (`promql-delayed-name-removal`).
    public static let delayedNameRemoval = EvaluationFeatures(rawValue: 1 << 0)
    /// `__type__` instead of the name says what is a counter (`type-and-unit-labels`).
    public static let typeAndUnitLabels = EvaluationFeatures(rawValue: 1 << 1)
    /// Start timestamps say where counters began anew (`use-start-timestamps`).
    public static let startTimestamps = EvaluationFeatures(rawValue: 1 << 2)
}
