internal import CHashing
internal import ChunkCoding
internal import MetricsModel

/// Encodes the samples of series into columns, and lists of timestamps that several series share only once.
struct SeriesEncoder: Sendable {
    /// The window of the block, half-open, in milliseconds.
    let range: TimeRange
    private(set) var arenas = BlockLayoutPass.Arenas()
    private(set) var sampleCount = 0
    /// The earliest and the latest timestamp so far; those of no sample where there is none.
    private(set) var minTime = Int64.max
    private(set) var maxTime = Int64.min
    /// First timestamp column of each distinct list of timestamps; 128 bits of hash are trusted.
    private var knownTimestamps: [TimestampsKey: Int] = [:]

    init(range: TimeRange) {
        self.range = range
    }

    /// Whether any series had what version 1 of a block cannot hold.
    var needsNewestVersion: Bool { arenas.starts.count + arenas.histograms.count > 0 }

    /// Bytes in memory, about.
    var size: Int { arenas.size + knownTimestamps.count * 64 }

    /// Encodes all samples of one series.
    ///
    /// - Precondition: There is at least one sample; timestamps of each kind strictly increase and are in
    ///   ``range``; histograms are ``Histogram/isStorable``.
    mutating func encode(
        labels: Labels,
        fingerprint: Fingerprint,
        samples: SampleColumns,
        exemplars: [Exemplar] = []
    ) -> PendingSeries {
        precondition(!samples.isEmpty, "a series in a block has samples")
        note(samples.timestamps)
        note(samples.histograms.timestamps)
        let hasStarts = samples.startTimestamps.contains { $0 != 0 }
        let firstTimestampColumn =
            samples.timestamps.isEmpty ? 0 : addTimestamps(samples.timestamps)
        let firstHistogramChunk = arenas.histograms.count
        addHistograms(samples.histograms)
        let pending = PendingSeries(
            labels: labels,
            metric: labels.metricNameBytes,
            digest: SeriesDigest(fingerprint: fingerprint, samples: samples),
            floatCount: samples.timestamps.count,
            firstTimestampColumn: firstTimestampColumn,
            firstValueColumn: arenas.values.count,
            firstStartColumn: hasStarts ? arenas.starts.count : nil,
            histogramChunks: firstHistogramChunk..<arenas.histograms.count,
            exemplars: exemplars
        )
        arenas.values.append(samples.values.count) { range, bytes in
            ValueColumn.encode(samples.values.span.extracting(range), into: &bytes)
        }
        if hasStarts {
            arenas.starts.append(samples.startTimestamps.count) { range, bytes in
                StartColumn.encode(
                    samples.startTimestamps.span.extracting(range),
                    timestamps: samples.timestamps.span.extracting(range),
                    into: &bytes
                )
            }
        }
        sampleCount += samples.count
        return pending
    }

    /// Lets go of all columns, which have been laid out; lists of timestamps stay known.
    mutating func forgetColumns() { arenas.forgetAll() }

    /// Takes note of the first and last of ascending timestamps.
    private mutating func note(_ timestamps: [Int64]) {
        guard let first = timestamps.first, let last = timestamps.last else { return }
        precondition(range.contains(first) && range.contains(last), "samples outside \(range)")
        minTime = min(minTime, first)
        maxTime = max(maxTime, last)
    }

    private mutating func addHistograms(_ columns: HistogramColumns) {
        var start = 0
        while start < columns.timestamps.count {
            var capacity = HistogramColumn.Capacity(maximumCount: BlockLayout.histogramsPerChunk)
            var end = start
            while end < columns.values.count, capacity.add(columns.values[end]) { end += 1 }
            let starts = columns.startTimestamps
            arenas.histograms.append { bytes in
                HistogramChunk.encode(
                    timestamps: columns.timestamps.span.extracting(start..<end),
                    histograms: columns.values[start..<end],
                    starts: starts.span.extracting(starts.isEmpty ? 0..<0 : start..<end),
                    into: &bytes
                )
            }
            start = end
        }
    }

    /// Stores a list of timestamps unless it is known; returns its first column.
    private mutating func addTimestamps(_ timestamps: [Int64]) -> Int {
        let hash = timestamps.withUnsafeBytes {
            engram_xxh3_128_with_seed($0.baseAddress, $0.count, 0)
        }
        let key = TimestampsKey(high: hash.high, low: hash.low, count: timestamps.count)
        if let known = knownTimestamps[key] { return known }
        let first = arenas.timestamps.count
        knownTimestamps[key] = first
        arenas.timestamps.append(timestamps.count) { range, bytes in
            TimestampColumn.encode(timestamps.span.extracting(range), into: &bytes)
        }
        return first
    }

    private struct TimestampsKey: Hashable {
        let high: UInt64
        let low: UInt64
        let count: Int
    }
}
