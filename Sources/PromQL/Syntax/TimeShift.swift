/// The `offset` and `@` modifiers of a selector or subquery.
public struct TimeShift: Sendable {
    /// Milliseconds to look back, negative to look ahead, 0 without the modifier.
    ///
    /// Not meaningful while ``offsetExpression`` is set: resolve durations first.
    public var offset: Int64
    /// The offset as an expression that depends on the query's times, until it is resolved.
    public var offsetExpression: DurationExpression?
    /// The fixed time at which data is taken, before the offset is applied.
    public var at: AtModifier?

    public init(
        offset: Int64 = 0,
        offsetExpression: DurationExpression? = nil,
        at: AtModifier? = nil
    ) {
        self.offset = offset
        self.offsetExpression = offsetExpression
        self.at = at
    }
}
