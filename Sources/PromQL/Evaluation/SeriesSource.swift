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

    /// Calls the body with the canonical key of a series' labels.
    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void)

    /// Calls the body with the name of a series' metric, empty where it has none.
    func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void)

    /// What writes the keys of series less the labels that a projection drops.
    func keys(_ projection: LabelProjection) -> any SeriesKeys

    /// Whether a series has a label of one of these names.
    func hasLabels(in names: LabelNameSet) -> Bool

    /// Replaces what is in `columns` by the samples of a series.
    ///
    /// Samples outside the planned range may be among them; they change nothing.
    ///
    /// - Throws: What says why the samples cannot be had; the query fails with it.
    func read(_ index: Int, into columns: inout SampleColumns) throws

    /// The same where perhaps not all values matter.
    func read(_ index: Int, needed: NeededValues, into columns: inout SampleColumns) throws
}

extension SeriesSource {
    public func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        labels(at: index).key.withUnsafeBufferPointer(body)
    }

    public func read(
        _ index: Int,
        needed: NeededValues,
        into columns: inout SampleColumns
    ) throws {
        try read(index, into: &columns)
    }

    public func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        labels(at: index).withValue(of: Labels.metricName, body)
    }

    public func keys(_ projection: LabelProjection) -> any SeriesKeys {
        ProjectedKeys(source: self, projection: projection)
    }

    public func hasLabels(in names: LabelNameSet) -> Bool {
        var found = false
        for index in 0..<count where !found {
            withKey(at: index) { found = names.containsName(of: $0) }
        }
        return found
    }
}

/// The keys of the series of a source, each without some labels.
public protocol SeriesKeys: Sendable {
    /// Appends the key of a series, canonical as its labels are.
    func append(_ index: Int, to key: inout [UInt8])
}

/// Keys made of the labels of each series.
private struct ProjectedKeys<Source: SeriesSource>: SeriesKeys {
    let source: Source
    let projection: LabelProjection

    func append(_ index: Int, to key: inout [UInt8]) {
        guard !projection.isEmpty else { return }
        source.withKey(at: index) { projection.project($0, into: &key) }
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
