extension SampleColumns {
    /// Takes out the samples, of both kinds, whose time satisfies a predicate.
    public mutating func removeAll(where isUnwanted: (Int64) -> Bool) {
        let floats = timestamps.indices.filter { !isUnwanted(timestamps[$0]) }
        if floats.count < timestamps.count {
            let hasStarts = !startTimestamps.isEmpty
            self = SampleColumns(
                timestamps: floats.map { timestamps[$0] },
                values: floats.map { values[$0] },
                startTimestamps: hasStarts ? floats.map { startTimestamps[$0] } : [],
                histograms: histograms
            )
        }
        let kept = histograms.timestamps.indices.filter { !isUnwanted(histograms.timestamps[$0]) }
        if kept.count < histograms.timestamps.count {
            let hasStarts = !histograms.startTimestamps.isEmpty
            histograms = HistogramColumns(
                timestamps: kept.map { histograms.timestamps[$0] },
                values: kept.map { histograms.values[$0] },
                startTimestamps: hasStarts ? kept.map { histograms.startTimestamps[$0] } : []
            )
        }
    }

    /// Takes out the samples before a time, which costs nothing where there are none.
    public mutating func removeAll(before time: Int64) {
        let first = min(timestamps.first ?? .max, histograms.timestamps.first ?? .max)
        if first < time { removeAll { $0 < time } }
    }

    /// Samples of both kinds in a range.
    public func count(in range: TimeRange) -> Int {
        Self.count(timestamps, in: range) + Self.count(histograms.timestamps, in: range)
    }

    private static func count(_ ascending: [Int64], in range: TimeRange) -> Int {
        guard let first = ascending.firstIndex(where: { $0 >= range.start }) else { return 0 }
        return ascending[first...].prefix { $0 < range.end }.count
    }

    /// Appends samples that are later than all that are there, or come before them in another source.
    public mutating func append(_ more: SampleColumns) {
        if startTimestamps.isEmpty, !more.startTimestamps.isEmpty {
            startTimestamps = [Int64](repeating: 0, count: timestamps.count)
        }
        timestamps += more.timestamps
        values += more.values
        startTimestamps += more.startTimestamps
        fillStarts()
        if histograms.startTimestamps.isEmpty, !more.histograms.startTimestamps.isEmpty {
            histograms.startTimestamps = [Int64](repeating: 0, count: histograms.timestamps.count)
        }
        histograms.timestamps += more.histograms.timestamps
        histograms.values += more.histograms.values
        histograms.startTimestamps += more.histograms.startTimestamps
        histograms.fillStarts()
    }
}
