/// The end of cuts, and of series without samples.
extension Head {
    /// Drops a cut's samples at once for those who read or append; ``continueFinishing(limit:)`` frees their memory,
    /// and that of series without samples that are idle.
    ///
    /// An unknown cut is none: after a restart its beginning may have been dropped with its samples.
    ///
    /// - Parameter idle: Series whose newest sample is before this time (ms) leave memory; the end of
    ///   the cut if nil.
    public mutating func startFinishing(
        _ id: UInt64,
        removingSeriesIdleSince idle: Int64? = nil
    ) {
        guard let index = cuts.firstIndex(where: { $0.id == id }) else { return }
        if index == cuts.count - 1 { while continueCut(limit: .max) {} }
        while continueFinishing(limit: .max) {}
        let cut = cuts.remove(at: index)
        counts.samples -= cut.sampleCount
        newestDropped = max(newestDropped, cut.newest)
        finishing = FinishingCut(cut: cut, idleBefore: idle ?? cut.before)
    }

    /// Begins to take series without samples out of memory that are idle, without a cut.
    ///
    /// - Parameter idle: Milliseconds; see ``startFinishing(_:removingSeriesIdleSince:)``.
    public mutating func startRemovingSeries(idleSince idle: Int64) {
        while continueFinishing(limit: .max) {}
        let nothing = HeadCut(id: 0, mark: 0, before: .min, oldestSegment: nil)
        finishing = FinishingCut(cut: nothing, idleBefore: idle)
    }

    /// Drops a cut's samples and all series without samples that are idle; see
    /// ``startFinishing(_:removingSeriesIdleSince:)``.
    public mutating func finishCut(_ id: UInt64, removingSeriesIdleSince idle: Int64? = nil) {
        startFinishing(id, removingSeriesIdleSince: idle)
        while continueFinishing(limit: .max) {}
    }

    /// Frees a part of what was dropped.
    ///
    /// - Parameter limit: How many series are looked at.
    /// - Returns: Whether some are left.
    public mutating func continueFinishing(limit: Int) -> Bool {
        guard let state = finishing else { return false }
        if state.freedCount < state.cut.series.count {
            let count = freeChunks(of: state, limit: limit)
            finishing?.freedCount = count
            return true
        }
        if state.lookedAtCount < records.count, state.idleBefore > Int64.min {
            let count = removeIdle(state, limit: limit)
            finishing?.lookedAtCount = count
            return true
        }
        guard !isRebuilding, !labelIndex.isMostlyDead else { return rebuildLabels(limit: limit) }
        finishing = nil
        return false
    }

    /// Goes on making a label index without what only dead series used, and changes over to it.
    ///
    /// - Returns: Whether more is to be done.
    private mutating func rebuildLabels(limit: Int) -> Bool {
        isRebuilding = true
        if rebuild.advance(over: labelIndex, limit: limit) { return true }
        isRebuilding = false
        var done = LabelIndexRebuild()
        swap(&done, &rebuild)
        var moved: [(number: UInt32, serial: UInt32)] = []
        labelIndex = done.finish { moved.append(($0, $1)) }
        for (number, serial) in moved { records[number].pointee.serial = serial }
        labelGeneration += 1
        seriesCounts.forgetMetrics()
        finishing = nil
        return false
    }

    private mutating func freeChunks(of state: FinishingCut, limit: Int) -> Int {
        let end = state.freedCount + min(limit, state.cut.series.count - state.freedCount)
        for number in state.cut.series[state.freedCount..<end] {
            let record = records[number]
            chunks.remove(from: &record.pointee.chunks) { $0.cut == state.cut.mark }
        }
        return end
    }

    private mutating func removeIdle(_ state: FinishingCut, limit: Int) -> Int {
        let end = state.lookedAtCount + min(limit, records.count - state.lookedAtCount)
        for number in UInt32(state.lookedAtCount)..<UInt32(end) {
            let record = records[number]
            let flags = record.pointee.flags
            guard flags.contains(.live), record.pointee.sampleCount == 0,
                record.pointee.newest < state.idleBefore,
                record.pointee.chunks == CellArena.none, !flags.contains(.late),
                !flags.contains(.aside) || aside[number]?.isEmpty != false
            else { continue }
            remove(number)
        }
        return end
    }
}
