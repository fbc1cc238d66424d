public import ClusterInterface
public import MetricsModel

/// What one tenant's writes must keep to.
public struct WriteLimits: Sendable, Equatable {
    /// Labels of a series, `__name__` included.
    public var maximumLabelNamesPerSeries = 60
    /// Bytes of a label's name.
    public var maximumLabelNameLength = 1024
    /// Bytes of a label's value, the metric's name included.
    public var maximumLabelValueLength = 2048
    /// Bytes of all names and values of a series together; 0 is no limit.
    public var maximumLabelsSize = 0
    /// How far in the future a sample may be by wall clock, in milliseconds.
    public var creationGracePeriodMilliseconds: Int64 = 10 * 60 * 1000
    /// How old a sample may be by wall clock, in milliseconds; nil is no limit.
    public var maximumSampleAgeMilliseconds: Int64?
    /// How old a sample out of order may be by wall clock, in milliseconds; ingesters judge it, and messages name it.
    public var lateWindowMilliseconds: Int64 = 24 * 3600 * 1000
    /// Whether any exemplars are kept; without, they are counted and dropped.
    public var keepsExemplars = false
    /// Bytes of a name, help or unit in metadata.
    public var maximumMetadataLength = 1024
    /// Samples in a second; 0 is no limit.
    public var ingestionRate = 0
    /// Samples at once after a silence; 0 is what two seconds bring.
    public var ingestionBurstSize = 0
    /// Whether all distributors share the rate; else each takes it.
    public var sharesIngestionRate = true
    /// What ingesters judge new series by, for messages; 0 is no limit.
    public var maximumSeries = 0
    public var maximumGlobalSeries = 0
    public var maximumSeriesPerMetric = 0
    public var maximumGlobalSeriesPerMetric = 0
    /// What ingesters judge metadata by, likewise.
    public var maximumMetadata = 0
    public var maximumGlobalMetadata = 0
    public var maximumMetadataPerMetric = 0
    public var maximumGlobalMetadataPerMetric = 0
    /// What becomes of labels before anything else; nil is nothing.
    public var relabeling: Relabeling?

    /// How pairs of senders are told apart; nil takes the samples of all senders.
    public var highAvailability: HALabels?

    public init() {}

    public init(_ limits: TenantLimits) {
        maximumLabelNamesPerSeries = limits.maxLabelNamesPerSeries
        maximumLabelNameLength = limits.maxLabelNameLength
        maximumLabelValueLength = limits.maxLabelValueLength
        maximumLabelsSize = limits.maxLabelsSize
        creationGracePeriodMilliseconds = limits.creationGracePeriodMilliseconds
        if limits.maxSampleAgeMilliseconds > 0 {
            maximumSampleAgeMilliseconds = limits.maxSampleAgeMilliseconds
        }
        lateWindowMilliseconds = limits.lateWindowMilliseconds
        keepsExemplars = limits.keepsExemplars
        maximumMetadataLength = limits.maxMetadataLength
        ingestionRate = limits.ingestionRate
        ingestionBurstSize = limits.ingestionBurstSize
        sharesIngestionRate = limits.sharesIngestionRate
        maximumSeries = limits.maxSeries
        maximumGlobalSeries = limits.maxGlobalSeries
        maximumSeriesPerMetric = limits.maxSeriesPerMetric
        maximumGlobalSeriesPerMetric = limits.maxGlobalSeriesPerMetric
        maximumMetadata = limits.maxMetadata
        maximumGlobalMetadata = limits.maxGlobalMetadata
        maximumMetadataPerMetric = limits.maxMetadataPerMetric
        maximumGlobalMetadataPerMetric = limits.maxGlobalMetadataPerMetric
        relabeling = limits.relabeling
        // With one label for both, each replica would be a cluster of its own and lose its name.
        if limits.acceptHASamples, limits.haClusterLabel != limits.haReplicaLabel {
            highAvailability = HALabels(
                cluster: limits.haClusterLabel,
                replica: limits.haReplicaLabel,
                maximumClusters: limits.haMaxClusters
            )
        }
    }

    /// Tells series that were checked against other limits apart from those checked against these.
    var validationSalt: UInt64 {
        var salt: UInt64 = 0x243f_6a88_85a3_08d3
        for limit in [
            maximumLabelNamesPerSeries, maximumLabelNameLength, maximumLabelValueLength,
            maximumLabelsSize,
        ] {
            salt = (salt ^ UInt64(bitPattern: Int64(limit))) &* 0x9e37_79b9_7f4a_7c15
            salt ^= salt >> 29
        }
        return salt
    }

    /// Why ingesters refused metadata, in words.
    func metadataFault(_ reason: DiscardReason) -> String {
        switch reason {
        case .perTenantMetadataLimit:
            "metric is new, and the tenant has metadata of as many as it may (\(limits(of: reason)))"
        case .perMetricMetadataLimit:
            "metadata is new, and its metric has as many entries as it may (\(limits(of: reason)))"
        default: "metadata is refused"
        }
    }

    /// The limits of ingesters that a reason is about, in words.
    func limits(of reason: DiscardReason) -> String {
        let limits =
            switch reason {
            case .perTenantMetadataLimit:
                [
                    ("limits.maxMetadata", maximumMetadata, " on each ingester"),
                    ("limits.maxGlobalMetadata", maximumGlobalMetadata, ""),
                ]
            case .perMetricMetadataLimit:
                [
                    ("limits.maxMetadataPerMetric", maximumMetadataPerMetric, " on each ingester"),
                    ("limits.maxGlobalMetadataPerMetric", maximumGlobalMetadataPerMetric, ""),
                ]
            case .perTenantSeriesLimit:
                [
                    ("limits.maxSeries", maximumSeries, " on each ingester"),
                    ("limits.maxGlobalSeries", maximumGlobalSeries, ""),
                ]
            case .perMetricSeriesLimit:
                [
                    ("limits.maxSeriesPerMetric", maximumSeriesPerMetric, " on each ingester"),
                    ("limits.maxGlobalSeriesPerMetric", maximumGlobalSeriesPerMetric, ""),
                ]
            default: [("limits.limitsPerLabelSet", 0, "")]
            }
        let set = limits.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)\($0.2)" }
        return set.isEmpty
            ? limits.map(\.0).joined(separator: " or ") : set.joined(separator: ", ")
    }

    /// The earliest and latest timestamps that are taken, both included.
    func acceptedTimestamps(now: Int64) -> ClosedRange<Int64> {
        let (latest, isTooLate) = now.addingReportingOverflow(creationGracePeriodMilliseconds)
        var earliest = Int64.min
        if let age = maximumSampleAgeMilliseconds {
            let (oldest, isTooEarly) = now.subtractingReportingOverflow(age)
            if !isTooEarly { earliest = oldest }
        }
        let upper = isTooLate ? Int64.max : latest
        return min(earliest, upper)...upper
    }
}
