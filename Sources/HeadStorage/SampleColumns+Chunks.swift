internal import ChunkCoding
internal import MetricsModel

/// What the head does with samples by columns; timestamps of each kind ascend.
extension SampleColumns {
    func value(at timestamp: Int64) -> KnownValue? {
        let float = timestamps.position(of: timestamp)
        if float < timestamps.count, timestamps[float] == timestamp {
            return .float(bits: values[float].bitPattern)
        }
        let index = histograms.timestamps.position(of: timestamp)
        guard index < histograms.timestamps.count, histograms.timestamps[index] == timestamp else {
            return nil
        }
        return .histogram(histograms.values[index])
    }

    func contains(in range: TimeRange) -> Bool {
        timestamps.contains { range.contains($0) }
            || histograms.timestamps.contains { range.contains($0) }
    }

    /// The samples before a time, and those from it on.
    func split(at time: Int64) -> (before: SampleColumns, after: SampleColumns) {
        let floats = timestamps.position(of: time)
        let histogramCount = histograms.timestamps.position(of: time)
        var before = SampleColumns()
        before.append(self, floats: 0..<floats, histograms: 0..<histogramCount)
        var after = SampleColumns()
        after.append(
            self,
            floats: floats..<timestamps.count,
            histograms: histogramCount..<histograms.timestamps.count
        )
        return (before, after)
    }

    private mutating func append(
        _ other: SampleColumns,
        floats: Range<Int>,
        histograms range: Range<Int>
    ) {
        timestamps.append(contentsOf: other.timestamps[floats])
        values.append(contentsOf: other.values[floats])
        if !other.startTimestamps.isEmpty {
            startTimestamps.append(contentsOf: other.startTimestamps[floats])
        }
        histograms.timestamps.append(contentsOf: other.histograms.timestamps[range])
        histograms.values.append(contentsOf: other.histograms.values[range])
        if !other.histograms.startTimestamps.isEmpty {
            histograms.startTimestamps.append(contentsOf: other.histograms.startTimestamps[range])
        }
    }

    /// The samples as chunks by ascending start, none of which crosses the border of a window or has more
    /// samples than a chunk may.
    func chunks(_ settings: HeadSettings) -> [EncodedChunk] {
        var chunks: [EncodedChunk] = []
        for part in settings.parts(of: timestamps) {
            chunks.append(floatChunk(part))
        }
        for part in settings.parts(of: histograms.timestamps) {
            appendHistogramChunks(part, to: &chunks)
        }
        chunks.sort { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
        return chunks
    }

    private func floatChunk(_ part: Range<Int>) -> EncodedChunk {
        EncodedChunk(
            timestamps: timestamps.span.extracting(part),
            values: values.span.extracting(part),
            starts: startTimestamps.span.extracting(startTimestamps.isEmpty ? 0..<0 : part)
        )
    }

    private func appendHistogramChunks(_ part: Range<Int>, to chunks: inout [EncodedChunk]) {
        var start = part.lowerBound
        while start < part.upperBound {
            var capacity = HistogramColumn.Capacity(maximumCount: part.count)
            var end = start
            while end < part.upperBound, capacity.add(histograms.values[end]) { end += 1 }
            let starts = histograms.startTimestamps
            chunks.append(
                EncodedChunk(
                    timestamps: histograms.timestamps.span.extracting(start..<end),
                    histograms: histograms.values[start..<end],
                    starts: starts.span.extracting(starts.isEmpty ? 0..<0 : start..<end)
                )
            )
            start = end
        }
    }
}

extension HeadSettings {
    /// Ranges of ascending timestamps in one window each, with at most as many as a chunk may have.
    func parts(of timestamps: [Int64]) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while start < timestamps.count {
            let windowEnd = windowEnd(ofStart: windowStart(of: timestamps[start]))
            var end = start + 1
            while end < timestamps.count, end - start < samplesPerChunk,
                timestamps[end] < windowEnd
            {
                end += 1
            }
            parts.append(start..<end)
            start = end
        }
        return parts
    }
}
