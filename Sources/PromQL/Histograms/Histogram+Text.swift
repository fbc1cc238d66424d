internal import MetricsModel

extension Histogram {
    /// The form in which labels show a histogram: `{count:3, sum:4, [-1,-0.5):1, (0.5,1]:2}`.
    ///
    /// Buckets ascend; empty ones are left out.
    var text: String {
        var text = "{count:\(FloatText.general(count)), sum:\(FloatText.general(sum))"
        for position in negative.indexes.indices.reversed() where negative.counts[position] != 0 {
            text += ", " + negativeBucket(at: position).text
        }
        if zeroCount != 0, !usesCustomBounds { text += ", " + zeroBucket.text }
        for position in positive.indexes.indices where positive.counts[position] != 0 {
            text += ", " + positiveBucket(at: position).text
        }
        return text + "}"
    }
}

extension HistogramBucket {
    /// Interval and count: `(0.5,1]:2`.
    var text: String {
        (includesLower ? "[" : "(")
            + "\(FloatText.general(lower)),\(FloatText.general(upper))"
            + (includesUpper ? "]" : ")")
            + ":\(FloatText.general(count))"
    }
}
