internal import MetricsModel
internal import PromQL

extension HistogramColumns {
    /// Says of each histogram without a hint that it continues the one before it, where it does.
    ///
    /// Scripts expect this of the storage. Where a histogram does not continue, it keeps its hint: Prometheus'
    /// storage says `unknown` too where it begins a new chunk, for whatever reason.
    ///
    /// - Parameter breaks: Times (ms) of samples that are no histograms; what follows one continues nothing.
    mutating func fillResetHints(breaks: [Int64]) {
        var breaks = breaks[...]
        for index in values.indices.dropFirst() where values[index].resetHint == .unknown {
            breaks = breaks.drop { $0 < timestamps[index - 1] }
            if let next = breaks.first, next < timestamps[index] { continue }
            if values[index].continues(values[index - 1]) { values[index].resetHint = .notReset }
        }
    }
}

extension Histogram {
    /// Whether this can be a later state of a counter in the same chunk: the same buckets, and none has fallen.
    fileprivate func continues(_ before: Histogram) -> Bool {
        before.resetHint != .gauge && !before.isStaleMarker && !isStaleMarker
            && hasBounds(of: before) && !isReset(after: before)
    }

    private func hasBounds(of other: Histogram) -> Bool {
        schema == other.schema && zeroThreshold == other.zeroThreshold
            && customBounds == other.customBounds
    }
}
