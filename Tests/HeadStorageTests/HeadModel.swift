import HeadStorage
import MetricsModel

/// What a head must do, written down as simply as can be.
struct HeadModel {
    let settings: HeadSettings
    private(set) var series: [Labels: Series] = [:]
    private(set) var pendingCuts: [(id: UInt64, before: Int64)] = []

    struct Series {
        var newest: HeadSample?
        var samples: [Int64: HeadSample] = [:]
        var cuts: [UInt64: [Int64: HeadSample]] = [:]

        /// Everything in memory by time.
        var all: [Int64: HeadSample] {
            cuts.values.reduce(samples) { $0.merging($1) { first, _ in first } }
        }
    }

    mutating func create(_ labels: Labels) {
        series[labels] = series[labels] ?? Series()
    }

    mutating func append(
        _ sample: HeadSample,
        to labels: Labels,
        lateWindow: Int64,
        now: Int64
    ) -> AppendOutcome {
        guard var found = series[labels] else { preconditionFailure("append to \(labels)") }
        defer { series[labels] = found }
        guard let newest = found.newest, sample.timestamp <= newest.timestamp else {
            found.newest = sample
            found.samples[sample.timestamp] = sample
            return .stored
        }
        let known =
            found.all[sample.timestamp]
            ?? (newest.timestamp == sample.timestamp ? newest : nil)
        if let known {
            return known.value == sample.value ? .duplicate : .refused(.newValueForTimestamp)
        }
        guard lateWindow > 0 else { return .refused(.outOfOrder) }
        guard sample.timestamp >= now - lateWindow else { return .refused(.tooOld) }
        found.samples[sample.timestamp] = sample
        return .stored
    }

    mutating func beginCut(id: UInt64, before end: Int64) -> Bool {
        var isEmpty = true
        for (labels, var found) in series {
            let taken = found.samples.filter { $0.key < end }
            guard !taken.isEmpty else { continue }
            isEmpty = false
            found.samples = found.samples.filter { $0.key >= end }
            found.cuts[id] = taken
            series[labels] = found
        }
        if !isEmpty { pendingCuts.append((id, end)) }
        return !isEmpty
    }

    /// Samples of a cut by labels and window.
    func contents(ofCut id: UInt64) -> [Int64: [Labels: [HeadSample]]] {
        var contents: [Int64: [Labels: [HeadSample]]] = [:]
        for (labels, found) in series {
            for sample in Self.sorted(found.cuts[id] ?? [:]) {
                contents[window(of: sample.timestamp), default: [:]][labels, default: []]
                    .append(sample)
            }
        }
        return contents
    }

    mutating func finishCut(_ id: UInt64) {
        guard let index = pendingCuts.firstIndex(where: { $0.id == id }) else { return }
        let end = pendingCuts.remove(at: index).before
        for (labels, var found) in series {
            found.cuts[id] = nil
            let isIdle = found.newest.map { $0.timestamp < end } ?? true
            series[labels] = isIdle && found.all.isEmpty ? nil : found
        }
    }

    /// The samples in a range of the series that pass, by labels.
    func select(_ matchers: [LabelMatcher], _ range: TimeRange) -> [Labels: [HeadSample]] {
        var found: [Labels: [HeadSample]] = [:]
        for (labels, content) in series where matchers.allMatch(labels) {
            let samples = Self.sorted(content.all).filter { range.contains($0.timestamp) }
            if !samples.isEmpty { found[labels] = samples }
        }
        return found
    }

    func window(of timestamp: Int64) -> Int64 {
        let quotient = (Double(timestamp) / Double(settings.windowDuration)).rounded(.down)
        return Int64(quotient) * settings.windowDuration
    }

    private static func sorted(_ samples: [Int64: HeadSample]) -> [HeadSample] {
        samples.values.sorted { $0.timestamp < $1.timestamp }
    }
}
