internal import MetricsModel

/// The histograms of one series, prepared for windows that move over them.
///
/// Neighbours are compared once, when it is made, and not once for each window. It holds no staleness markers.
struct HistogramSeries {
    /// Milliseconds, ascending.
    let timestamps: [Int64]
    /// As many as ``timestamps``.
    let values: [Histogram]
    /// Milliseconds, as many as ``timestamps``, 0 for unknown; empty if they are not to be used.
    let startTimestamps: [Int64]
    /// For each sample how many up to it are resets since the one before.
    private var resetCounts: [Int32] = []
    private var resetIndexes: [Int32] = []
    /// For each sample how many up to it differ from the one before.
    private var changeCounts: [Int32] = []
    /// Whether all have the same schema and none is a gauge, so that windows need not look.
    private(set) var isUniformCounter = false
    private(set) var hasOverlaps = false

    init(timestamps: [Int64], values: [Histogram], startTimestamps: [Int64] = []) {
        precondition(timestamps.count == values.count, "\(timestamps.count), \(values.count)")
        precondition(
            startTimestamps.isEmpty || startTimestamps.count == timestamps.count,
            "\(startTimestamps.count), \(timestamps.count)"
        )
        self.timestamps = timestamps
        self.values = values
        self.startTimestamps = startTimestamps
    }

    /// Finds resets; needed before anything that treats the series as a counter.
    mutating func prepareResets() {
        guard resetCounts.isEmpty, !values.isEmpty else { return }
        resetCounts.reserveCapacity(values.count)
        resetCounts.append(0)
        isUniformCounter = values[0].resetHint != .gauge
        for index in values.indices.dropFirst() {
            if isReset(at: index) { resetIndexes.append(Int32(index)) }
            resetCounts.append(Int32(resetIndexes.count))
            if values[index].schema != values[0].schema || values[index].resetHint == .gauge {
                isUniformCounter = false
            }
            if isOverlap(at: index) { hasOverlaps = true }
        }
    }

    /// Finds changes; needed before ``changes(in:)``.
    mutating func prepareChanges() {
        guard changeCounts.isEmpty, !values.isEmpty else { return }
        changeCounts.reserveCapacity(values.count)
        changeCounts.append(0)
        for index in values.indices.dropFirst() {
            let isChange = !values[index].isSame(as: values[index - 1])
            changeCounts.append(changeCounts[index - 1] + (isChange ? 1 : 0))
        }
    }

    /// How many neighbours among samples, at least one, are resets.
    func resets(in window: Range<Int>) -> Int {
        Int(resetCounts[window.upperBound - 1] - resetCounts[window.lowerBound])
    }

    /// How many neighbours among samples, at least one, differ.
    func changes(in window: Range<Int>) -> Int {
        Int(changeCounts[window.upperBound - 1] - changeCounts[window.lowerBound])
    }

    /// Whether a sample is a reset since the one before it in the series.
    func isKnownReset(_ index: Int) -> Bool {
        index > 0 && resetCounts[index] != resetCounts[index - 1]
    }

    /// The resets among samples, without the first of these, which is compared with nothing.
    func resetIndexes(in window: Range<Int>) -> ArraySlice<Int32> {
        guard !window.isEmpty else { return [] }
        let lower = Int(resetCounts[window.lowerBound])
        let upper = Int(resetCounts[window.upperBound - 1])
        return resetIndexes[lower..<upper]
    }

    /// Whether a start timestamp among samples lies before the sample before it.
    func overlaps(in window: Range<Int>) -> Bool {
        hasOverlaps && window.dropFirst().contains { isOverlap(at: $0) }
    }

    private func isReset(at index: Int) -> Bool {
        if !startTimestamps.isEmpty,
            StartTimestamp.isReset(
                start: startTimestamps[index],
                at: timestamps[index],
                previousStart: startTimestamps[index - 1],
                previousTime: timestamps[index - 1]
            )
        {
            return true
        }
        return values[index].isReset(after: values[index - 1])
    }

    private func isOverlap(at index: Int) -> Bool {
        !startTimestamps.isEmpty
            && StartTimestamp.isOverlap(
                start: startTimestamps[index],
                previousStart: startTimestamps[index - 1],
                previousTime: timestamps[index - 1]
            )
    }
}
