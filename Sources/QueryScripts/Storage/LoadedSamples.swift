internal import MetricsModel
internal import PromQL

/// All that the `load` blocks of a script have stored so far.
struct LoadedSamples {
    struct Sample {
        var value: SampleValue
        /// Milliseconds; 0 is unknown.
        var startTimestamp: Int64
    }

    private var series: [Labels: [Int64: Sample]] = [:]

    /// Adds what a `load` block says.
    ///
    /// - Throws: An error with the line where another value is at a time already.
    mutating func add(_ load: ScriptLoad, script: String) throws(ScriptError) {
        var added = load.series
        if load.buildsHistograms { added += ClassicHistograms(load).converted() }
        for series in added {
            do throws(SyntaxFault) {
                try add(series, step: load.step)
            } catch {
                throw ScriptError(script: script, line: series.line, reason: error.reason)
            }
        }
    }

    /// Sorted by labels, with the hints on resets that a storage adds.
    func columns() -> [SeriesSamples] {
        series.map { labels, samples in
            var columns = SampleColumns()
            for (time, sample) in samples.sorted(by: { $0.key < $1.key }) {
                columns.append(time, sample)
            }
            columns.dropUnknownStartTimestamps()
            columns.histograms.fillResetHints(breaks: columns.timestamps)
            return SeriesSamples(labels: labels, samples: columns)
        }.sorted { $0.labels < $1.labels }
    }

    private mutating func add(_ added: ScriptLoad.Series, step: Int64) throws(SyntaxFault) {
        var samples = series[added.labels] ?? [:]
        for (index, point) in added.points.enumerated() {
            let value: SampleValue
            switch point {
            case .gap: continue
            case .float(let number): value = .float(number)
            case .histogram(let histogram): value = .histogram(histogram.value)
            }
            let time = Int64(index) * step
            var sample = Sample(value: value, startTimestamp: 0)
            if !added.startOffsets.isEmpty, let offset = added.startOffsets[index] {
                sample.startTimestamp = time + offset
            }
            if let old = samples[time], !old.value.isIdentical(to: value) {
                throw SyntaxFault(
                    reason: "\(added.labels) has another value at \(time) ms already"
                )
            }
            samples[time] = sample
        }
        if !samples.isEmpty { series[added.labels] = samples }
    }
}

extension SampleColumns {
    /// Appends a sample later than all others.
    fileprivate mutating func append(_ time: Int64, _ sample: LoadedSamples.Sample) {
        switch sample.value {
        case .float(let value):
            timestamps.append(time)
            values.append(value)
            startTimestamps.append(sample.startTimestamp)
        case .histogram(let value):
            histograms.timestamps.append(time)
            histograms.values.append(value)
            histograms.startTimestamps.append(sample.startTimestamp)
        }
    }

    fileprivate mutating func dropUnknownStartTimestamps() {
        if startTimestamps.allSatisfy({ $0 == 0 }) { startTimestamps = [] }
        if histograms.startTimestamps.allSatisfy({ $0 == 0 }) { histograms.startTimestamps = [] }
    }
}
