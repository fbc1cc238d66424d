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
        guard !matchers.isEmpty else {
            let used = labelIndex.pairsOfName.filter { _, pairs in
                pairs.contains { isUsed($0, in: range) }
            }
            return labelIndex.symbols.sortedStrings(used.keys)
        }
        var isFound = [Bool](repeating: false, count: labelIndex.symbols.count)
        var names: [UInt32] = []
        for serial in labelIndex.series(matching: matchers) {
            let pairs = labelIndex.pairs(of: serial)
            // A series that adds no name is not asked for its samples.
            let addsName = pairs.contains { !isFound[Int(labelIndex.pairNames[Int($0)])] }
            guard addsName, hasSamples(serial, in: range) else { continue }
            for pair in pairs {
                let name = labelIndex.pairNames[Int(pair)]
                guard !isFound[Int(name)] else { continue }
                isFound[Int(name)] = true
                names.append(name)
            }
        }
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
        let used =
            matchers.isEmpty
            ? pairs.filter { isUsed($0, in: range) }
            : self.pairs(pairs, named: symbol, matchers, range)
        return labelIndex.symbols.sortedStrings(used.map { labelIndex.pairValues[Int($0)] })
    }

    /// Which of the pairs of one name, ascending, the series have that pass matchers.
    private func pairs(
        _ pairs: [UInt32],
        named name: UInt32,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> [UInt32] {
        guard let first = pairs.first, let last = pairs.last else { return [] }
        var isFound = [Bool](repeating: false, count: Int(last - first) + 1)
        var found: [UInt32] = []
        for serial in labelIndex.series(matching: matchers) {
            let own = labelIndex.pairs(of: serial)
            guard let pair = own.first(where: { labelIndex.pairNames[Int($0)] == name }),
                !isFound[Int(pair - first)], hasSamples(serial, in: range)
            else { continue }
            isFound[Int(pair - first)] = true
            found.append(pair)
            if found.count == pairs.count { break }
        }
        return found
    }

    /// Whether a series with a pair has samples in a range.
    private func isUsed(_ pair: UInt32, in range: TimeRange) -> Bool {
        labelIndex.hasSeries(with: pair) { hasSamples($0, in: range) }
    }

    private func serials(_ matchers: [LabelMatcher], _ range: TimeRange) -> [UInt32] {
        labelIndex.series(matching: matchers).filter { hasSamples($0, in: range) }
    }

    /// Whether a series has samples in a range.
    ///
    /// Decodes only what reaches over both ends of the range, and only where no first or last time decides.
    private func hasSamples(_ serial: UInt32, in range: TimeRange) -> Bool {
        guard let number = labelIndex.number(of: serial) else { return false }
        let record = records[number]
        // No sample of any kind is newer.
        guard record.pointee.newest >= range.start else { return false }
        if record.pointee.sampleCount > 0,
            range.contains(record.pointee.newest) || range.contains(record.firstTimestamp)
        {
            return true
        }
        if hasChunk(number, where: { $0.hasEnd(in: range) }) { return true }
        let index = Int(number)
        if details[index].hasLateSamples, let samples = late[number],
            samples.timestamps.contains(where: { range.contains($0) })
        {
            return true
        }
        if details[index].hasAside, aside[number]?.contains(in: range) == true { return true }
        if record.pointee.sampleCount > 0, record.firstTimestamp < range.start,
            record.withSamples({ times, _ in times.contains { range.contains($0) } })
        {
            return true
        }
        return hasChunk(number) { $0.hasSamplesInside(range) }
    }

    /// Whether a closed chunk of a series, cut or not, passes a test.
    private func hasChunk(_ number: UInt32, where passes: (EncodedChunk) -> Bool) -> Bool {
        let index = Int(number)
        if details[index].chunks.contains(where: passes) { return true }
        guard details[index].pendingCutCount > 0 else { return false }
        return cuts.contains { $0.chunks(of: number).contains(where: passes) }
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
    /// Whether the first or the last sample is in a range.
    fileprivate func hasEnd(in range: TimeRange) -> Bool {
        range.contains(minTime) || range.contains(maxTime)
    }

    /// Whether a chunk that reaches over both ends of a range has a sample in it; decodes the chunk.
    fileprivate func hasSamplesInside(_ range: TimeRange) -> Bool {
        guard !range.isEmpty, minTime < range.start, maxTime >= range.end else { return false }
        var samples = SampleColumns()
        OwnChunks.decode(self, into: &samples)
        return samples.contains(in: range)
    }

    /// Whether a sample may be in a range, as far as the first and last time tell.
    fileprivate func overlaps(_ range: TimeRange) -> Bool {
        !range.isEmpty && maxTime >= range.start && minTime < range.end
    }
}
