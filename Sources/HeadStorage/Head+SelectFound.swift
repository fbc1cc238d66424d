internal import ChunkCoding
public import MetricsModel

/// Reading in two steps, for series that are wanted in another order than they are found.
extension Head {
    /// The next series that pass all matchers and may have samples in the range, in no particular order, without what
    /// they hold.
    ///
    /// - Parameter limit: How many candidates are looked at.
    public func find(_ search: inout SeriesSearch, limit: Int) -> [FoundSeries] {
        let start = search.range.start
        var found: [FoundSeries] = []
        guard !search.range.isEmpty else {
            search.finish()
            return []
        }
        visit(&search, limit: limit) { _, number in
            let record = records[number]
            guard record.pointee.newest >= start else { return }
            found.append(FoundSeries(fingerprint: record.pointee.fingerprint, number: number))
        }
        return found
    }

    /// Series that were found before, in their order, with their chunks, which are as ``select(_:limit:)`` gives them.
    ///
    /// One that has left memory meanwhile, or has no samples in the range, is left out.
    public func select(
        _ found: ArraySlice<FoundSeries>,
        in range: TimeRange
    ) -> [(fingerprint: Fingerprint, series: HeadSeries)] {
        var selected: [(fingerprint: Fingerprint, series: HeadSeries)] = []
        selected.reserveCapacity(found.count)
        // They lie anywhere: without this, each would be waited for.
        let distance = 8
        for index in found.indices {
            if index + 2 * distance < found.endIndex {
                records.prefetch(found[index + 2 * distance].number)
            }
            if index + distance < found.endIndex {
                prefetchContents(of: found[index + distance])
            }
            guard let number = number(of: found[index]) else { continue }
            let chunks = chunks(of: number, in: range)
            guard !chunks.isEmpty else { continue }
            let labels = labelIndex.labels(of: records[number].pointee.serial)
            selected.append(
                (found[index].fingerprint, HeadSeries(labels: labels, chunks: chunks))
            )
        }
        return selected
    }

    /// Where a series is now: a number may have been given to another one.
    private func number(of series: FoundSeries) -> UInt32? {
        isLive(series) ? series.number : find(series.fingerprint)
    }

    private func isLive(_ series: FoundSeries) -> Bool {
        records[series.number].pointee.flags.contains(.live)
            && isSeries(series.number, series.fingerprint)
    }

    /// Has fetched where the labels of a series and its newest closed chunk are.
    private func prefetchContents(of series: FoundSeries) {
        guard isLive(series) else { return }
        let record = records[series.number]
        labelIndex.prefetchPlace(of: record.pointee.serial)
        if record.pointee.chunks != CellArena.none { chunks.arena.prefetch(record.pointee.chunks) }
        if record.pointee.spilled != CellArena.none {
            chunks.arena.prefetch(record.pointee.spilled)
        }
    }
}

/// A series that a search found, to be read later.
public struct FoundSeries: Sendable {
    public let fingerprint: Fingerprint
    /// Where it was then.
    let number: UInt32
}
