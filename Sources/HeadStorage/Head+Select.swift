internal import ChunkCoding
public import MetricsModel

extension Head {
    /// Series that pass all matchers and may have samples in a range, in no particular order, with their chunks.
    ///
    /// Chunks that overlap the range are given whole, open ones as the streams they are.
    public func select(_ matchers: [LabelMatcher], _ range: TimeRange) -> [HeadSeries] {
        var found: [HeadSeries] = []
        for serial in labelIndex.series(matching: matchers) {
            guard let number = labelIndex.number(of: serial) else { continue }
            let chunks = chunks(of: number, in: range)
            guard !chunks.isEmpty else { continue }
            found.append(HeadSeries(labels: labelIndex.labels(of: serial), chunks: chunks))
        }
        return found
    }

    /// Label sets of the series that pass all matchers and have samples in a range, sorted.
    public func series(_ matchers: [LabelMatcher], _ range: TimeRange) -> [Labels] {
        serials(matchers, range).map { labelIndex.labels(of: $0) }.sorted()
    }

    /// Label names of these series, in the order of their bytes.
    public func labelNames(_ matchers: [LabelMatcher], _ range: TimeRange) -> [String] {
        var pairs = [Bool](repeating: false, count: labelIndex.pairNames.count)
        for serial in serials(matchers, range) {
            for pair in labelIndex.pairs(of: serial) { pairs[Int(pair)] = true }
        }
        var names = Set<UInt32>()
        for pair in pairs.indices where pairs[pair] { names.insert(labelIndex.pairNames[pair]) }
        return labelIndex.symbols.sortedStrings(names)
    }

    /// Values that a label has in these series, in the order of their bytes.
    public func labelValues(
        _ name: String,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> [String] {
        guard let symbol = labelIndex.symbols.find(name),
            let pairs = labelIndex.pairsOfName[symbol]
        else { return [] }
        guard !matchers.isEmpty else {
            let used = pairs.filter { pair in
                labelIndex.serials(with: pair).contains { hasSamples($0, in: range) }
            }
            return strings(ofValues: used)
        }
        var used = Set<UInt32>()
        for serial in serials(matchers, range) {
            for pair in labelIndex.pairs(of: serial)
            where labelIndex.pairNames[Int(pair)] == symbol {
                used.insert(pair)
            }
        }
        return strings(ofValues: Array(used))
    }

    private func strings(ofValues pairs: [UInt32]) -> [String] {
        labelIndex.symbols.sortedStrings(pairs.map { labelIndex.pairValues[Int($0)] })
    }

    private func serials(_ matchers: [LabelMatcher], _ range: TimeRange) -> [UInt32] {
        labelIndex.series(matching: matchers).filter { hasSamples($0, in: range) }
    }

    /// Whether a series has samples in a range; where chunks reach over its ends, they are decoded.
    private func hasSamples(_ serial: UInt32, in range: TimeRange) -> Bool {
        guard let number = labelIndex.number(of: serial) else { return false }
        let record = records[number]
        if record.pointee.sampleCount > 0 {
            let newest = record.pointee.newest
            if range.contains(newest) || range.contains(record.firstTimestamp) { return true }
            if newest >= range.end, record.firstTimestamp < range.start {
                let isHit = record.withSamples { timestamps, _ in
                    timestamps.contains { range.contains($0) }
                }
                if isHit { return true }
            }
        }
        let detail = details[Int(number)]
        if detail.chunks.contains(where: { $0.hasSamples(in: range) }) { return true }
        if detail.hasLateSamples, let samples = late[number],
            samples.timestamps.contains(where: { range.contains($0) })
        {
            return true
        }
        if detail.hasAside, aside[number]?.contains(in: range) == true { return true }
        guard detail.pendingCutCount > 0 else { return false }
        return cuts.contains { cut in
            cut.chunks(of: number).contains { $0.hasSamples(in: range) }
        }
    }

    /// All chunks of a series that overlap a range, by ascending start.
    private func chunks(of number: UInt32, in range: TimeRange) -> [EncodedChunk] {
        var chunks: [EncodedChunk] = []
        let detail = details[Int(number)]
        if detail.pendingCutCount > 0 {
            for cut in cuts { chunks += cut.chunks(of: number).filter { $0.overlaps(range) } }
        }
        for chunk in detail.chunks where chunk.overlaps(range) { chunks.append(chunk) }
        let record = records[number]
        if record.pointee.sampleCount > 0, record.pointee.newest >= range.start,
            record.firstTimestamp < range.end
        {
            chunks.append(record.streamOpenChunk())
        }
        guard detail.hasLateSamples || detail.hasAside || detail.pendingCutCount > 0 else {
            return chunks
        }
        if detail.hasLateSamples, let samples = late[number] {
            chunks += samples.chunks(settings).filter { $0.overlaps(range) }
        }
        if detail.hasAside, let samples = aside[number] {
            chunks += samples.chunks(settings).filter { $0.overlaps(range) }
        }
        chunks.sort { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
        return chunks
    }
}

extension EncodedChunk {
    /// Whether a sample is in a range; decodes only a chunk that reaches over both ends.
    fileprivate func hasSamples(in range: TimeRange) -> Bool {
        guard overlaps(range) else { return false }
        if range.contains(minTime) || range.contains(maxTime) { return true }
        var samples = SampleColumns()
        OwnChunks.decode(self, into: &samples)
        return samples.contains(in: range)
    }

    /// Whether a sample may be in a range, as far as the first and last time tell.
    fileprivate func overlaps(_ range: TimeRange) -> Bool {
        !range.isEmpty && maxTime >= range.start && minTime < range.end
    }
}
