internal import ChunkCoding
public import MetricsModel

/// Cuts: samples before a time are set apart, to be stored elsewhere, and later dropped.
///
/// A cut begins at once, and its work is done in slices, or for a series before it next changes: so a lock on the
/// head is held shortly, and the outcome is as if all had been done at the beginning.
extension Head {
    /// Begins a cut of all samples before a time; they stay readable.
    ///
    /// Later appends, also of late samples, do not touch them. ``continueCut(limit:)`` does the work.
    ///
    /// - Parameters:
    ///   - id: Names the cut from now on; not that of a pending cut.
    ///   - end: Milliseconds, excluded.
    /// - Returns: false, and nothing changed, if there is surely no such sample or `id` is pending already.
    public mutating func startCut(id: UInt64, before end: Int64) -> Bool {
        guard !cuts.contains(where: { $0.id == id }), windows.mayHaveSamples(before: end) else {
            return false
        }
        while continueCut(limit: .max) {}
        latestMark = latestMark == .max ? 1 : latestMark + 1
        cutParity.toggle()
        unvisited = 0
        cuts.append(
            HeadCut(
                id: id,
                mark: latestMark,
                before: end,
                oldestSegment: windows.cut(before: end, settings)
            )
        )
        return true
    }

    /// Does a part of the work of the newest cut.
    ///
    /// - Parameter limit: How many series are looked at.
    /// - Returns: Whether some are left; only once there are none the cut can be read.
    public mutating func continueCut(limit: Int) -> Bool {
        guard let first = unvisited else { return false }
        let end = first + UInt32(min(limit, records.count - Int(first)))
        for number in first..<end { visitBeforeChange(number) }
        guard Int(end) == records.count else {
            unvisited = end
            return true
        }
        unvisited = nil
        cuts[cuts.count - 1].series.sort()
        return false
    }

    /// Begins a cut and does all its work.
    ///
    /// - Returns: false, and nothing changed, if there is no sample before `end` or `id` is pending already.
    public mutating func beginCut(id: UInt64, before end: Int64) -> Bool {
        guard startCut(id: id, before: end) else { return false }
        while continueCut(limit: .max) {}
        guard cuts.last?.series.isEmpty == true else { return true }
        cuts.removeLast()
        return false
    }

    /// Pending cuts, in the order in which they began.
    public var pendingCuts: [(id: UInt64, before: Int64)] { cuts.map { ($0.id, $0.before) } }

    /// Starts of the windows that a cut has samples in, ascending; none for an unknown cut.
    public func cutWindows(_ id: UInt64) -> [Int64] { cut(id)?.windows.sorted() ?? [] }

    /// How many series a cut has, in all windows together.
    public func cutSeriesCount(_ id: UInt64) -> Int { cut(id)?.series.count ?? 0 }

    /// A cut's series with samples in a window, in no particular order of labels.
    ///
    /// Copies labels and chunks, so that a lock on the head need not be held for decoding; a
    /// slice at a time keeps it short.
    ///
    /// - Parameter slice: Positions in the cut, 0 ..< ``cutSeriesCount(_:)``; they do not change.
    public func cutSeries(_ id: UInt64, window: Int64, slice: Range<Int>) -> [CutSeries] {
        guard let cut = cut(id) else { return [] }
        let end = settings.windowEnd(ofStart: window)
        return cut.series[slice.clamped(to: cut.series.indices)].compactMap { number in
            var found: [EncodedChunk] = []
            var chunk = newestChunk(of: number)
            while let (candidate, header) = chunk {
                if header.cut == cut.mark, header.minTime >= window, header.minTime < end {
                    found.append(chunks.encoded(candidate))
                }
                chunk = self.chunk(header.older)
            }
            guard !found.isEmpty else { return nil }
            let record = records[number]
            return CutSeries(
                labels: labelIndex.labels(of: record.pointee.serial),
                fingerprint: record.pointee.fingerprint,
                chunks: found.reversed()
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

    private func cut(_ id: UInt64) -> HeadCut? { cuts.first { $0.id == id } }

    // MARK: Visiting series

    /// Has the newest cut take its part of a series, unless it has done so.
    @inline(never)
    mutating func visitBeforeChange(_ number: UInt32) {
        let record = records[number]
        guard record.pointee.flags.contains(.cutParity) != cutParity else { return }
        if cutParity {
            record.pointee.flags.insert(.cutParity)
        } else {
            record.pointee.flags.remove(.cutParity)
        }
        guard record.pointee.flags.contains(.live) else { return }
        let end = cuts[cuts.count - 1].before
        closeSamples(of: number, before: end)
        if markChunks(of: number, before: end) { cuts[cuts.count - 1].series.append(number) }
    }

    /// Makes closed chunks of all samples of a series before a time.
    private mutating func closeSamples(of number: UInt32, before end: Int64) {
        let record = records[number]
        if record.pointee.sampleCount > 0, record.pointee.firstTimestamp < end {
            if record.pointee.newest < end {
                add(takeOpenChunk(number), to: number)
            } else {
                splitOpenChunk(of: number, at: end)
            }
        }
        for chunk in takeAside(of: number, before: end) { add(chunk, to: number) }
        guard record.pointee.flags.contains(.late),
            let samples = late[number]?.removeAll(before: end)
        else { return }
        if late[number]?.count == 0 {
            late.removeValue(forKey: number)
            record.pointee.flags.remove(.late)
        }
        for chunk in samples.chunks(settings) { add(chunk, to: number) }
    }

    /// Closes the open chunk's samples before a time; those behind it stay open.
    private mutating func splitOpenChunk(of number: UInt32, at end: Int64) {
        let record = records[number]
        let limit = Int(record.pointee.sampleLimit)
        var samples = SampleColumns()
        OwnChunks.decode(takeOpenChunk(number), into: &samples)
        let (timestamps, values) = (samples.timestamps, samples.values)
        let middle = timestamps.position(of: end)
        let windowStart = settings.windowStart(of: timestamps[middle])
        record.startChunk(
            timestamp: timestamps[middle],
            value: values[middle],
            windowEnd: settings.windowEnd(ofStart: windowStart),
            limit: limit
        )
        for index in middle + 1..<timestamps.count {
            let isPushed = record.push(
                timestamp: timestamps[index],
                value: values[index],
                in: &chunks.arena
            )
            precondition(isPushed, "a part of an open chunk does not fit one")
        }
        add(EncodedChunk.encode(Array(timestamps[..<middle]), Array(values[..<middle])), to: number)
    }

    /// Marks the closed chunks of a series before a time as the newest cut's.
    ///
    /// - Returns: Whether there is any.
    private mutating func markChunks(of number: UInt32, before end: Int64) -> Bool {
        let list = records[number].pointee.chunks
        var crossing: [UInt32] = []
        var isAny = false
        var chunk = list
        while chunk != CellArena.none {
            let header = chunks.header(chunk)
            if header.pointee.cut == 0, header.pointee.minTime < end {
                if header.pointee.maxTime < end { mark(chunk) } else { crossing.append(chunk) }
                isAny = true
            }
            chunk = header.pointee.older
        }
        for chunk in crossing { split(chunk, of: number, at: end) }
        return isAny
    }

    private mutating func mark(_ chunk: UInt32) {
        let header = chunks.header(chunk)
        let index = cuts.count - 1
        header.pointee.cut = cuts[index].mark
        cuts[index].sampleCount += Int(header.pointee.count)
        cuts[index].newest = max(cuts[index].newest, header.pointee.maxTime)
        let time = header.pointee.minTime
        if let latest = cuts[index].latestWindow, time >= latest.start, time < latest.end { return }
        let start = settings.windowStart(of: time)
        cuts[index].latestWindow = (start, settings.windowEnd(ofStart: start))
        cuts[index].windows.insert(start)
    }

    /// Makes two of a chunk that has samples on both sides of a time, and marks the earlier one.
    private mutating func split(_ chunk: UInt32, of number: UInt32, at time: Int64) {
        let (before, after) = chunks.encoded(chunk).split(at: time)
        let record = records[number]
        let (start, end) = (before.minTime, after.maxTime)
        chunks.remove(from: &record.pointee.chunks) {
            $0.cut == 0 && $0.minTime == start && $0.maxTime == end
        }
        chunks.insert(after, into: &record.pointee.chunks)
        mark(chunks.insert(before, into: &record.pointee.chunks))
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
