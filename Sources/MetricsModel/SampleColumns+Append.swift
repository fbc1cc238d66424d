extension SampleColumns {
    /// Adds a float.
    ///
    /// - Parameter start: When counting began, ms; 0 is unknown.
    public mutating func append(timestamp: Int64, value: Double, start: Int64 = 0) {
        timestamps.append(timestamp)
        values.append(value)
        StartColumnRule.append(start, to: &startTimestamps, count: timestamps.count)
    }

    /// Brings ``startTimestamps`` to the length it must have after floats without them were added.
    @inlinable
    public mutating func fillStarts() {
        guard !startTimestamps.isEmpty else { return }
        while startTimestamps.count < timestamps.count { startTimestamps.append(0) }
    }

    /// Cuts all columns back to how many samples there were of each kind.
    public mutating func truncate(floats: Int, histograms histogramCount: Int) {
        timestamps.removeLast(timestamps.count - floats)
        values.removeLast(values.count - floats)
        StartColumnRule.truncate(&startTimestamps, to: floats)
        histograms.truncate(to: histogramCount)
    }
}

extension HistogramColumns {
    /// Adds a histogram.
    ///
    /// - Parameter start: When counting began, ms; 0 is unknown.
    public mutating func append(timestamp: Int64, value: Histogram, start: Int64 = 0) {
        timestamps.append(timestamp)
        values.append(value)
        StartColumnRule.append(start, to: &startTimestamps, count: timestamps.count)
    }

    /// Brings ``startTimestamps`` to the length it must have after samples without them were added.
    public mutating func fillStarts() {
        guard !startTimestamps.isEmpty else { return }
        while startTimestamps.count < timestamps.count { startTimestamps.append(0) }
    }

    public mutating func truncate(to count: Int) {
        timestamps.removeLast(timestamps.count - count)
        values.removeLast(values.count - count)
        StartColumnRule.truncate(&startTimestamps, to: count)
    }
}

/// How a column of start timestamps stays empty until one is known.
private enum StartColumnRule {
    /// - Parameter count: Samples including the one that the start belongs to.
    static func append(_ start: Int64, to starts: inout [Int64], count: Int) {
        guard start != 0 || !starts.isEmpty else { return }
        while starts.count < count - 1 { starts.append(0) }
        starts.append(start)
    }

    static func truncate(_ starts: inout [Int64], to count: Int) {
        guard starts.count > count else { return }
        starts.removeLast(starts.count - count)
        if starts.allSatisfy({ $0 == 0 }) { starts.removeAll(keepingCapacity: true) }
    }
}

extension HistogramColumns: Equatable {
    /// Compares bits, hints included; an empty start column is not one of zeros.
    public static func == (left: HistogramColumns, right: HistogramColumns) -> Bool {
        left.timestamps == right.timestamps && left.startTimestamps == right.startTimestamps
            && left.values.count == right.values.count
            && zip(left.values, right.values).allSatisfy {
                $0.isIdentical(to: $1) && $0.resetHint == $1.resetHint
            }
    }
}
