internal import MetricsModel

/// A straight line between two histograms of one series.
struct HistogramInterpolation {
    let leftTime: Int64
    let left: Histogram
    let rightTime: Int64
    let right: Histogram
    /// Whether counting began anew between them.
    let isReset: Bool

    /// The histogram at a time between the two, or at one of them.
    ///
    /// - Parameter isCounter: Whether a reset means that counting began at 0 right after the left one.
    /// - Throws: If exactly one of them has custom bounds.
    func value(
        at time: Int64,
        isCounter: Bool
    ) throws(IncompatibleHistograms) -> (histogram: Histogram, notes: HistogramNotes) {
        if time == leftTime { return (left, []) }
        if time == rightTime { return (right, []) }
        let share =
            HistogramWindow.seconds(from: leftTime, to: time)
            / HistogramWindow.seconds(from: leftTime, to: rightTime)
        if isCounter, isReset { return (right.multiplied(by: share), []) }
        var result = right
        var notes = try result.subtract(left)
        result.multiply(by: share)
        notes.formUnion(try result.add(left))
        notes.subtract([.conflictingResetsInAddition, .conflictingResetsInSubtraction])
        return (result, notes)
    }
}

extension HistogramSeries {
    /// The growth from edge to edge of an `anchored` or `smoothed` window, without extrapolation.
    ///
    /// ``prepareResets()`` must have run for counters.
    /// - Parameters:
    ///   - window: One that holds the samples around its edges as well.
    ///   - isSmoothed: Whether the values at the edges are interpolated; otherwise the last sample up to the
    ///     start stands for the value there.
    /// - Returns: A gauge without empty buckets; nil if no sample lies behind the start, smoothed if all lie
    ///   behind the end, or for a mix of schemas.
    func extendedGrowth(
        over window: HistogramWindow,
        isSmoothed: Bool,
        isCounter: Bool,
        isRate: Bool
    ) -> HistogramOutcome {
        guard let samples = extendedSamples(of: window, isSmoothed: isSmoothed) else {
            return HistogramOutcome(nil)
        }
        var notes: HistogramNotes = []
        guard commonSchema(of: samples, &notes) != nil else { return HistogramOutcome(nil, notes) }
        if !isCounter { notes.remove(.notACounter) }
        do throws(IncompatibleHistograms) {
            var edges = ExtendedEdges(self, samples, window, isSmoothed: isSmoothed)
            let left = try edges.left(isCounter: isCounter)
            var result = try edges.right(isCounter: isCounter)
            notes.formUnion(edges.notes)
            if !isCounter, left.resetHint != .gauge || result.resetHint != .gauge {
                notes.insert(.notAGauge)
            }
            notes.formUnion(try result.subtract(left))
            if isCounter {
                notes.formUnion(try edges.addResets(to: &result, left: left))
            }
            if isRate { result.divide(by: window.seconds) }
            notes.subtract([.conflictingResetsInAddition, .conflictingResetsInSubtraction])
            result.resetHint = .gauge
            result.compact()
            return HistogramOutcome(result, notes)
        } catch {
            return HistogramOutcome(nil, notes.union(.mixedSchemas))
        }
    }

    /// From the sample that stands for the start to the one that stands for the end.
    ///
    /// These are the last sample at or before the start, otherwise the first one, and the last sample; smoothed
    /// the first at or after the end, if there is one.
    func extendedSamples(of window: HistogramWindow, isSmoothed: Bool) -> Range<Int>? {
        var first = window.last
        while first > window.first, timestamps[first] > window.start { first -= 1 }
        var last = window.last
        if isSmoothed {
            while last > window.first, timestamps[last - 1] >= window.end { last -= 1 }
        }
        guard timestamps[last] > window.start else { return nil }
        if isSmoothed, timestamps[first] > window.end { return nil }
        return first..<last + 1
    }

    /// The value at a time, from the samples around it: a `smoothed` instant selector.
    ///
    /// - Parameter window: The samples within the lookback on both sides of its end, which is the time.
    /// - Returns: The sample at the time, otherwise an interpolated one, otherwise the last one before.
    func smoothedValue(in window: HistogramWindow) -> HistogramOutcome {
        var next = window.indexes.upperBound
        while next > window.first, timestamps[next - 1] >= window.end { next -= 1 }
        if next < window.indexes.upperBound, timestamps[next] == window.end {
            return HistogramOutcome(values[next])
        }
        guard next > window.first else { return HistogramOutcome(nil) }
        guard next < window.indexes.upperBound else {
            // A hint is about two samples, not about a value that is carried forward.
            var carried = values[next - 1]
            carried.resetHint = .unknown
            return HistogramOutcome(carried)
        }
        let left = values[next - 1]
        let right = values[next]
        guard left.usesCustomBounds == right.usesCustomBounds else {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        let isCounter = left.resetHint != .gauge || right.resetHint != .gauge
        let line = HistogramInterpolation(
            leftTime: timestamps[next - 1],
            left: left,
            rightTime: timestamps[next],
            right: right,
            isReset: isCounter && right.isReset(after: left)
        )
        guard let result = try? line.value(at: window.end, isCounter: isCounter) else {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        return HistogramOutcome(result.histogram, result.notes)
    }
}

/// The values at both edges of an extended window and the resets between them.
private struct ExtendedEdges {
    private let series: HistogramSeries
    private let samples: Range<Int>
    private let window: HistogramWindow
    private let isLeftInterpolated: Bool
    private let isRightInterpolated: Bool
    private(set) var notes: HistogramNotes = []

    init(
        _ series: HistogramSeries,
        _ samples: Range<Int>,
        _ window: HistogramWindow,
        isSmoothed: Bool
    ) {
        self.series = series
        self.samples = samples
        self.window = window
        let isLine = isSmoothed && samples.count > 1
        isLeftInterpolated = isLine && series.timestamps[samples.lowerBound] < window.start
        isRightInterpolated = isLine && series.timestamps[samples.upperBound - 1] > window.end
    }

    mutating func left(isCounter: Bool) throws(IncompatibleHistograms) -> Histogram {
        guard isLeftInterpolated else { return series.values[samples.lowerBound] }
        return try value(from: samples.lowerBound, at: window.start, isCounter)
    }

    mutating func right(isCounter: Bool) throws(IncompatibleHistograms) -> Histogram {
        guard isRightInterpolated else { return series.values[samples.upperBound - 1] }
        return try value(from: samples.upperBound - 2, at: window.end, isCounter)
    }

    private mutating func value(
        from index: Int,
        at time: Int64,
        _ isCounter: Bool
    ) throws(IncompatibleHistograms) -> Histogram {
        let line = HistogramInterpolation(
            leftTime: series.timestamps[index],
            left: series.values[index],
            rightTime: series.timestamps[index + 1],
            right: series.values[index + 1],
            isReset: isCounter && series.isKnownReset(index + 1)
        )
        let result = try line.value(at: time, isCounter: isCounter)
        notes.formUnion(result.notes)
        return result.histogram
    }

    /// Adds what each reset took away.
    ///
    /// An interpolated left edge behind a reset began at 0 already: that reset is not counted again.
    func addResets(
        to result: inout Histogram,
        left: Histogram
    ) throws(IncompatibleHistograms) -> HistogramNotes {
        var notes: HistogramNotes = []
        for index in series.resetIndexes(in: samples) {
            let isFirst = Int(index) == samples.lowerBound + 1
            if isFirst, isLeftInterpolated { continue }
            notes.formUnion(try result.add(isFirst ? left : series.values[Int(index) - 1]))
        }
        return notes
    }
}
