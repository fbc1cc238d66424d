internal import MetricsModel

extension SampleColumns {
    /// Only the samples in a range.
    func clipped(to range: TimeRange) -> SampleColumns {
        let floats = timestamps.indexes(in: range)
        let points = histograms.timestamps.indexes(in: range)
        return SampleColumns(
            timestamps: Array(timestamps[floats]),
            values: Array(values[floats]),
            startTimestamps: startTimestamps.isEmpty ? [] : Array(startTimestamps[floats]),
            histograms: HistogramColumns(
                timestamps: Array(histograms.timestamps[points]),
                values: Array(histograms.values[points]),
                startTimestamps: histograms.startTimestamps.isEmpty
                    ? [] : Array(histograms.startTimestamps[points])
            )
        )
    }
}

extension [Int64] {
    /// Where ascending times are in a range.
    fileprivate func indexes(in range: TimeRange) -> Range<Int> {
        let start = firstIndex { $0 >= range.start } ?? count
        let end = firstIndex { $0 >= range.end } ?? count
        // An empty range may end before it starts.
        return start..<Swift.max(start, end)
    }
}
