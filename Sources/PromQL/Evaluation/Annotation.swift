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
        case incompatibleTypes(operation: String, left: String, right: String)
        case incompatibleBuckets(operation: String)
        /// Floats and histograms in the window of one series.
        case mixedKinds
        case mixedKindsInAggregation
        case mixedClassicAndNative
        case mixedSchemas
        case notACounter
        case notAGauge
        case conflictingResets(in: String)
        case reconciledBounds(in: String)
        case overlappingStartTime
        case ignoredHistogramsInRange
        case ignoredHistograms(aggregation: String)
        case quantileIsNaN
        case quantileIsSkewed
        case fractionExcludesNaN
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
        case .invalidQuantile, .invalidRatio, .badBucketLabel, .sortInRangeQuery,
            .incompatibleBuckets, .mixedKinds, .mixedKindsInAggregation, .mixedClassicAndNative,
            .mixedSchemas, .notACounter, .notAGauge, .conflictingResets, .overlappingStartTime:
            true
        case .possibleNonCounter, .possibleNonCounterType, .incompatibleTypes,
            .forcedMonotonicity, .reconciledBounds, .ignoredHistogramsInRange,
            .ignoredHistograms, .quantileIsNaN, .quantileIsSkewed, .fractionExcludesNaN:
            false
        }
    }

    /// The text without the position.
    var text: String { (isWarning ? "PromQL warning: " : "PromQL info: ") + body }

    private var body: String {
        switch kind {
        case .invalidQuantile(let value):
            "quantile value should be between 0 and 1, got " + FloatText.general(value)
        case .invalidRatio(let value, let capped):
            "ratio value should be between -1 and 1, got \(FloatText.general(value)), "
                + "capping to \(FloatText.general(capped))"
        case .badBucketLabel(let value):
            "bucket label \"le\" is missing or has a malformed value of "
                + QuotedText.quote(value) + metric
        case .sortInRangeQuery:
            "sort is ineffective for range queries since results are always ordered by labels"
        case .possibleNonCounter(let name):
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                + QuotedText.quote(name)
        case .possibleNonCounterType(let type, let name):
            "metric might not be a counter, __type__ label is not set to \"counter\" or "
                + "\"histogram\", got \(QuotedText.quote(type)): \(QuotedText.quote(name))"
        case .forcedMonotonicity:
            "input to histogram_quantile needed to be fixed for monotonicity (see "
                + "https://prometheus.io/docs/prometheus/latest/querying/functions/"
                + "#histogram_quantile)" + metric
        default: histogramBody
        }
    }

    /// The texts about native histograms.
    private var histogramBody: String {
        switch kind {
        case .incompatibleTypes(let operation, let left, let right):
            "incompatible sample types encountered for binary operator "
                + "\(QuotedText.quote(operation)): \(left) \(operation) \(right)"
        case .incompatibleBuckets(let operation):
            "incompatible bucket layout encountered for binary operator \(operation)"
        case .mixedKinds:
            "encountered a mix of histograms and floats for metric name "
                + QuotedText.quote(metricName)
        case .mixedKindsInAggregation: "encountered a mix of histograms and floats for aggregation"
        case .mixedClassicAndNative:
            "vector contains a mix of classic and native histograms" + metric
        case .mixedSchemas:
            "vector contains a mix of histograms with exponential and custom buckets schemas for "
                + "metric name \(QuotedText.quote(metricName))"
        case .notACounter:
            "this native histogram metric is not a counter: \(QuotedText.quote(metricName))"
        case .notAGauge:
            "this native histogram metric is not a gauge: \(QuotedText.quote(metricName))"
        case .conflictingResets(let operation):
            "conflicting counter resets during histogram \(operation)"
        case .reconciledBounds(let operation):
            "mismatched custom buckets were reconciled during \(operation)"
        case .overlappingStartTime:
            "sample has start time that overlaps with previous sample timestamp for metric "
                + QuotedText.quote(metricName)
        case .ignoredHistogramsInRange:
            "ignored histograms in a range containing both floats and histograms for metric name "
                + QuotedText.quote(metricName)
        case .ignoredHistograms(let aggregation):
            "ignored histogram in \(aggregation) aggregation"
        case .quantileIsNaN:
            "input to histogram_quantile has NaN observations, result is NaN" + metric
        case .quantileIsSkewed:
            "input to histogram_quantile has NaN observations, result is skewed higher" + metric
        case .fractionExcludesNaN:
            "input to histogram_fraction has NaN observations, which are excluded from all "
                + "fractions" + metric
        default: ""
        }
    }

    private var metric: String {
        metricName.isEmpty ? "" : " for metric name \(QuotedText.quote(metricName))"
    }
}

extension HistogramNotes {
    /// The remarks that notes on histograms become, but those on operators between kinds.
    func annotations(metricName: String, at position: SourceRange) -> [Annotation] {
        let kinds: [(HistogramNotes, Annotation.Kind)] = [
            (.notACounter, .notACounter), (.notAGauge, .notAGauge),
            (.mixedSchemas, .mixedSchemas),
            (.conflictingResetsInAddition, .conflictingResets(in: "addition")),
            (.conflictingResetsInSubtraction, .conflictingResets(in: "subtraction")),
            (.conflictingResetsInAggregation, .conflictingResets(in: "aggregation")),
            (.boundsReconciledInAddition, .reconciledBounds(in: "addition")),
            (.boundsReconciledInSubtraction, .reconciledBounds(in: "subtraction")),
            (.boundsReconciledInAggregation, .reconciledBounds(in: "aggregation")),
            (.overlappingStartTime, .overlappingStartTime),
            (.quantileIsNaN, .quantileIsNaN), (.quantileIsSkewed, .quantileIsSkewed),
            (.fractionExcludesNaN, .fractionExcludesNaN),
        ]
        return kinds.filter { contains($0.0) }.map {
            Annotation($0.1, metricName: metricName, at: position)
        }
    }
}
