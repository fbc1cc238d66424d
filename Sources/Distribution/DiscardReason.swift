public import ClusterInterface
public import RemoteWrite

/// Why samples, exemplars or metadata were not stored; raw values are the `reason` label of what was discarded, with
/// Cortex' names where it has one.
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
    case samplesAndHistograms = "samples_and_histograms"
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
    /// Of whole requests, with all that is in them.
    case rateLimited = "rate_limited"
    // Of new series
    case perTenantSeriesLimit = "per_user_series_limit"
    case perMetricSeriesLimit = "per_metric_series_limit"
    case perLabelSetSeriesLimit = "per_labelset_series_limit"
    /// Dropped by the tenant's own rules, which is no fault of the sender.
    case relabelConfiguration = "relabel_configuration"
    /// By an ingester of a later version.
    case refusedByIngester = "refused_by_ingester"
    // Of exemplars
    case exemplarLabelsMissing = "exemplar_labels_missing"
    case exemplarLabelsTooLong = "exemplar_labels_too_long"
    case exemplarLabelsInvalid = "exemplar_labels_invalid"
    case exemplarTimestampInvalid = "exemplar_timestamp_invalid"
    case exemplarMalformed = "exemplar_malformed"
    case exemplarTooFarInFuture = "exemplar_too_far_in_future"
    case exemplarTooOld = "exemplar_too_old"
    case exemplarOutOfOrder = "exemplar_out_of_order"
    case tooManyExemplars = "exemplars_per_request_exceeded"
    /// None of the tenant are kept, which is no fault of the sender.
    case exemplarsDisabled = "exemplars_disabled"
    // Of metadata, beside ``missingMetricName``
    case metadataNameTooLong = "metric_name_too_long"
    case metadataHelpTooLong = "help_too_long"
    case metadataUnitTooLong = "unit_too_long"
    case metadataInvalid = "metadata_invalid"
    case metadataMalformed = "metadata_malformed"
    case tooMuchMetadata = "metadata_per_request_exceeded"
    case perTenantMetadataLimit = "per_user_metadata_limit"
    case perMetricMetadataLimit = "per_metric_metadata_limit"

    /// Whether samples are refused for it; the others are about exemplars and metadata.
    var isOfSamples: Bool {
        switch self {
        case .exemplarLabelsMissing, .exemplarLabelsTooLong, .exemplarLabelsInvalid,
            .exemplarTimestampInvalid, .exemplarMalformed, .exemplarTooFarInFuture,
            .exemplarTooOld, .exemplarOutOfOrder, .tooManyExemplars, .exemplarsDisabled,
            .metadataNameTooLong, .metadataHelpTooLong, .metadataUnitTooLong, .metadataInvalid,
            .metadataMalformed, .tooMuchMetadata, .perTenantMetadataLimit, .perMetricMetadataLimit:
            false
        default: true
        }
    }

    public init(_ reason: RefusalReason) {
        self =
            switch reason {
            case .outOfOrder: .outOfOrder
            case .tooOld: .tooOld
            case .newValueForTimestamp: .newValueForTimestamp
            case .invalidSeriesKey: .invalidSeriesKey
            case .exemplarOutOfOrder: .exemplarOutOfOrder
            case .exemplarTooOld: .exemplarTooOld
            case .exemplarsDisabled: .exemplarsDisabled
            case .perTenantSeriesLimit: .perTenantSeriesLimit
            case .perMetricSeriesLimit: .perMetricSeriesLimit
            case .perLabelSetSeriesLimit: .perLabelSetSeriesLimit
            case .perTenantMetadataLimit: .perTenantMetadataLimit
            case .perMetricMetadataLimit: .perMetricMetadataLimit
            case .other: .refusedByIngester
            }
    }

    public init(_ fault: ExemplarFault) {
        self =
            switch fault {
            case .malformed: .exemplarMalformed
            case .labelsMissing: .exemplarLabelsMissing
            case .labelsTooLong: .exemplarLabelsTooLong
            case .labelsInvalid: .exemplarLabelsInvalid
            case .timestampMissing: .exemplarTimestampInvalid
            }
    }

    public init(_ fault: MetadataFault) {
        self =
            switch fault {
            case .malformed: .metadataMalformed
            case .nameMissing: .missingMetricName
            case .nameTooLong: .metadataNameTooLong
            case .helpTooLong: .metadataHelpTooLong
            case .unitTooLong: .metadataUnitTooLong
            case .notText: .metadataInvalid
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
