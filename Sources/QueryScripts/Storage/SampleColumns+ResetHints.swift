internal import MetricsModel

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
    /// Whether this can be a later state of a counter: the same buckets, and none has fallen.
    fileprivate func continues(_ before: Histogram) -> Bool {
        before.resetHint != .gauge && !before.isStaleMarker && !isStaleMarker
            && schema == before.schema && zeroThreshold == before.zeroThreshold
            && customBounds == before.customBounds && count >= before.count
            && zeroCount >= before.zeroCount && positive.continues(before.positive)
            && negative.continues(before.negative)
    }
}

extension Histogram.Buckets {
    fileprivate func continues(_ before: Histogram.Buckets) -> Bool {
        var position = 0
        for (index, count) in zip(before.indexes, before.counts) where count != 0 {
            while position < indexes.count, indexes[position] < index { position += 1 }
            guard position < indexes.count, indexes[position] == index, counts[position] >= count
            else { return false }
        }
        return true
    }
}
