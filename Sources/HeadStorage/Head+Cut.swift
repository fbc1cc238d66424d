internal import ChunkCoding
public import MetricsModel

extension Head {
    /// Sets apart all samples before a time, to be stored elsewhere; they stay readable.
    ///
    /// Later appends, also of late samples, do not touch them. Windows with an end at or before `end`
    /// cost little; a chunk that reaches over `end` is split.
    ///
    /// - Parameters:
    ///   - id: Names the cut from now on; not that of a pending cut.
    ///   - end: Milliseconds, excluded.
    /// - Returns: false, and nothing changed, if there is no such sample or `id` is pending already.
    public mutating func beginCut(id: UInt64, before end: Int64) -> Bool {
        guard !cuts.contains(where: { $0.id == id }) else { return false }
        var parts: [HeadCut.Part] = []
        for number in 0..<UInt32(records.count) where records[number].pointee.isLive {
            let chunks = takeChunks(of: number, before: end)
            guard !chunks.isEmpty else { continue }
            details[Int(number)].pendingCutCount += 1
            parts.append(HeadCut.Part(number: number, chunks: chunks))
        }
        guard !parts.isEmpty else { return false }
        var cut = HeadCut(id: id, before: end, oldestSegment: windows.cut(before: end, settings))
        cut.windows = windowStarts(of: parts)
        cut.series = parts
        cuts.append(cut)
        return true
    }

    /// Pending cuts, in the order in which they began.
    public var pendingCuts: [(id: UInt64, before: Int64)] { cuts.map { ($0.id, $0.before) } }

    /// Starts of the windows that a cut has samples in, ascending; none for an unknown cut.
    public func cutWindows(_ id: UInt64) -> [Int64] { cut(id)?.windows ?? [] }

    /// How many series a cut has, in all windows together.
    public func cutSeriesCount(_ id: UInt64) -> Int { cut(id)?.series.count ?? 0 }

    /// A cut's series with samples in a window, in no particular order of labels.
    ///
    /// Copies labels and shares chunks, so that a lock on the head need not be held for decoding; a
    /// slice at a time keeps it short.
    ///
    /// - Parameter slice: Positions in the cut, 0 ..< ``cutSeriesCount(_:)``; they do not change.
    public func cutSeries(_ id: UInt64, window: Int64, slice: Range<Int>) -> [CutSeries] {
        guard let cut = cut(id) else { return [] }
        let end = settings.windowEnd(ofStart: window)
        return cut.series[slice.clamped(to: cut.series.indices)].compactMap { part in
            let chunks = part.chunks.filter { $0.minTime >= window && $0.minTime < end }
            guard !chunks.isEmpty else { return nil }
            let detail = details[Int(part.number)]
            return CutSeries(
                labels: labelIndex.labels(of: detail.serial),
                fingerprint: detail.fingerprint,
                chunks: chunks
            )
        }
    }

    /// Calls the body with each series of a cut in a window and its samples, ascending and unique.
    public func forEachCutSeries(
        _ id: UInt64,
        window: Int64,
        body: (Labels, Fingerprint, _ samples: SampleColumns) -> Void
    ) {
        let count = cutSeriesCount(id)
        for start in stride(from: 0, to: count, by: 256) {
            for series in cutSeries(id, window: window, slice: start..<start + 256) {
                var samples = SampleColumns()
                series.decode(into: &samples)
                body(series.labels, series.fingerprint, samples)
            }
        }
    }

    /// Drops a cut's samples, and all series without samples in memory that are idle.
    ///
    /// An unknown cut is none: after a restart its beginning may have been dropped with its samples.
    ///
    /// - Parameter idle: Series whose newest sample is before this time (ms) leave memory; the end of
    ///   the cut if nil.
    /// - Returns: the memory, for a caller that holds a lock: freed after the lock is given up, it keeps
    ///   nobody waiting.
    @discardableResult
    public mutating func finishCut(
        _ id: UInt64,
        removingSeriesIdleSince idle: Int64? = nil
    ) -> DroppedSamples {
        guard let index = cuts.firstIndex(where: { $0.id == id }) else { return DroppedSamples() }
        let cut = cuts.remove(at: index)
        for part in cut.series {
            details[Int(part.number)].pendingCutCount -= 1
            for chunk in part.chunks {
                counts.samples -= chunk.count
                counts.chunkBytes -= chunk.memorySize
            }
        }
        removeSeries(idleSince: idle ?? cut.before)
        return DroppedSamples(series: cut.series)
    }

    private func cut(_ id: UInt64) -> HeadCut? { cuts.first { $0.id == id } }

    private mutating func removeSeries(idleSince time: Int64) {
        for number in 0..<UInt32(records.count) {
            let record = records[number]
            guard record.pointee.isLive, record.pointee.sampleCount == 0,
                record.pointee.newest < time
            else { continue }
            let detail = details[Int(number)]
            guard detail.pendingCutCount == 0, detail.chunks.isEmpty, !detail.hasLateSamples,
                !detail.hasAside || aside[number]?.isEmpty != false
            else { continue }
            remove(number)
        }
        compactLabelsIfWorthwhile()
    }

    /// Takes all samples of a series before a time, as chunks by ascending start.
    private mutating func takeChunks(of number: UInt32, before end: Int64) -> [EncodedChunk] {
        var taken = takeClosedChunks(of: number, before: end)
        if let chunk = takeOpenChunk(of: number, before: end) {
            OwnChunks.insert(chunk, into: &taken)
        }
        for chunk in takeAside(of: number, before: end) { OwnChunks.insert(chunk, into: &taken) }
        guard details[Int(number)].hasLateSamples else { return taken }
        guard let samples = late[number]?.removeAll(before: end) else { return taken }
        if late[number]?.count == 0 {
            late.removeValue(forKey: number)
            details[Int(number)].hasLateSamples = false
        }
        for chunk in samples.chunks(settings) {
            counts.chunkBytes += chunk.memorySize
            OwnChunks.insert(chunk, into: &taken)
        }
        return taken
    }

    private mutating func takeClosedChunks(
        of number: UInt32,
        before end: Int64
    ) -> [EncodedChunk] {
        let chunks = details[Int(number)].chunks
        guard let first = chunks.first, first.minTime < end else { return [] }
        guard chunks.contains(where: { $0.maxTime >= end }) else {
            details[Int(number)].chunks = []
            return chunks
        }
        var taken: [EncodedChunk] = []
        var kept: [EncodedChunk] = []
        for chunk in chunks {
            if chunk.maxTime < end {
                taken.append(chunk)
            } else if chunk.minTime >= end {
                kept.append(chunk)
            } else {
                let (before, after) = chunk.split(at: end)
                counts.chunkBytes += before.memorySize + after.memorySize - chunk.memorySize
                taken.append(before)
                OwnChunks.insert(after, into: &kept)
            }
        }
        kept.sort { $0.minTime < $1.minTime }
        details[Int(number)].chunks = kept
        return taken
    }

    /// Takes the samples of the open chunk before a time; those behind it stay open.
    private mutating func takeOpenChunk(of number: UInt32, before end: Int64) -> EncodedChunk? {
        let record = records[number]
        guard record.pointee.sampleCount > 0 else { return nil }
        // The common case, decided without a look at the chunk's first bytes.
        let windowStart = record.pointee.windowEnd.subtractingReportingOverflow(
            settings.windowDuration
        )
        if !windowStart.overflow, windowStart.partialValue >= end { return nil }
        guard record.firstTimestamp < end else { return nil }
        let windowEnd = record.pointee.windowEnd
        let newest = record.pointee.newest
        let chunk = takeOpenChunk(number)
        guard newest >= end else {
            counts.chunkBytes += chunk.memorySize
            return chunk
        }
        var samples = SampleColumns()
        OwnChunks.decode(chunk, into: &samples)
        let (timestamps, values) = (samples.timestamps, samples.values)
        let middle = timestamps.firstIndex { $0 >= end } ?? timestamps.count
        record.startChunk(
            timestamp: timestamps[middle],
            value: values[middle],
            windowEnd: windowEnd
        )
        for index in middle + 1..<timestamps.count {
            record.push(timestamp: timestamps[index], value: values[index])
        }
        counts.chunkBytes += Int(record.pointee.spilledSize)
        let before = EncodedChunk.encode(Array(timestamps[..<middle]), Array(values[..<middle]))
        counts.chunkBytes += before.memorySize
        return before
    }

    private func windowStarts(of parts: [HeadCut.Part]) -> [Int64] {
        var starts = Set<Int64>()
        var last: (start: Int64, end: Int64)?
        for part in parts {
            for chunk in part.chunks {
                if let last, chunk.minTime >= last.start, chunk.minTime < last.end { continue }
                let start = settings.windowStart(of: chunk.minTime)
                last = (start, settings.windowEnd(ofStart: start))
                starts.insert(start)
            }
        }
        return starts.sorted()
    }
}

extension EncodedChunk {
    /// The samples before a time and those from it on, of a chunk that has both.
    fileprivate func split(at time: Int64) -> (before: EncodedChunk, after: EncodedChunk) {
        var samples = SampleColumns()
        OwnChunks.decode(self, into: &samples)
        let parts = samples.split(at: time)
        return (parts.before.wholeChunk, parts.after.wholeChunk)
    }
}

extension SampleColumns {
    /// The samples, which are of one kind and were in one chunk, as one chunk.
    fileprivate var wholeChunk: EncodedChunk {
        guard histograms.isEmpty else {
            return EncodedChunk(
                timestamps: histograms.timestamps.span,
                histograms: histograms.values[...],
                starts: histograms.startTimestamps.span
            )
        }
        return EncodedChunk(
            timestamps: timestamps.span,
            values: values.span,
            starts: startTimestamps.span
        )
    }
}
