/// One series' samples from several sources, put in order of time.
///
/// A timestamp that several sources have is kept once, with the value of the first source: replicas agree, and where
/// they do not, the answer is at least the same each time.
public struct SampleMerge {
    /// What was added so far.
    public private(set) var columns: SampleColumns

    /// - Parameter memory: Left empty; its memory is used for the result.
    public init(emptying memory: inout SampleColumns) {
        // Taken out of the caller's variable: emptying what two hold would allocate anew.
        columns = memory
        memory = SampleColumns()
        columns.removeAll()
    }

    /// Adds a run with ascending timestamps.
    ///
    /// Runs that follow each other in time, as nearly all do, are decoded to where they belong.
    ///
    /// - Parameter decode: Appends the run.
    public mutating func add(_ decode: (inout SampleColumns) throws -> Void) rethrows {
        let floats = columns.timestamps.count
        let histograms = columns.histograms.timestamps.count
        try decode(&columns)
        guard !isInOrder(floats: floats, histograms: histograms) else { return }
        let run = columns.split(floats: floats, histograms: histograms)
        if !repeats(run) { merge(run) }
    }

    /// Whether all samples behind some counts are later than all before.
    private func isInOrder(floats: Int, histograms: Int) -> Bool {
        let newest = max(
            floats > 0 ? columns.timestamps[floats - 1] : .min,
            histograms > 0 ? columns.histograms.timestamps[histograms - 1] : .min
        )
        guard floats + histograms > 0 else { return true }
        let firstFloat = floats < columns.timestamps.count ? columns.timestamps[floats] : .max
        let times = columns.histograms.timestamps
        let firstHistogram = histograms < times.count ? times[histograms] : .max
        return min(firstFloat, firstHistogram) > newest
    }

    /// Whether all floats of a run, which is all it has, are there already: what a second replica sends.
    private func repeats(_ run: SampleColumns) -> Bool {
        guard run.histograms.isEmpty, let first = run.timestamps.first else { return false }
        let start = columns.timestamps.partitioningIndex { $0 >= first }
        let end = start + run.timestamps.count
        return end <= columns.timestamps.count
            && columns.timestamps[start..<end].elementsEqual(run.timestamps)
    }

    private mutating func merge(_ run: SampleColumns) {
        var result = SampleColumns()
        result.reserve(columns.timestamps.count + run.timestamps.count)
        var (old, new) = (ColumnsCursor(columns), ColumnsCursor(run))
        while let time = [old.time, new.time].compactMap(\.self).min() {
            if old.time == time {
                if new.time == time { new.advance() }
                old.append(to: &result)
                old.advance()
            } else {
                new.append(to: &result)
                new.advance()
            }
        }
        columns = result
    }
}

/// Walks the samples of both kinds in order of time.
private struct ColumnsCursor {
    private let columns: SampleColumns
    private var float = 0
    private var histogram = 0

    init(_ columns: SampleColumns) {
        self.columns = columns
    }

    /// The time of the next sample.
    var time: Int64? {
        switch (floatTime, histogramTime) {
        case (let float?, let histogram?): min(float, histogram)
        case (let float, let histogram): float ?? histogram
        }
    }

    private var floatTime: Int64? {
        float < columns.timestamps.count ? columns.timestamps[float] : nil
    }

    private var histogramTime: Int64? {
        let times = columns.histograms.timestamps
        return histogram < times.count ? times[histogram] : nil
    }

    private var isFloat: Bool { floatTime == time }

    mutating func advance() {
        if isFloat { float += 1 } else { histogram += 1 }
    }

    func append(to result: inout SampleColumns) {
        if isFloat {
            result.append(
                columns.timestamps[float],
                columns.values[float],
                start: columns.startTimestamps.isEmpty ? 0 : columns.startTimestamps[float]
            )
        } else {
            let starts = columns.histograms.startTimestamps
            result.histograms.append(
                columns.histograms.timestamps[histogram],
                columns.histograms.values[histogram],
                start: starts.isEmpty ? 0 : starts[histogram]
            )
        }
    }
}

extension SampleColumns {
    fileprivate mutating func reserve(_ count: Int) {
        timestamps.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    fileprivate mutating func append(_ timestamp: Int64, _ value: Double, start: Int64) {
        if start != 0, startTimestamps.isEmpty {
            startTimestamps = [Int64](repeating: 0, count: timestamps.count)
        }
        if start != 0 || !startTimestamps.isEmpty { startTimestamps.append(start) }
        timestamps.append(timestamp)
        values.append(value)
    }

    /// Takes off what is behind some counts, and returns it.
    fileprivate mutating func split(floats: Int, histograms count: Int) -> SampleColumns {
        let run = SampleColumns(
            timestamps: Array(timestamps[floats...]),
            values: Array(values[floats...]),
            startTimestamps: startTimestamps.isEmpty ? [] : Array(startTimestamps[floats...]),
            histograms: HistogramColumns(
                timestamps: Array(histograms.timestamps[count...]),
                values: Array(histograms.values[count...]),
                startTimestamps: histograms.startTimestamps.isEmpty
                    ? [] : Array(histograms.startTimestamps[count...])
            )
        )
        timestamps.removeLast(timestamps.count - floats)
        values.removeLast(values.count - floats)
        if !startTimestamps.isEmpty { startTimestamps.removeLast(startTimestamps.count - floats) }
        histograms.timestamps.removeLast(histograms.timestamps.count - count)
        histograms.values.removeLast(histograms.values.count - count)
        if !histograms.startTimestamps.isEmpty {
            histograms.startTimestamps.removeLast(histograms.startTimestamps.count - count)
        }
        return run
    }
}

extension HistogramColumns {
    fileprivate mutating func append(_ timestamp: Int64, _ value: Histogram, start: Int64) {
        if start != 0, startTimestamps.isEmpty {
            startTimestamps = [Int64](repeating: 0, count: timestamps.count)
        }
        if start != 0 || !startTimestamps.isEmpty { startTimestamps.append(start) }
        timestamps.append(timestamp)
        values.append(value)
    }
}

extension [Int64] {
    /// The first index whose element satisfies a predicate that is false and then true.
    public func partitioningIndex(where predicate: (Int64) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
