internal import MetricsModel

extension HistogramSeries {
    /// The growth over a window, extrapolated to its edges: `rate`, `increase` and `delta`.
    ///
    /// ``prepareResets()`` must have run for counters.
    /// - Parameters:
    ///   - isCounter: Whether falls are resets.
    ///   - isRate: Whether to divide by the window's length.
    /// - Returns: A gauge without empty buckets; nil for too few samples or a mix of schemas.
    func growth(over window: HistogramWindow, isCounter: Bool, isRate: Bool) -> HistogramOutcome {
        var outcome = HistogramOutcome(nil)
        if window.count > 1 {
            outcome = isCounter ? counterGrowth(over: window) : difference(over: window)
            guard outcome.value != nil else { return outcome }
        }
        var sampledFrom = timestamps[window.first]
        let zero = isCounter ? knownZero(of: window) : nil
        if let zero {
            sampledFrom = zero
            addFirst(of: window, to: &outcome)
        }
        guard let growth = outcome.value?.count else { return outcome }
        var factor = extrapolation(
            window,
            from: sampledFrom,
            growth: growth,
            isCounter: isCounter
        )
        if isRate { factor /= window.seconds }
        outcome.value?.multiply(by: factor)
        outcome.value?.resetHint = .gauge
        outcome.value?.compact()
        return outcome
    }

    /// When the counter was 0 inside the window, if its first sample's start timestamp says so.
    private func knownZero(of window: HistogramWindow) -> Int64? {
        guard !startTimestamps.isEmpty else { return nil }
        let start = startTimestamps[window.first]
        let isKnown = start != 0 && start > window.start && start < timestamps[window.first]
        return isKnown ? start : nil
    }

    private func addFirst(of window: HistogramWindow, to outcome: inout HistogramOutcome) {
        let first = values[window.first]
        guard outcome.value != nil else {
            outcome.value = first
            return
        }
        do throws(IncompatibleHistograms) {
            let notes = try outcome.value?.add(first) ?? []
            outcome.notes.formUnion(notes.subtracting(.conflictingResetsInAddition))
        } catch {
            outcome.value = nil
            outcome.notes.insert(.mixedSchemas)
        }
    }

    /// How much longer the window counts than what lies between its samples.
    ///
    /// - Parameter sampledFrom: The first sample's time, or when the counter is known to have been 0.
    private func extrapolation(
        _ window: HistogramWindow,
        from sampledFrom: Int64,
        growth: Double,
        isCounter: Bool
    ) -> Double {
        let firstTime = timestamps[window.first]
        let lastTime = timestamps[window.last]
        let sampled = HistogramWindow.seconds(from: sampledFrom, to: lastTime)
        let average =
            window.count > 1
            ? HistogramWindow.seconds(from: firstTime, to: lastTime) / Double(window.count - 1) : 0
        let threshold = average * 1.1
        var toStart = 0.0
        if sampledFrom == firstTime {
            toStart = HistogramWindow.seconds(from: window.start, to: firstTime)
            if toStart >= threshold { toStart = average / 2 }
            let count = values[window.first].count
            if isCounter, growth > 0, count >= 0 {
                // A counter cannot have been below 0: do not go back beyond the point where it was 0.
                let toZero = sampled * (count / growth)
                if toZero < toStart { toStart = toZero }
            }
        }
        var toEnd = HistogramWindow.seconds(from: lastTime, to: window.end)
        if toEnd >= threshold { toEnd = average / 2 }
        return sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled
    }

    /// The last sample less the first one.
    private func difference(over window: HistogramWindow) -> HistogramOutcome {
        let first = values[window.first]
        var result = values[window.last]
        guard first.usesCustomBounds == result.usesCustomBounds else {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        var notes: HistogramNotes =
            first.resetHint == .gauge && result.resetHint == .gauge ? [] : .notAGauge
        guard let added = try? result.subtract(first) else {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        notes.formUnion(added.subtracting(.conflictingResetsInSubtraction))
        return HistogramOutcome(result, notes)
    }

    /// The last sample less the first one, with everything that resets took away.
    private func counterGrowth(over window: HistogramWindow) -> HistogramOutcome {
        // A first sample before a reset plays no role, neither does its layout.
        let ignoresFirst = isKnownReset(window.first + 1)
        let relevant = (ignoresFirst ? window.first + 1 : window.first)..<window.indexes.upperBound
        var result = values[window.last]
        var notes: HistogramNotes = []
        if values[window.first].resetHint == .gauge { notes.insert(.notACounter) }
        if !isUniformCounter {
            guard let lowest = commonSchema(of: relevant, &notes) else {
                return HistogramOutcome(nil, notes)
            }
            result.reduce(toSchema: lowest)
        }
        if overlaps(in: window.indexes) { notes.insert(.overlappingStartTime) }
        do throws(IncompatibleHistograms) {
            if !ignoresFirst { notes.formUnion(try result.subtract(values[window.first])) }
            for index in resetIndexes(in: relevant) {
                notes.formUnion(try result.add(values[Int(index) - 1]))
            }
            if ignoresFirst { result.resetHint = .gauge }
        } catch {
            return HistogramOutcome(nil, .mixedSchemas)
        }
        // Resets are what this is about: hints that contradict each other are no news.
        notes.subtract([.conflictingResetsInAddition, .conflictingResetsInSubtraction])
        return HistogramOutcome(result, notes)
    }

    /// The lowest schema of samples; nil if exponential and custom ones meet.
    func commonSchema(of samples: Range<Int>, _ notes: inout HistogramNotes) -> Int8? {
        let isCustom = values[samples.lowerBound].usesCustomBounds
        var lowest = values[samples.lowerBound].schema
        for index in samples {
            guard values[index].usesCustomBounds == isCustom else {
                notes = .mixedSchemas
                return nil
            }
            if values[index].resetHint == .gauge { notes.insert(.notACounter) }
            lowest = min(lowest, values[index].schema)
        }
        return lowest
    }

    /// The difference of a window's last two samples; as a rate with resets, per second.
    ///
    /// - Parameter isRate: `irate`, otherwise `idelta`; ``prepareResets()`` must have run for rates.
    /// - Returns: A gauge without empty buckets; nil for a mix of schemas or less than two samples.
    func instantGrowth(over window: HistogramWindow, isRate: Bool) -> HistogramOutcome {
        guard window.count > 1 else { return HistogramOutcome(nil) }
        let older = values[window.last - 1]
        var result = values[window.last]
        let interval = HistogramWindow.seconds(
            from: timestamps[window.last - 1],
            to: timestamps[window.last]
        )
        guard interval > 0 else { return HistogramOutcome(nil) }
        var notes: HistogramNotes = []
        if isRate, older.resetHint == .gauge || result.resetHint == .gauge {
            notes.insert(.notACounter)
        } else if !isRate, older.resetHint != .gauge || result.resetHint != .gauge {
            notes.insert(.notAGauge)
        }
        if !isRate || !isKnownReset(window.last) {
            guard let added = try? result.subtract(older) else {
                return HistogramOutcome(nil, notes.union(.mixedSchemas))
            }
            notes.formUnion(added.subtracting(.conflictingResetsInSubtraction))
        }
        if isRate { result.divide(by: interval) }
        result.resetHint = .gauge
        result.compact()
        return HistogramOutcome(result, notes)
    }
}
