internal import MetricsModel

/// Moves windows over a series with histograms, or with start timestamps that count.
///
/// Floats and histograms of a series have windows of their own over the same times.
struct MixedWindows {
    private let function: RangeFunction
    private let windows: WindowGrid
    private let runner: WindowRunner
    private let samples: SampleColumns
    /// The name of the series for remarks.
    private let name: String
    private var histograms: HistogramSeries

    init(
        _ function: RangeFunction,
        _ windows: WindowGrid,
        _ runner: WindowRunner,
        _ samples: SampleColumns,
        name: String
    ) {
        self.function = function
        self.windows = windows
        self.runner = runner
        self.samples = samples
        self.name = name
        let usesStarts = function.usesStartTimestamps
        histograms = HistogramSeries(
            timestamps: samples.histograms.timestamps,
            values: samples.histograms.values,
            startTimestamps: usesStarts ? samples.histograms.startTimestamps : []
        )
        switch function.function {
        case .rate, .increase, .resets, .delta, .irate, .idelta: histograms.prepareResets()
        case .changes: histograms.prepareChanges()
        default: break
        }
    }

    /// Computes the function at all steps.
    func run(_ memory: EvaluationMemory) throws(EvaluationError) {
        memory.column.removeAll()
        try samples.withFloats { (floats) throws(EvaluationError) in
            runner.begin(floats)
            let starts = function.usesStartTimestamps ? samples.startTimestamps : []
            let growth = StartedGrowth(floats, starts: starts)
            for step in 0..<windows.grid.count {
                let end = windows.end(step)
                let start = end.saturatingSubtract(windows.range)
                let bounds = windows.bounds(from: start, to: end)
                let floatRange = floats.timestamps.indexes(in: bounds)
                let histogramRange = samples.histograms.timestamps.withUnsafeBufferPointer {
                    $0.indexes(in: bounds)
                }
                guard !floatRange.isEmpty || !histogramRange.isEmpty else { continue }
                let window = MixedWindow(
                    floats: floats.window(floatRange, from: start, through: end, step: step),
                    histograms: histogramRange,
                    growth: growth
                )
                try memory.stopCheck.count(
                    floatRange.count + histogramRange.count * StopCheck.histogramWeight
                )
                memory.samplesProcessed += floatRange.count
                for index in histogramRange {
                    memory.samplesProcessed += samples.histograms.values[index].budget
                }
                try function.checkParameters(memory)
                if let value = value(window, memory) { memory.column.append(value, at: step) }
            }
        }
    }

    private func value(_ window: MixedWindow, _ memory: EvaluationMemory) -> SampleValue? {
        if let value = valueOfBothKinds(window, memory) { return value }
        guard function.function.distinguishesKinds else { return nil }
        if window.histograms.isEmpty { return floatValue(window, memory) }
        if window.floats.count == 0 { return histogramValue(window, memory) }
        switch function.function {
        case .irate, .idelta: return lastPair(window, memory)
        case .rate, .increase, .delta, .avgOverTime, .sumOverTime:
            note(.mixedKinds, memory)
            return nil
        default:
            note(.ignoredHistogramsInRange, memory)
            return floatValue(window, memory)
        }
    }

    /// Functions for which a sample is a sample.
    private func valueOfBothKinds(
        _ window: MixedWindow,
        _ memory: EvaluationMemory
    ) -> SampleValue? {
        let floats = window.floats
        let times = samples.histograms.timestamps
        let histograms = window.histograms
        let firstIsFloat =
            histograms.isEmpty
            || (floats.count > 0 && floats.timestamps[0] < times[histograms.lowerBound])
        let lastIsFloat =
            histograms.isEmpty
            || (floats.count > 0
                && floats.timestamps[floats.count - 1] > times[histograms.upperBound - 1])
        let count = floats.count + histograms.count
        func seconds(_ time: Int64) -> SampleValue { .float(Double(time) / 1000) }
        switch function.function {
        case .countOverTime: return .float(Double(count))
        case .presentOverTime, .absentOverTime: return .float(1)
        case .firstOverTime:
            return firstIsFloat
                ? .float(floats.values[0])
                : .histogram(samples.histograms.values[histograms.lowerBound])
        case .lastOverTime:
            return lastIsFloat
                ? .float(floats.values[floats.count - 1])
                : .histogram(samples.histograms.values[histograms.upperBound - 1])
        case .tsOfFirstOverTime:
            return seconds(firstIsFloat ? floats.timestamps[0] : times[histograms.lowerBound])
        case .tsOfLastOverTime:
            return seconds(
                lastIsFloat
                    ? floats.timestamps[floats.count - 1] : times[histograms.upperBound - 1]
            )
        case .changes, .resets:
            return countPairs(window)
        default: return nil
        }
    }

    /// Changes or resets, where a neighbour of the other kind is one.
    private func countPairs(_ window: MixedWindow) -> SampleValue? {
        var float = window.floats.indexes
        var histogram = window.histograms
        if windows.edges != .plain {
            guard let first = anchor(window) else { return nil }
            float = max(float.lowerBound, first.float)..<float.upperBound
            histogram = max(histogram.lowerBound, first.histogram)..<histogram.upperBound
        }
        let isChanges = function.function == .changes
        var count = 0
        if !histogram.isEmpty {
            count +=
                isChanges ? histograms.changes(in: histogram) : histograms.resets(in: histogram)
        }
        let values = samples.values
        let times = samples.histograms.timestamps
        // Neighbours are only those with no sample of the other kind between them.
        var place = histogram.lowerBound
        var previousIsHistogram: Bool?
        for index in float {
            let before = place
            while place < histogram.upperBound, times[place] < samples.timestamps[index] {
                place += 1
            }
            if place > before {
                if previousIsHistogram == false { count += 1 + correction(before, isChanges) }
                count += 1
            } else if previousIsHistogram == false {
                let isPair =
                    isChanges
                    ? Change.matches(values[index - 1], values[index])
                    : window.growth.isReset(at: index)
                if isPair { count += 1 }
            } else if previousIsHistogram == true {
                count += 1
            }
            previousIsHistogram = false
        }
        if place < histogram.upperBound, previousIsHistogram == false {
            count += 1 + correction(place, isChanges)
        }
        return .float(Double(count))
    }

    /// What the prefix counts of histograms see in a pair that has a float between its members.
    private func correction(_ index: Int, _ isChanges: Bool) -> Int {
        guard index > 0 else { return 0 }
        let pair = index - 1..<index + 1
        return isChanges ? -histograms.changes(in: pair) : -histograms.resets(in: pair)
    }

    /// The first samples of an anchored window: the last one of any kind at or before the start.
    private func anchor(_ window: MixedWindow) -> (float: Int, histogram: Int)? {
        let start = window.floats.start
        let float = window.floats.indexes.last { samples.timestamps[$0] <= start }
        let histogram = window.histograms.last { samples.histograms.timestamps[$0] <= start }
        let newest = max(
            window.floats.indexes.last.map { samples.timestamps[$0] } ?? .min,
            window.histograms.last.map { samples.histograms.timestamps[$0] } ?? .min
        )
        guard newest > start else { return nil }
        guard let float, let histogram else {
            return (
                float
                    ?? (histogram == nil
                        ? 0 : window.floats.indexes.upperBound(after: start, samples)),
                histogram ?? 0
            )
        }
        return samples.timestamps[float] > samples.histograms.timestamps[histogram]
            ? (float, histogram + 1) : (float + 1, histogram)
    }

    private func floatValue(_ window: MixedWindow, _ memory: EvaluationMemory) -> SampleValue? {
        guard window.floats.count > 0 else { return nil }
        if window.growth.hasStarts {
            if window.growth.overlaps(in: window.floats.indexes) {
                note(Annotation.Kind.overlappingStartTime, memory)
            }
            switch (function.function, windows.edges) {
            case (.rate, .plain):
                return float(window.growth.extrapolated(window.floats, isRate: true))
            case (.increase, .plain):
                return float(window.growth.extrapolated(window.floats, isRate: false))
            case (.irate, .plain): return float(window.growth.instantRate(window.floats))
            default: break
            }
        }
        return float(runner.value(window.floats))
    }

    private func float(_ value: Double) -> SampleValue? { value.isAbsent ? nil : .float(value) }

    private func histogramValue(
        _ window: MixedWindow,
        _ memory: EvaluationMemory
    ) -> SampleValue? {
        let part = HistogramWindow(
            indexes: window.histograms,
            start: window.floats.start,
            end: window.floats.end
        )
        let outcome: HistogramOutcome
        switch function.function {
        case .rate, .increase, .delta:
            let isCounter = function.function != .delta
            let isRate = function.function == .rate
            outcome =
                windows.edges == .plain
                ? histograms.growth(over: part, isCounter: isCounter, isRate: isRate)
                : histograms.extendedGrowth(
                    over: part,
                    isSmoothed: windows.edges == .smoothed,
                    isCounter: isCounter,
                    isRate: isRate
                )
        case .irate: outcome = histograms.instantGrowth(over: part, isRate: true)
        case .idelta: outcome = histograms.instantGrowth(over: part, isRate: false)
        case .sumOverTime: outcome = histograms.sum(over: part)
        case .avgOverTime: outcome = histograms.mean(over: part)
        default: return nil
        }
        note(outcome.notes, memory)
        return outcome.value.map { .histogram($0) }
    }

    /// `irate` and `idelta`: the last two samples have to be of one kind.
    private func lastPair(_ window: MixedWindow, _ memory: EvaluationMemory) -> SampleValue? {
        let times = samples.histograms.timestamps
        let lastFloat = window.floats.timestamps[window.floats.count - 1]
        let lastHistogram = times[window.histograms.upperBound - 1]
        if window.floats.count > 1,
            window.floats.timestamps[window.floats.count - 2] > lastHistogram
        {
            return floatValue(window, memory)
        }
        if window.histograms.count > 1, times[window.histograms.upperBound - 2] > lastFloat {
            return histogramValue(window, memory)
        }
        note(.mixedKinds, memory)
        return nil
    }

    private func note(_ kind: Annotation.Kind, _ memory: EvaluationMemory) {
        memory.annotations.add(Annotation(kind, metricName: name, at: function.argument))
    }

    private func note(_ notes: HistogramNotes, _ memory: EvaluationMemory) {
        guard !notes.isEmpty else { return }
        for annotation in notes.annotations(metricName: name, at: function.argument) {
            memory.annotations.add(annotation)
        }
    }
}

/// The samples of both kinds that a range function sees at one step.
private struct MixedWindow {
    let floats: Window
    let histograms: Range<Int>
    let growth: StartedGrowth
}

extension Range<Int> {
    /// The first index whose float is after a time.
    fileprivate func upperBound(after time: Int64, _ samples: SampleColumns) -> Int {
        first { samples.timestamps[$0] > time } ?? upperBound
    }
}

extension UnsafeBufferPointer<Int64> {
    /// The indexes of the times after one and up to another.
    fileprivate func indexes(in bounds: (after: Int64, through: Int64)) -> Range<Int> {
        let lower = firstIndex(after: bounds.after)
        return lower..<Swift.max(lower, firstIndex(after: bounds.through))
    }
}

extension Function {
    /// Whether floats and histograms mean different things to a range function.
    fileprivate var distinguishesKinds: Bool {
        switch self {
        case .countOverTime, .presentOverTime, .absentOverTime, .firstOverTime, .lastOverTime,
            .tsOfFirstOverTime, .tsOfLastOverTime, .changes, .resets:
            false
        default: true
        }
    }
}
