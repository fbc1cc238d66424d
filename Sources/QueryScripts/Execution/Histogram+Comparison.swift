internal import MetricsModel
internal import PromQL

extension Histogram {
    /// Whether two histograms are equal for a script: empty buckets do not count, and floats may differ slightly.
    func isClose(to other: Histogram, comparingHints: Bool) -> Bool {
        schema == other.schema && zeroThreshold == other.zeroThreshold
            && customBounds == other.customBounds
            && (!comparingHints || resetHint == other.resetHint)
            && count.isClose(to: other.count) && sum.isClose(to: other.sum)
            && zeroCount.isClose(to: other.zeroCount) && positive.isClose(to: other.positive)
            && negative.isClose(to: other.negative)
    }
}

extension Histogram.Buckets {
    fileprivate func isClose(to other: Self) -> Bool {
        let left = zip(indexes, counts).filter { $0.1 != 0 }
        let right = zip(other.indexes, other.counts).filter { $0.1 != 0 }
        return left.count == right.count
            && zip(left, right).allSatisfy { $0.0 == $1.0 && $0.1.isClose(to: $1.1) }
    }
}

extension SampleValue {
    /// Whether two values agree bit for bit, hints included.
    func isIdentical(to other: SampleValue) -> Bool {
        switch (self, other) {
        case (.float(let one), .float(let other)): one.bitPattern == other.bitPattern
        case (.histogram(let one), .histogram(let other)):
            one.isIdentical(to: other) && one.resetHint == other.resetHint
        default: false
        }
    }
}

extension Double {
    /// Equal up to a relative difference of a millionth; NaN equals NaN, but not a staleness marker.
    func isClose(to other: Double) -> Bool {
        if StaleMarker.isMarker(self) || StaleMarker.isMarker(other) {
            return bitPattern == other.bitPattern
        }
        if self == other || (isNaN && other.isNaN) { return true }
        let sum = magnitude + other.magnitude
        let difference = (self - other).magnitude
        if self == 0 || other == 0 || sum < .leastNormalMagnitude {
            return difference < 1e-6 * .leastNormalMagnitude
        }
        return difference / Swift.min(sum, .greatestFiniteMagnitude) < 1e-6
    }
}
