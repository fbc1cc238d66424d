public import MetricsModel

/// How one part of a query will be evaluated.
///
/// Parentheses and signs that change nothing have no node of their own.
public struct PlanNode: Sendable {
    /// The part's canonical text; a long one is cut and ends with `…`.
    public let text: String
    /// Its place in the query, which no other node has.
    public let sourceRange: SourceRange
    public let valueType: ValueType
    public let method: Method
    /// Whether one evaluation serves all steps, because the value never differs.
    public let isStepInvariant: Bool
    /// Labels of its elements that matter above.
    public let neededLabels: NeededLabels
    /// When it is evaluated; nil if never.
    public let grid: Grid?
    /// What a selector reads; for a call of `info`, the info series.
    public let selector: Selector?
    /// The operands, in the order of the text.
    public let children: [PlanNode]

    /// How elements come about; raw values are those of the API.
    public enum Method: String, Sendable, Hashable {
        /// A number or text, known before evaluation.
        case constant
        /// One number for each step.
        case scalar
        /// Elements are computed one by one, when the node above asks for them; none is kept.
        case streamed
        /// Elements of the operand are added to their groups as they come; only groups are kept.
        case folded
        /// All elements are computed first and kept until the node above is done.
        case materialised
    }

    /// The times of evaluation, in milliseconds.
    public struct Grid: Sendable, Hashable {
        public let start: Int64
        /// The last step.
        public let end: Int64
        /// 0 if there is only one step.
        public let step: Int64
        public let count: Int

        init(_ grid: StepGrid) {
            start = grid.start
            end = grid.last
            step = grid.step
            count = grid.count
        }
    }

    /// What a selector reads of its fetch; times in milliseconds.
    public struct Selector: Sendable {
        /// The index of the fetch in ``QueryPlan/selectors``.
        public let fetch: Int
        /// Whether other selectors read the same fetch.
        public let isShared: Bool
        public let matchers: [LabelMatcher]
        public let offset: Int64
        /// The time of `@`.
        public let at: Int64?
        /// The length of a range selector's window.
        public let window: Int64?
        /// The samples that this selector can see; its fetch may reach farther for others.
        public let range: TimeRange
    }
}
