public import ClusterInterface
public import RemoteWrite

/// Why samples were not stored; raw values are the `reason` label of discarded samples, with Cortex' names.
public enum DiscardReason: String, Sendable, CaseIterable {
    case missingMetricName = "missing_metric_name"
    case metricNameInvalid = "metric_name_invalid"
    case labelInvalid = "label_invalid"
    case labelValueInvalid = "label_value_invalid"
    case duplicateLabelNames = "duplicate_label_names"
    case labelNameTooLong = "label_name_too_long"
    case labelValueTooLong = "label_value_too_long"
    case tooManyLabelNames = "max_label_names_per_series"
    case labelsSizeExceeded = "labels_size_bytes_exceeded"
    case tooFarInFuture = "too_far_in_future"
    case tooOldByAge = "greater_than_max_sample_age"
    case histogramSchemaInvalid = "native_histogram_invalid_schema"
    case histogramSpansInvalid = "native_histogram_spans_buckets_mismatch"
    case histogramSpanOffsetNegative = "native_histogram_span_negative_offset"
    case histogramCountNegative = "native_histogram_negative_count"
    case histogramCountMismatch = "native_histogram_count_mismatch"
    case histogramZeroThresholdInvalid = "native_histogram_invalid_zero_threshold"
    case histogramResetHintInvalid = "native_histogram_invalid_reset_hint"
    case histogramCustomBucketsInvalid = "native_histogram_custom_buckets_invalid"
    case histogramTooManyBuckets = "native_histogram_too_many_buckets"
    case outOfOrder = "sample-out-of-order"
    case tooOld = "sample-too-old"
    case newValueForTimestamp = "new-value-for-timestamp"
    case invalidSeriesKey = "invalid-series-key"

    public init(_ reason: RefusalReason) {
        self =
            switch reason {
            case .outOfOrder: .outOfOrder
            case .tooOld: .tooOld
            case .newValueForTimestamp: .newValueForTimestamp
            case .invalidSeriesKey: .invalidSeriesKey
            }
    }

    public init(_ fault: HistogramFault) {
        self =
            switch fault {
            case .unknownSchema: .histogramSchemaInvalid
            case .unknownResetHint: .histogramResetHintInvalid
            case .spansAndBucketsDiffer: .histogramSpansInvalid
            case .negativeSpanOffset: .histogramSpanOffsetNegative
            case .negativeCount: .histogramCountNegative
            case .countDiffersFromBuckets: .histogramCountMismatch
            case .invalidZeroThreshold: .histogramZeroThresholdInvalid
            case .invalidCustomBuckets: .histogramCustomBucketsInvalid
            case .tooManyBuckets: .histogramTooManyBuckets
            }
    }
}
