public import MetricsModel

/// What has to be fetched for one or several selectors of a query.
public struct PlannedSelector: Sendable, Hashable {
    /// All must pass.
    public let matchers: [LabelMatcher]
    /// From the earliest to the latest sample that can matter; empty if none can.
    public internal(set) var range: TimeRange
}
