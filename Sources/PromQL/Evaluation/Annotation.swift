/// A remark on a query's result that is no error.
struct Annotation: Hashable, Sendable {
    /// What became odd; the texts are Prometheus'.
    enum Kind: Hashable, Sendable {
        case invalidQuantile(Double)
        case invalidRatio(Double, capped: Double)
        case badBucketLabel(String)
        case sortInRangeQuery
        case possibleNonCounter(String)
        case possibleNonCounterType(String, metric: String)
        case incompatibleTypes(operation: String)
        /// The remark of ``MonotonicityFix`` until its numbers are known.
        case forcedMonotonicity
    }

    let kind: Kind
    /// The name of the metric it is about, where the text has a place for it; empty for none.
    let metricName: String
    /// Byte offset in the query of the expression it is about.
    let position: Int

    init(_ kind: Kind, metricName: String = "", at range: SourceRange) {
        self.kind = kind
        self.metricName = metricName
        position = range.start
    }

    var isWarning: Bool {
        switch kind {
        case .invalidQuantile, .invalidRatio, .badBucketLabel, .sortInRangeQuery: true
        case .possibleNonCounter, .possibleNonCounterType, .incompatibleTypes,
            .forcedMonotonicity:
            false
        }
    }

    /// The text without the position.
    var text: String {
        let metric = metricName.isEmpty ? "" : " for metric name \(QuotedText.quote(metricName))"
        return switch kind {
        case .invalidQuantile(let value):
            "PromQL warning: quantile value should be between 0 and 1, got "
                + FloatText.general(value)
        case .invalidRatio(let value, let capped):
            "PromQL warning: ratio value should be between -1 and 1, got "
                + "\(FloatText.general(value)), capping to \(FloatText.general(capped))"
        case .badBucketLabel(let value):
            "PromQL warning: bucket label \"le\" is missing or has a malformed value of "
                + QuotedText.quote(value) + metric
        case .sortInRangeQuery:
            "PromQL warning: sort is ineffective for range queries since results are always "
                + "ordered by labels"
        case .possibleNonCounter(let name):
            "PromQL info: metric might not be a counter, name does not end in "
                + "_total/_sum/_count/_bucket: \(QuotedText.quote(name))"
        case .possibleNonCounterType(let type, let name):
            "PromQL info: metric might not be a counter, __type__ label is not set to "
                + "\"counter\" or \"histogram\", got \(QuotedText.quote(type)): "
                + QuotedText.quote(name)
        case .incompatibleTypes(let operation):
            "PromQL info: incompatible sample types encountered for binary operator "
                + "\(QuotedText.quote(operation)): float \(operation) float"
        case .forcedMonotonicity:
            "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see "
                + "https://prometheus.io/docs/prometheus/latest/querying/functions/"
                + "#histogram_quantile)" + metric
        }
    }
}
