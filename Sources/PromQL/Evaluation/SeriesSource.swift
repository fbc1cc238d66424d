public import MetricsModel

/// The series of one selector, whose samples are decoded when an evaluation comes to them.
///
/// An evaluation reads series from several threads at once, most of them exactly once.
public protocol SeriesSource: Sendable {
    var count: Int { get }

    /// The labels of a series; no two are equal.
    ///
    /// Series come in any order that depends on the series alone: results follow it where they add up.
    func labels(at index: Int) -> Labels

    /// Calls the body with the canonical key of a series' labels, in place.
    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void)

    /// Replaces what is in `columns` by the samples of a series.
    ///
    /// Samples outside the planned range may be among them; they change nothing.
    ///
    /// - Throws: What says why the samples cannot be had; the query fails with it.
    func read(_ index: Int, into columns: inout SampleColumns) throws
}

extension SeriesSource {
    public func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        labels(at: index).key.withUnsafeBufferPointer(body)
    }

    /// Whether a series has a label that describes a metric besides its name.
    var hasMetadataLabels: Bool {
        var found = false
        for index in 0..<count where !found {
            withKey(at: index) { key in
                var cursor = LabelCursor(key)
                while let (name, _) = cursor.next() {
                    // Names ascend, and these two come next after that of the metric.
                    if LabelNameSet.metadata.contains(name) { found = true }
                    if found || (name.first ?? 0) > UInt8(ascii: "_") { break }
                }
            }
        }
        return found
    }
}

/// Series that are in memory as they are.
public struct SeriesList: SeriesSource {
    private let series: [SeriesSamples]

    /// - Precondition: labels differ.
    public init(_ series: [SeriesSamples]) {
        self.series = series
    }

    public var count: Int { series.count }

    public func labels(at index: Int) -> Labels { series[index].labels }

    public func read(_ index: Int, into columns: inout SampleColumns) {
        columns = series[index].samples
    }
}
