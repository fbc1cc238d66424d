internal import MetricsModel

/// What an aggregation does with histograms.
enum HistogramUse: Sendable {
    case sum
    case average
    case count
    /// Leaves them out, with a remark.
    case ignore
}

/// What an aggregation remembers of the histograms of each group at each step.
struct HistogramFold: Sendable {
    /// What is known of one slot.
    private struct Slot: Sendable {
        var count: Int32 = 0
        var sum: HistogramSum?
        var mean: HistogramMean?
        /// The name of the series whose buckets did not fit, if one did not.
        var misfit: String?
    }

    private var slots: [Int: Slot] = [:]

    /// Adds a histogram of the series with a name.
    mutating func add(
        _ histogram: Histogram,
        at slot: Int,
        _ use: HistogramUse,
        name: @autoclosure () -> String
    ) {
        guard use != .ignore else { return }
        var state = slots.removeValue(forKey: slot) ?? Slot()
        state.count += 1
        do throws(IncompatibleHistograms) {
            if use == .sum {
                if state.sum == nil {
                    state.sum = HistogramSum(histogram)
                } else {
                    try state.sum?.add(histogram)
                }
            } else if use == .average {
                if state.mean == nil {
                    state.mean = HistogramMean(histogram)
                } else {
                    try state.mean?.add(histogram)
                }
            }
        } catch {
            state.misfit = state.misfit ?? name()
        }
        slots[slot] = state
    }

    mutating func merge(_ other: HistogramFold, from otherSlot: Int, count: Int, at slot: Int) {
        guard !other.slots.isEmpty else { return }
        for index in 0..<count {
            guard let added = other.slots[otherSlot + index] else { continue }
            guard var state = slots.removeValue(forKey: slot + index) else {
                slots[slot + index] = added
                continue
            }
            state.count += added.count
            do throws(IncompatibleHistograms) {
                if let sum = added.sum { try state.sum?.merge(sum) }
                if let mean = added.mean { try state.mean?.merge(mean) }
                state.misfit = state.misfit ?? added.misfit
            } catch {
                state.misfit = state.misfit ?? added.misfit ?? ""
            }
            slots[slot + index] = state
        }
    }

    /// The result of a slot: that of its floats or of its histograms.
    ///
    /// - Parameters:
    ///   - float: The result of its floats, absent if there are none.
    ///   - position: Of the expression that is aggregated.
    func result(
        _ slot: Int,
        _ float: Double,
        _ use: HistogramUse,
        _ annotations: inout Annotations,
        at position: SourceRange
    ) -> SampleValue? {
        guard let state = slots[slot] else { return float.isAbsent ? nil : .float(float) }
        if use == .count { return .float((float.isAbsent ? 0 : float) + Double(state.count)) }
        guard float.isAbsent else {
            annotations.add(Annotation(.mixedKindsInAggregation, at: position))
            return nil
        }
        if let name = state.misfit {
            annotations.add(Annotation(.mixedSchemas, metricName: name, at: position))
            return nil
        }
        let notes = state.sum?.notes ?? state.mean?.notes ?? []
        for annotation in notes.annotations(metricName: "", at: position) {
            annotations.add(annotation)
        }
        return (state.sum?.total ?? state.mean?.mean).map { .histogram($0) }
    }
}
