public import MetricsModel

/// The answer to a query.
public struct QueryResult: Sendable {
    public enum Value: Sendable {
        /// Time in milliseconds.
        case scalar(timestamp: Int64, value: Double)
        case string(timestamp: Int64, text: String)
        /// The elements of an instant query, all at its time, in the order the query asks for.
        case vector([VectorElement])
        /// Sorted by labels; no series is empty.
        case matrix([ResultSeries])
    }

    /// One element of an instant vector.
    public struct VectorElement: Sendable {
        public var labels: Labels
        /// Milliseconds.
        public var timestamp: Int64
        public var value: SampleValue
    }

    /// One series of a matrix.
    public struct ResultSeries: Sendable {
        public var labels: Labels
        /// Milliseconds, ascending.
        public var timestamps: [Int64]
        public var values: [Double]
        /// Points that are histograms; their times are none of ``timestamps``.
        public var histograms = HistogramColumns()
    }

    public var value: Value
    /// Full texts with positions, each once, in the order they arose.
    public var warnings: [String]
    /// Full texts with positions, each once, in the order they arose.
    public var infos: [String]
    public var statistics: QueryStatistics
    /// What each node of the plan did; nil unless it was asked for.
    public var trace: QueryTrace?
}
