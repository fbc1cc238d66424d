internal import MetricsModel

/// The series of another source with hints on resets of histograms that storage did not know.
struct ComparedHistograms: SeriesSource {
    let source: any SeriesSource
    /// The samples that matter; those before are not compared with.
    let range: TimeRange

    var count: Int { source.count }

    func labels(at index: Int) -> Labels { source.labels(at: index) }

    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        source.withKey(at: index, body)
    }

    func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        source.withName(at: index, body)
    }

    func keys(_ projection: LabelProjection) -> any SeriesKeys { source.keys(projection) }

    func hasLabels(in names: LabelNameSet) -> Bool { source.hasLabels(in: names) }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        try source.read(index, into: &columns)
        guard !columns.histograms.isEmpty else { return }
        var previous: Histogram?
        for index in columns.histograms.values.indices
        where range.contains(columns.histograms.timestamps[index]) {
            let histogram = columns.histograms.values[index]
            guard !histogram.isStaleMarker else {
                previous = nil
                continue
            }
            columns.histograms.values[index].resetHint = histogram.resolvedHint(after: previous)
            previous = histogram
        }
    }
}
