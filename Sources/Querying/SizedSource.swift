internal import PromQL

/// Series of which it is known how much there is to read.
protocol SizedSource: SeriesSource {
    /// Samples of all series in all places, about; a histogram counts as many.
    var size: Int { get }
}
