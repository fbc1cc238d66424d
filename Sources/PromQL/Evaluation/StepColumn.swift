internal import MetricsModel

/// The values of one element at all steps, in memory that is used again for the next element.
///
/// Only the steps in ``span`` mean anything. Within it, a step holds a float, a histogram, or neither: then
/// its float is absent.
final class StepColumn {
    let stepCount: Int
    /// A float for each step of the grid.
    let values: UnsafeMutablePointer<Double>
    /// The steps that may have a value; empty for an element without any.
    private(set) var span: Range<Int> = 0..<0
    /// Empty where no step has a histogram; otherwise one entry for each step of the grid.
    private(set) var histograms: [Histogram?] = []

    init(stepCount: Int) {
        self.stepCount = stepCount
        values = .allocate(capacity: stepCount)
        values.initialize(repeating: .absent, count: stepCount)
    }

    deinit { values.deallocate() }

    /// Says that the floats of these steps have been written, absent ones included.
    func setFloats(_ span: Range<Int>) {
        self.span = span
        if !histograms.isEmpty { histograms.removeAll(keepingCapacity: true) }
    }

    /// Empties the column, so that steps can be appended one by one.
    func removeAll() { setFloats(0..<0) }

    /// Adds a float behind all other steps; an absent one is skipped.
    @inline(__always)
    func append(_ value: Double, at step: Int) {
        guard !value.isAbsent else { return }
        extend(to: step)
        values[step] = value
    }

    /// Adds a histogram behind all other steps.
    func append(_ histogram: Histogram, at step: Int) {
        extend(to: step)
        values[step] = .absent
        if histograms.isEmpty { histograms = [Histogram?](repeating: nil, count: stepCount) }
        histograms[step] = histogram
    }

    func append(_ value: SampleValue, at step: Int) {
        switch value {
        case .float(let value): append(value, at: step)
        case .histogram(let histogram): append(histogram, at: step)
        }
    }

    @inline(__always)
    private func extend(to step: Int) {
        if span.isEmpty {
            span = step..<step + 1
        } else {
            var gap = span.upperBound
            while gap < step {
                values[gap] = .absent
                gap += 1
            }
            span = span.lowerBound..<step + 1
        }
    }

    /// The histogram at a step.
    func histogram(at step: Int) -> Histogram? {
        histograms.isEmpty ? nil : histograms[step]
    }

    /// Whether any step has a float.
    var hasFloat: Bool { floats.contains { !$0.isAbsent } }

    /// The floats of the span.
    var floats: UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(start: values + span.lowerBound, count: span.count)
    }

    /// Copies what a materialised column holds.
    func assign(_ column: SeriesColumn) {
        column.values.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            (values + column.firstStep).update(from: base, count: source.count)
        }
        setFloats(column.steps)
        guard !column.histograms.isEmpty else { return }
        histograms = [Histogram?](repeating: nil, count: stepCount)
        for (step, histogram) in zip(column.steps, column.histograms) {
            histograms[step] = histogram
        }
    }

    /// A copy of the steps that have values; nil if none has.
    func column(_ labels: @autoclosure () -> Labels, dropsName: Bool) -> SeriesColumn? {
        var first = span.lowerBound
        var end = span.upperBound
        while first < end, isEmpty(first) { first += 1 }
        while end > first, isEmpty(end - 1) { end -= 1 }
        guard first < end else { return nil }
        return SeriesColumn(
            labels: labels(),
            dropsName: dropsName,
            firstStep: first,
            values: Array(UnsafeBufferPointer(start: values + first, count: end - first)),
            histograms: histograms.isEmpty ? [] : Array(histograms[first..<end])
        )
    }

    private func isEmpty(_ step: Int) -> Bool {
        values[step].isAbsent && histogram(at: step) == nil
    }
}
