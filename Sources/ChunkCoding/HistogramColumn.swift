public import MetricsModel

/// The histograms of one series, bit for bit, as bytes.
///
/// The first byte holds the format version (high four bits) and the encoding (low four), of which there
/// is one, `0`: reset hints in runs · layouts in runs, each shared by the histograms that follow one another with
/// the same buckets · zero counts, counts and sums as a ``ValueColumn`` each · for each layout, the counts of
/// each bucket as a column. A layout that only one histogram has keeps its counts in one column.
/// `docs/formats/chunk.md` has every byte.
public enum HistogramColumn {
    static let version: UInt8 = 1

    /// How many histograms may stand in one column: a writer closes it before it passes either limit.
    public struct Capacity: Sendable {
        private let maximumCount: Int
        private var count = 0
        private var elementCount = 0

        public init(maximumCount: Int) { self.maximumCount = maximumCount }

        /// Adds a histogram if there is room for it, and says whether there was.
        ///
        /// There is always room for the first one.
        public mutating func add(_ histogram: Histogram) -> Bool {
            let elements = elementCount &+ histogram.elementCount
            guard count < maximumCount, elements <= EncodedChunk.maximumElementCount else {
                return false
            }
            count &+= 1
            elementCount = elements
            return true
        }
    }

    // MARK: Writing

    /// Appends the column to `out`.
    ///
    /// - Precondition: Each histogram is ``Histogram/isStorable``, and together they have no more elements than
    ///   ``EncodedChunk/maximumElementCount``.
    public static func encode(_ histograms: ArraySlice<Histogram>, into out: inout [UInt8]) {
        out.append(version &<< 4)
        appendHints(histograms, to: &out)
        let runs = runs(of: histograms)
        out.appendVarint(UInt64(runs.count))
        for run in runs {
            out.appendVarint(UInt64(run.count &- 1))
            BucketLayout.encode(histograms[run.lowerBound], into: &out)
        }
        guard !histograms.isEmpty else { return }
        let zeroCounts = histograms.map(\.zeroCount)
        out.appendSizedColumn(zeroCounts.span)
        let counts = histograms.map(\.count)
        out.appendSizedColumn(counts.span)
        let sums = histograms.map(\.sum)
        out.appendSizedColumn(sums.span)
        for run in runs { appendCounts(histograms[run], to: &out) }
    }

    /// Appends runs of hints: count, then length less one and hint in the low two bits of each.
    private static func appendHints(
        _ histograms: ArraySlice<Histogram>,
        to out: inout [UInt8]
    ) {
        var runs: [(hint: Histogram.ResetHint, count: Int)] = []
        for histogram in histograms {
            if let last = runs.last, last.hint == histogram.resetHint {
                runs[runs.count &- 1].count &+= 1
            } else {
                runs.append((histogram.resetHint, 1))
            }
        }
        out.appendVarint(UInt64(runs.count))
        for run in runs {
            out.appendVarint(UInt64(run.count &- 1) &<< 2 | UInt64(run.hint.rawValue))
        }
    }

    /// Ranges of histograms with the same layout.
    private static func runs(of histograms: ArraySlice<Histogram>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = histograms.startIndex
        var elements = 0
        for index in histograms.indices {
            precondition(histograms[index].isStorable, "no histogram of ours")
            elements &+= histograms[index].elementCount
            if index > start, !histograms[index].hasLayout(of: histograms[start]) {
                runs.append(start..<index)
                start = index
            }
        }
        precondition(elements <= EncodedChunk.maximumElementCount, "\(elements) elements")
        if start < histograms.endIndex { runs.append(start..<histograms.endIndex) }
        return runs
    }

    private static func appendCounts(_ run: ArraySlice<Histogram>, to out: inout [UInt8]) {
        guard let first = run.first else { return }
        if run.count == 1 {
            let counts = first.positive.counts + first.negative.counts
            if !counts.isEmpty { out.appendSizedColumn(counts.span) }
            return
        }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: run.count) { column in
            for bucket in first.positive.counts.indices {
                for (row, histogram) in run.enumerated() {
                    column.initializeElement(at: row, to: histogram.positive.counts[bucket])
                }
                out.appendSizedColumn(UnsafeBufferPointer(column).span)
            }
            for bucket in first.negative.counts.indices {
                for (row, histogram) in run.enumerated() {
                    column.initializeElement(at: row, to: histogram.negative.counts[bucket])
                }
                out.appendSizedColumn(UnsafeBufferPointer(column).span)
            }
        }
    }
}
