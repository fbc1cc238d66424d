/// When and how a query is evaluated; all times are milliseconds.
public struct QueryParameters: Sendable, Hashable {
    /// Time of the first step; for instant queries the only one.
    public var start: Int64
    /// No step is later than this; equal to ``start`` for instant queries.
    public var end: Int64
    /// Distance of two steps; 0 makes it an instant query.
    public var step: Int64
    /// How far an instant selector looks back for a sample (a sample exactly as old is too old).
    public var lookbackDelta: Int64
    /// The step of subqueries that name none.
    public var defaultSubqueryStep: Int64
    public var features: EvaluationFeatures
    /// How many floats may be held in memory at the same time.
    public var maxSamples: Int

    public static let standardLookbackDelta: Int64 = 300_000
    public static let standardSubqueryStep: Int64 = 60_000
    public static let standardMaxSamples = 50_000_000

    /// A range query with a step at `start`, `start + step`, … up to `end`.
    ///
    /// - Precondition: `step` is positive and `end` is not before `start`.
    public init(
        start: Int64,
        end: Int64,
        step: Int64,
        lookbackDelta: Int64 = Self.standardLookbackDelta,
        defaultSubqueryStep: Int64 = Self.standardSubqueryStep,
        features: EvaluationFeatures = [],
        maxSamples: Int = Self.standardMaxSamples
    ) {
        precondition(step >= 0 && end >= start, "start \(start), end \(end), step \(step)")
        precondition(step > 0 || start == end, "an instant query has one time")
        self.start = start
        self.end = end
        self.step = step
        self.lookbackDelta = lookbackDelta
        self.defaultSubqueryStep = max(1, defaultSubqueryStep)
        self.features = features
        self.maxSamples = maxSamples
    }

    /// An instant query.
    public init(
        time: Int64,
        lookbackDelta: Int64 = Self.standardLookbackDelta,
        defaultSubqueryStep: Int64 = Self.standardSubqueryStep,
        features: EvaluationFeatures = [],
        maxSamples: Int = Self.standardMaxSamples
    ) {
        self.init(
            start: time,
            end: time,
            step: 0,
            lookbackDelta: lookbackDelta,
            defaultSubqueryStep: defaultSubqueryStep,
            features: features,
            maxSamples: maxSamples
        )
    }

    public var isInstant: Bool { step == 0 }
}
