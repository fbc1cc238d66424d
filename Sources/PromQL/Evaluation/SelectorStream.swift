internal import MetricsModel

/// The elements of an instant selector.
final class SelectorStream: ElementStream {
    /// What an element is made of the sample that a step sees.
    enum Content {
        case value
        /// Its time, in seconds.
        case time
        /// Its time, in milliseconds.
        case milliseconds
        /// When counting began, in seconds.
        case startTime
    }

    private let source: any SeriesSource
    private let shift: TimeShift
    private let grid: StepGrid
    /// Milliseconds.
    private let lookback: Int64
    private let isSmoothed: Bool
    let hasOneName: Bool
    /// Where remarks point to.
    private let position: SourceRange
    private let content: Content
    /// Which values of floats matter to whoever reads the elements.
    private let needed: NeededValues

    init(
        _ source: any SeriesSource,
        _ shift: TimeShift,
        _ grid: StepGrid,
        lookback: Int64,
        isSmoothed: Bool = false,
        hasOneName: Bool = false,
        at position: SourceRange,
        _ content: Content = .value,
        needed: NeededValues = .all
    ) {
        self.source = source
        self.shift = shift
        self.grid = grid
        self.lookback = lookback
        self.isSmoothed = isSmoothed
        self.hasOneName = hasOneName
        self.position = position
        self.content = content
        self.needed = needed
    }

    func withoutValues() -> any ElementStream {
        guard content == .value, !isSmoothed else { return self }
        return SelectorStream(
            source,
            shift,
            grid,
            lookback: lookback,
            hasOneName: hasOneName,
            at: position,
            needed: .markers
        )
    }

    var count: Int { source.count }

    func labels(at index: Int) -> Labels { source.labels(at: index) }

    func keys(_ projection: LabelProjection) -> any SeriesKeys { source.keys(projection) }

    func dropsName(at index: Int) -> Bool { false }

    func compute(_ index: Int, _ memory: EvaluationMemory) throws(EvaluationError) {
        try memory.read(index, of: source, needed)
        if isSmoothed {
            memory.samples.removeMarkers()
            if memory.samples.histograms.isEmpty {
                smoothed(memory)
            } else {
                smoothedHistograms(memory, name: source.labels(at: index).name)
            }
        } else if memory.samples.histograms.isEmpty, content == .value {
            newestFloats(memory)
        } else {
            try newest(memory, index)
        }
        memory.countSteps { shift.reference(at: grid.time($0)) }
    }

    /// At each step the newest float not older than the lookback, unless it is a staleness marker.
    private func newestFloats(_ memory: EvaluationMemory) {
        let column = memory.column
        var first = -1
        var last = -1
        memory.samples.values.withUnsafeBufferPointer { values in
            memory.samples.timestamps.withUnsafeBufferPointer { times in
                var next = times.firstIndex(after: shift.reference(at: grid.start))
                for step in 0..<grid.count {
                    let reference = shift.reference(at: grid.time(step))
                    while next < times.count, times[next] <= reference { next += 1 }
                    var value = Double.absent
                    if next > 0 {
                        if times[next - 1] > reference.saturatingSubtract(lookback) {
                            value = values[next - 1]
                        } else if next == times.count {
                            break
                        }
                    }
                    column.values[step] = value
                    guard !value.isAbsent else { continue }
                    memory.samplesProcessed += 1
                    if first < 0 { first = step }
                    last = step
                }
            }
        }
        column.setFloats(first < 0 ? 0..<0 : first..<last + 1)
    }

    /// The same where samples may be histograms, or something else than their value is asked for.
    private func newest(_ memory: EvaluationMemory, _ index: Int) throws(EvaluationError) {
        let samples = memory.samples
        memory.column.removeAll()
        var nextFloat = 0
        var nextHistogram = 0
        for step in 0..<grid.count {
            let reference = shift.reference(at: grid.time(step))
            let oldest = reference.saturatingSubtract(lookback)
            nextFloat = samples.timestamps.index(after: reference, from: nextFloat)
            nextHistogram = samples.histograms.timestamps.index(
                after: reference,
                from: nextHistogram
            )
            let float = nextFloat > 0 ? samples.timestamps[nextFloat - 1] : .min
            let histogram =
                nextHistogram > 0 ? samples.histograms.timestamps[nextHistogram - 1] : .min
            let time = max(float, histogram)
            guard time > oldest, nextFloat + nextHistogram > 0 else { continue }
            if histogram > float {
                let value = samples.histograms.values[nextHistogram - 1]
                guard !value.isStaleMarker else { continue }
                guard content != .milliseconds else {
                    throw .execution(
                        message: "this should be an info metric, with float samples: "
                            + QuotedText.labels(source.labels(at: index))
                    )
                }
                let start = samples.histograms.startTimestamps.element(nextHistogram - 1)
                append(.histogram(value), time, start, at: step, memory)
            } else {
                let value = samples.values[nextFloat - 1]
                guard !value.isAbsent else { continue }
                let start = samples.startTimestamps.element(nextFloat - 1)
                append(.float(value), time, start, at: step, memory)
            }
        }
    }

    private func append(
        _ value: SampleValue,
        _ time: Int64,
        _ start: Int64,
        at step: Int,
        _ memory: EvaluationMemory
    ) {
        memory.samplesProcessed += value.budget
        switch content {
        case .value: memory.column.append(value, at: step)
        case .time: memory.column.append(Double(time) / 1000, at: step)
        case .milliseconds: memory.column.append(Double(time), at: step)
        case .startTime: memory.column.append(Double(start) / 1000, at: step)
        }
    }

    /// The histogram at each step's time, interpolated between its neighbours within the lookback.
    private func smoothedHistograms(_ memory: EvaluationMemory, name: String) {
        let samples = memory.samples
        let times = samples.histograms.timestamps
        let series = HistogramSeries(timestamps: times, values: samples.histograms.values)
        memory.column.removeAll()
        for step in 0..<grid.count {
            let reference = shift.reference(at: grid.time(step))
            let range = TimeRange(
                start: reference.saturatingSubtract(lookback).saturatingAdd(1),
                end: reference.saturatingAdd(lookback).saturatingAdd(1)
            )
            let first = times.firstIndex { range.contains($0) }
            let hasFloats = samples.timestamps.contains { range.contains($0) }
            guard let first else {
                if hasFloats { smoothedFloat(at: step, reference, memory, samples) }
                continue
            }
            guard !hasFloats else {
                memory.annotations.add(Annotation(.mixedKinds, metricName: name, at: position))
                continue
            }
            let end = times.lastIndex { range.contains($0) }.map { $0 + 1 } ?? first + 1
            let outcome = series.smoothedValue(
                in: HistogramWindow(
                    indexes: first..<end,
                    start: reference.saturatingSubtract(lookback),
                    end: reference
                )
            )
            for note in outcome.notes.annotations(metricName: name, at: position) {
                memory.annotations.add(note)
            }
            guard let value = outcome.value else { continue }
            memory.samplesProcessed += value.budget
            memory.column.append(value, at: step)
        }
    }

    /// The float at the step's time, interpolated between its neighbours within the lookback.
    private func smoothed(_ memory: EvaluationMemory) {
        let samples = memory.samples
        memory.column.removeAll()
        for step in 0..<grid.count {
            smoothedFloat(at: step, shift.reference(at: grid.time(step)), memory, samples)
        }
    }

    private func smoothedFloat(
        at step: Int,
        _ reference: Int64,
        _ memory: EvaluationMemory,
        _ samples: SampleColumns
    ) {
        let next = samples.timestamps.withUnsafeBufferPointer { $0.firstIndex(after: reference) }
        let left = next - 1
        guard left >= 0, samples.timestamps[left] > reference.saturatingSubtract(lookback) else {
            return
        }
        memory.samplesProcessed += 1
        let isExact = samples.timestamps[left] == reference
        let hasRight =
            next < samples.timestamps.count
            && samples.timestamps[next] <= reference.saturatingAdd(lookback)
        guard !isExact, hasRight else {
            return memory.column.append(samples.values[left], at: step)
        }
        let line = Interpolation(
            leftTime: samples.timestamps[left],
            leftValue: samples.values[left],
            rightTime: samples.timestamps[next],
            rightValue: samples.values[next]
        )
        memory.column.append(line.value(at: reference, isCounter: false), at: step)
    }
}

extension [Int64] {
    /// The first index at or behind `index` whose time is after `time`, in ascending times.
    fileprivate func index(after time: Int64, from index: Int) -> Int {
        var index = index
        while index < count, self[index] <= time { index += 1 }
        return index
    }

    /// An element of a column that may be missing as a whole; 0 is unknown.
    fileprivate func element(_ index: Int) -> Int64 { isEmpty ? 0 : self[index] }
}

extension UnsafeBufferPointer<Int64> {
    /// The first index whose time is after `time`, in ascending times.
    func firstIndex(after time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SampleValue {
    /// What a sample counts in the limit on samples: a float 1, a histogram its size in 16 bytes.
    var budget: Int {
        switch self {
        case .float: 1
        case .histogram(let histogram): histogram.budget
        }
    }
}

extension Histogram {
    /// See ``SampleValue/budget``; the size that upstream counts, with two numbers for each span of buckets.
    var budget: Int {
        let buckets = positive.counts.count + negative.counts.count + customBounds.count
        return (8 + 80 + 8 * buckets + 8) / 16
    }
}

extension EvaluationMemory {
    /// Reads the samples of a series.
    func read(
        _ index: Int,
        of source: any SeriesSource,
        _ needed: NeededValues = .all
    ) throws(EvaluationError) {
        do {
            try source.read(index, needed: needed, into: &samples)
            samplesRead += samples.count
        } catch let error as EvaluationError {
            throw error
        } catch {
            throw .unreadable(description: "\(error)")
        }
    }
}

extension SampleColumns {
    /// Takes the staleness markers out.
    mutating func removeMarkers() {
        if let first = values.firstIndex(where: \.isAbsent) { removeFloatMarkers(from: first) }
        guard histograms.values.contains(where: \.isStaleMarker) else { return }
        let kept = histograms.values.indices.filter { !histograms.values[$0].isStaleMarker }
        histograms = HistogramColumns(
            timestamps: kept.map { histograms.timestamps[$0] },
            values: kept.map { histograms.values[$0] },
            startTimestamps: histograms.startTimestamps.isEmpty
                ? [] : kept.map { histograms.startTimestamps[$0] }
        )
    }

    private mutating func removeFloatMarkers(from first: Int) {
        var target = first
        for index in first..<values.count where !values[index].isAbsent {
            values[target] = values[index]
            timestamps[target] = timestamps[index]
            if !startTimestamps.isEmpty { startTimestamps[target] = startTimestamps[index] }
            target += 1
        }
        let surplus = values.count - target
        values.removeLast(surplus)
        timestamps.removeLast(surplus)
        if !startTimestamps.isEmpty { startTimestamps.removeLast(surplus) }
    }
}
