/// What a fetch is expected to read, found without reading any sample.
public struct FetchEstimate: Sendable, Hashable {
    /// Series, each counted once wherever it is held.
    public var seriesCount: Int
    /// Whether there may be fewer series, because not all matchers were tried.
    public var isUpperBound: Bool
    /// Samples in the pages of blocks that will be decoded.
    public var storedSampleCount: Int
    /// Bytes of those pages as they are stored.
    public var storedSize: Int
    /// Series of which ingesters hold samples in memory.
    public var recentSeriesCount: Int
    /// Samples in ingesters' memory, from how often the same series were sampled in blocks; nil if no block
    /// tells.
    public var recentSampleCount: Int?

    public init(
        seriesCount: Int = 0,
        isUpperBound: Bool = false,
        storedSampleCount: Int = 0,
        storedSize: Int = 0,
        recentSeriesCount: Int = 0,
        recentSampleCount: Int? = 0
    ) {
        self.seriesCount = seriesCount
        self.isUpperBound = isUpperBound
        self.storedSampleCount = storedSampleCount
        self.storedSize = storedSize
        self.recentSeriesCount = recentSeriesCount
        self.recentSampleCount = recentSampleCount
    }

    /// All samples; nil if nothing tells how many ingesters have.
    public var sampleCount: Int? { recentSampleCount.map { storedSampleCount + $0 } }

    /// The sum over two sets of series that have none in common.
    public static func + (left: FetchEstimate, right: FetchEstimate) -> FetchEstimate {
        var recent: Int?
        if let first = left.recentSampleCount, let second = right.recentSampleCount {
            recent = first + second
        }
        return FetchEstimate(
            seriesCount: left.seriesCount + right.seriesCount,
            isUpperBound: left.isUpperBound || right.isUpperBound,
            storedSampleCount: left.storedSampleCount + right.storedSampleCount,
            storedSize: left.storedSize + right.storedSize,
            recentSeriesCount: left.recentSeriesCount + right.recentSeriesCount,
            recentSampleCount: recent
        )
    }
}
