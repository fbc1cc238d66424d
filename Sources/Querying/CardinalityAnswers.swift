public import MetricsModel

/// What the series of a range are made of, as `status/tsdb` shows it.
public struct SeriesStatistics: Sendable, Equatable {
    public var seriesCount: Int
    /// Distinct labels.
    public var labelPairCount: Int
    /// Chunks in ingesters and blocks that overlap the range; copies count each.
    public var chunkCount: Int
    /// From the first to one past the last time of what was counted, not beyond the asked range by more than a
    /// chunk or block; empty where there is nothing.
    public var range: TimeRange
    public var seriesByMetric: CountRanking
    /// Distinct values by label name.
    public var valuesByLabel: CountRanking
    /// Bytes of values by label name, once for each series that has them.
    public var bytesByLabel: CountRanking
    /// Series by `name=value`.
    public var seriesByLabelPair: CountRanking
}

/// How many values each label has.
public struct LabelNameCounts: Sendable, Equatable {
    /// Distinct labels of all names.
    public var valueCount: Int
    public var nameCount: Int
    /// Distinct values by label name.
    public var names: CountRanking
}

/// How many series have each value of some labels.
public struct LabelValueCounts: Sendable, Equatable {
    /// One of the labels.
    public struct Label: Sendable, Equatable {
        public var name: String
        public var valueCount: Int
        /// Series that have the label.
        public var seriesCount: Int
        /// Series by value.
        public var values: CountRanking
    }

    /// Series that pass, whether or not they have any of the labels.
    public var seriesCount: Int
    /// Those with most series first, equal ones by name.
    public var labels: [Label]
}
