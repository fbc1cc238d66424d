internal import ChunkCoding
public import MetricsModel

/// Reading in slices.
///
/// A search is continued as long as it is current and not finished; where it is not current any more, since
/// the label index was rebuilt, it is begun again.
extension Head {
    /// Begins a search for the series that pass all matchers.
    public func search(_ matchers: [LabelMatcher], _ range: TimeRange) -> SeriesSearch {
        guard mayHaveSamples(in: range) else { return emptySearch(range) }
        let (candidates, tests) = labelIndex.candidates(for: matchers)
        return SeriesSearch(
            matchers: matchers,
            range: range,
            generation: labelGeneration,
            candidates: candidates,
            tests: tests
        )
    }

    /// A search that finds nothing.
    func emptySearch(_ range: TimeRange) -> SeriesSearch {
        SeriesSearch(
            matchers: [],
            range: range,
            generation: labelGeneration,
            candidates: [],
            tests: []
        )
    }

    /// Whether any series may have samples in a range: what was flushed is asked of no series.
    func mayHaveSamples(in range: TimeRange) -> Bool {
        !range.isEmpty && (!cuts.isEmpty || windows.mayHaveSamples(in: range, settings))
    }

    /// Whether a search can be continued.
    public func isCurrent(_ search: SeriesSearch) -> Bool { search.generation == labelGeneration }

    /// The next series that pass all matchers and may have samples in the range, in no particular order, with
    /// their chunks.
    ///
    /// Chunks that overlap the range are given whole, open ones as the streams they are.
    ///
    /// - Parameter limit: How many candidates are looked at.
    public func select(_ search: inout SeriesSearch, limit: Int) -> [HeadSeries] {
        let range = search.range
        var found: [HeadSeries] = []
        visit(&search, limit: limit) { serial, number in
            let chunks = chunks(of: number, in: range)
            guard !chunks.isEmpty else { return }
            found.append(HeadSeries(labels: labelIndex.labels(of: serial), chunks: chunks))
        }
        return found
    }

    /// The label sets of the next series that pass all matchers and have samples in the range, in no
    /// particular order.
    public func series(_ search: inout SeriesSearch, limit: Int) -> [Labels] {
        let range = search.range
        var found: [Labels] = []
        visit(&search, limit: limit) { serial, number in
            if hasSamples(number, in: range) { found.append(labelIndex.labels(of: serial)) }
        }
        return found
    }

    // MARK: All at once

    /// Series that pass all matchers and may have samples in a range; see ``select(_:limit:)``.
    public func select(_ matchers: [LabelMatcher], _ range: TimeRange) -> [HeadSeries] {
        var search = search(matchers, range)
        return select(&search, limit: .max)
    }

    /// Label sets of the series that pass all matchers and have samples in a range, sorted.
    public func series(_ matchers: [LabelMatcher], _ range: TimeRange) -> [Labels] {
        var search = search(matchers, range)
        return series(&search, limit: .max).sorted()
    }

    // MARK: Walking

    /// Calls the body with the next candidates that pass all tests.
    @inline(__always)
    func visit(
        _ search: inout SeriesSearch,
        limit: Int,
        _ body: (_ serial: UInt32, _ number: UInt32) -> Void
    ) {
        precondition(isCurrent(search), "a search in a label index that is no more")
        let end = search.position + min(limit, search.leftCount)
        let distance = 16
        while search.position < end {
            // A few of many series: each would be waited for.
            if search.position + 2 * distance < search.end {
                labelIndex.prefetchPlace(of: search.candidates[search.position + 2 * distance])
                labelIndex.prefetchLabels(of: search.candidates[search.position + distance])
            }
            let serial = search.candidates[search.position]
            search.position += 1
            guard let number = labelIndex.number(of: serial) else { continue }
            var passes = true
            for index in search.tests.indices
            where passes && !search.tests[index].passes(serial, in: labelIndex) {
                passes = false
            }
            if passes { body(serial, number) }
        }
    }

    /// Whether a series has samples in a range.
    ///
    /// Decodes only what reaches over both ends of the range, and only where no first or last time decides.
    func hasSamples(_ number: UInt32, in range: TimeRange) -> Bool {
        let record = records[number]
        // No sample of any kind is newer.
        guard record.pointee.newest >= range.start, !range.isEmpty else { return false }
        let isOpen = record.pointee.sampleCount > 0
        if isOpen, range.contains(record.pointee.newest) { return true }
        if isOpen, range.contains(record.pointee.firstTimestamp) { return true }
        if hasChunk(number, from: range.start, where: { $1.hasEnd(in: range) }) { return true }
        let flags = record.pointee.flags
        if flags.contains(.late), let samples = late[number],
            samples.timestamps.contains(where: { range.contains($0) })
        {
            return true
        }
        if flags.contains(.aside), aside[number]?.contains(in: range) == true { return true }
        if isOpen, record.pointee.firstTimestamp < range.start,
            record.withSamples(
                in: chunks.arena,
                { times, _ in times.contains { range.contains($0) } }
            )
        {
            return true
        }
        return hasChunk(number, from: range.start) { chunk, header in
            header.minTime < range.start && header.maxTime >= range.end
                && chunks.encoded(chunk).hasSamples(in: range)
        }
    }

    /// Whether a closed chunk of a series, cut or not, passes a test that fails for what ends before a time.
    @inline(__always)
    func hasChunk(
        _ number: UInt32,
        from start: Int64,
        where passes: (UInt32, ClosedChunks.Header) -> Bool
    ) -> Bool {
        var chunk = newestChunk(of: number)
        while let (candidate, header) = chunk, header.mayReach(start) {
            if passes(candidate, header) { return true }
            chunk = self.chunk(header.older)
        }
        return false
    }

    /// Calls the body with the first and the last time of each chunk of a series that overlaps a range.
    func visitChunks(
        of number: UInt32,
        in range: TimeRange,
        _ body: (_ minTime: Int64, _ maxTime: Int64) -> Void
    ) {
        let record = records[number]
        if record.pointee.sampleCount > 0, record.pointee.firstTimestamp < range.end,
            record.pointee.newest >= range.start
        {
            body(record.pointee.firstTimestamp, record.pointee.newest)
        }
        visitClosedChunks(of: number, in: range) { body($1.minTime, $1.maxTime) }
        for chunk in chunksApart(of: number, in: range) { body(chunk.minTime, chunk.maxTime) }
    }

    /// Calls the body with each closed chunk of a series that overlaps a range, the newest first.
    @inline(__always)
    private func visitClosedChunks(
        of number: UInt32,
        in range: TimeRange,
        _ body: (UInt32, ClosedChunks.Header) -> Void
    ) {
        var chunk = newestChunk(of: number)
        while let (candidate, header) = chunk, header.mayReach(range.start) {
            if header.maxTime >= range.start, header.minTime < range.end { body(candidate, header) }
            chunk = self.chunk(header.older)
        }
    }

    /// All chunks of a series that overlap a range, by ascending start.
    func chunks(of number: UInt32, in range: TimeRange) -> [EncodedChunk] {
        var found: [EncodedChunk] = []
        let record = records[number]
        guard record.pointee.newest >= range.start, !range.isEmpty else { return [] }
        var count = 1
        visitClosedChunks(of: number, in: range) { _, _ in count += 1 }
        found.reserveCapacity(count)
        if record.pointee.sampleCount > 0, record.pointee.firstTimestamp < range.end {
            found.append(record.streamOpenChunk(in: chunks.arena))
        }
        visitClosedChunks(of: number, in: range) { chunk, _ in found.append(chunks.encoded(chunk)) }
        found.reverse()
        let flags = record.pointee.flags
        guard !found.isAscending || flags.contains(.late) || flags.contains(.aside) else {
            return found
        }
        found += chunksApart(of: number, in: range)
        found.sort { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
        return found
    }

    /// Chunks of the late samples of a series, and of those aside, that overlap a range.
    private func chunksApart(of number: UInt32, in range: TimeRange) -> [EncodedChunk] {
        var found: [EncodedChunk] = []
        let flags = records[number].pointee.flags
        if flags.contains(.late), let samples = late[number] {
            found += samples.chunks(settings).filter { $0.overlaps(range) }
        }
        if flags.contains(.aside), let samples = aside[number] {
            found += samples.chunks(settings).filter { $0.overlaps(range) }
        }
        return found
    }
}

extension ClosedChunks.Header {
    /// Whether the first or the last sample is in a range.
    fileprivate func hasEnd(in range: TimeRange) -> Bool {
        range.contains(minTime) || range.contains(maxTime)
    }
}

extension [EncodedChunk] {
    fileprivate var isAscending: Bool {
        zip(self, dropFirst()).allSatisfy { $0.minTime <= $1.minTime }
    }
}

extension EncodedChunk {
    /// Whether a sample is in a range; decodes the chunk.
    fileprivate func hasSamples(in range: TimeRange) -> Bool {
        var samples = SampleColumns()
        OwnChunks.decode(self, into: &samples)
        return samples.contains(in: range)
    }

    /// Whether a sample may be in a range, as far as the first and last time tell.
    fileprivate func overlaps(_ range: TimeRange) -> Bool {
        !range.isEmpty && maxTime >= range.start && minTime < range.end
    }
}
