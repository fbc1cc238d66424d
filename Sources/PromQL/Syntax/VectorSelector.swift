public import MetricsModel

/// A set of matchers that selects series, each with one sample per step.
public struct VectorSelector: Sendable {
    /// The metric name written outside the braces; empty if there is none.
    public var name: String
    /// All matchers in the order written; one for ``name``, if that is set, comes last.
    public var matchers: [LabelMatcher]
    public var shift: TimeShift
    public var edges: WindowEdges
    public var sourceRange: SourceRange

    public init(
        name: String,
        matchers: [LabelMatcher],
        shift: TimeShift = TimeShift(),
        edges: WindowEdges = .plain,
        sourceRange: SourceRange
    ) {
        self.name = name
        self.matchers = matchers
        self.shift = shift
        self.edges = edges
        self.sourceRange = sourceRange
    }
}
