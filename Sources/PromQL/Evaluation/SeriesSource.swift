public import MetricsModel

/// The series of one selector, whose samples are decoded when an evaluation comes to them.
///
/// An evaluation reads series from several threads at once, most of them exactly once.
public protocol SeriesSource: Sendable {
    var count: Int { get }

    /// The labels of a series; they ascend with the index, and no two are equal.
    func labels(at index: Int) -> Labels

    /// Replaces what is in `columns` by the samples of a series.
    ///
    /// Samples outside the planned range may be among them; they change nothing.
    ///
    /// - Throws: What says why the samples cannot be had; the query fails with it.
    func read(_ index: Int, into columns: inout SampleColumns) throws
}

/// Series that are in memory as they are.
public struct SeriesList: SeriesSource {
    private let series: [SeriesSamples]

    /// - Precondition: sorted by labels, which differ.
    public init(_ series: [SeriesSamples]) {
        self.series = series
    }

    public var count: Int { series.count }

    public func labels(at index: Int) -> Labels { series[index].labels }

    public func read(_ index: Int, into columns: inout SampleColumns) {
        columns = series[index].samples
    }
}
