internal import MetricsModel
internal import PromQL

/// Writes native histograms as values of an answer.
enum HistogramJSON {
    /// `{"count":"10","sum":"3.5","buckets":[[0,"0.5","1","8"]]}`, ascending, without empty buckets.
    static func write(_ histogram: Histogram, to json: inout JSONBuffer) {
        json.raw("{\"count\":")
        json.value(histogram.count)
        json.raw(",\"sum\":")
        json.value(histogram.sum)
        let buckets = histogram.buckets.lazy.filter { $0.count != 0 }
        if !buckets.isEmpty {
            json.raw(",\"buckets\":")
            json.list(buckets) { bucket($1, to: &$0) }
        }
        json.raw("}")
    }

    private static func bucket(_ bucket: HistogramBucket, to json: inout JSONBuffer) {
        json.raw("[")
        json.integer(Int64(rule(bucket)))
        json.raw(",")
        json.value(bucket.lower)
        json.raw(",")
        json.value(bucket.upper)
        json.raw(",")
        json.value(bucket.count)
        json.raw("]")
    }

    /// Which ends belong to the bucket: 0 the upper, 1 the lower, 2 none, 3 both.
    private static func rule(_ bucket: HistogramBucket) -> Int {
        if bucket.includesLower { return bucket.includesUpper ? 3 : 1 }
        return bucket.includesUpper ? 0 : 2
    }
}
