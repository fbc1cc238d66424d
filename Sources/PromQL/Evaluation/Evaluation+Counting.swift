internal import MetricsModel

extension Evaluation {
    /// Evaluates at one step what is the same at all, and counts samples as upstream does: those of windows at
    /// each step, those read at the first.
    func once<Value>(
        for grid: StepGrid,
        _ body: () throws(EvaluationError) -> Value
    ) throws(EvaluationError) -> Value {
        let processed = samplesProcessed
        let read = samplesRead
        var counts = stepCounts.take()
        let value = try body()
        let processedOnce = samplesProcessed - processed
        samplesProcessed = processed + processedOnce * grid.count
        counts?.addInvariant(processed: processedOnce, read: samplesRead - read)
        stepCounts = counts
        return value
    }

    /// Evaluates the expression of a subquery, whose results are counted when windows pass over them.
    func withinSubquery<Value>(
        _ body: () throws(EvaluationError) -> Value
    ) throws(EvaluationError) -> Value {
        let processed = samplesProcessed
        let read = samplesRead
        var counts = stepCounts.take()
        let value = try body()
        samplesProcessed = processed
        counts?.addInnerRead(samplesRead - read)
        stepCounts = counts
        return value
    }

    /// What each step of the query counted; empty unless it was asked for.
    func steps(_ counts: [Int]?, total: Int) -> [QueryStatistics.StepCount] {
        guard control.recording.contains(.steps) else { return [] }
        let grid = StepGrid(parameters)
        guard grid.count > 1, let counts else {
            return [QueryStatistics.StepCount(timestamp: grid.start, count: total)]
        }
        return counts.enumerated().map {
            QueryStatistics.StepCount(timestamp: grid.time($0.offset), count: $0.element)
        }
    }
}

extension EvaluationMemory {
    /// Counts, by step, the samples of the series that was read last and what an instant selector made of them.
    func countSteps(lookingAt end: (Int) -> Int64) {
        guard stepCounts != nil else { return }
        countRead(end)
        for step in column.span {
            if let histogram = column.histogram(at: step) {
                stepCounts?.addProcessed(SampleValue.histogram(histogram).budget, at: step)
            } else if !column.values[step].isAbsent {
                stepCounts?.addProcessed(1, at: step)
            }
        }
    }

    /// Counts, by step, the samples of the series that was read last in the windows over them.
    func countSteps(in windows: WindowGrid) {
        guard stepCounts != nil else { return }
        countRead(windows.end)
        count(samples.timestamps, in: windows) { _ in 1 }
        let histograms = samples.histograms.values
        count(samples.histograms.timestamps, in: windows) {
            SampleValue.histogram(histograms[$0]).budget
        }
    }

    private func countRead(_ end: (Int) -> Int64) {
        stepCounts?.addRead(samples.timestamps, end: end)
        stepCounts?.addRead(samples.histograms.timestamps, end: end)
    }

    private func count(
        _ timestamps: [Int64],
        in windows: WindowGrid,
        _ weight: (Int) -> Int
    ) {
        guard !timestamps.isEmpty else { return }
        var (lower, upper, sum) = (0, 0, 0)
        for step in 0..<windows.grid.count {
            let end = windows.end(step)
            let start = end.saturatingSubtract(windows.range)
            let bounds = windows.bounds(from: start, to: end)
            while upper < timestamps.count, timestamps[upper] <= bounds.through {
                sum += weight(upper)
                upper += 1
            }
            while lower < upper, timestamps[lower] <= bounds.after {
                sum -= weight(lower)
                lower += 1
            }
            stepCounts?.addProcessed(sum, at: step)
        }
    }
}
