public import MetricsModel

/// What one tenant may do, on every path of its data.
///
/// The defaults here are those of the configuration section `limits`, where ranges and effects are described.
public struct TenantLimits: Sendable, Equatable {
    /// Labels of a series, `__name__` included.
    public var maxLabelNamesPerSeries = 60
    /// Bytes of a label's name.
    public var maxLabelNameLength = 1024
    /// Bytes of a label's value, the metric's name included.
    public var maxLabelValueLength = 2048
    /// Bytes of all names and values of a series together; 0 is no limit.
    public var maxLabelsSize = 0
    /// Samples out of order and older than this by wall clock are refused; 0 refuses every sample out of order.
    public var lateWindowMilliseconds: Int64 = 86_400_000
    /// Samples older than this by wall clock are refused, also in order; 0 accepts any age.
    public var maxSampleAgeMilliseconds: Int64 = 0
    /// Samples further in the future than this by wall clock are refused.
    public var creationGracePeriodMilliseconds: Int64 = 600_000
    /// Names of the switchable parts of PromQL that are on, each once.
    public var promqlFeatures: [String] = []
    /// How long samples are kept; 0 keeps them for ever.
    public var retentionMilliseconds: Int64 = 0
    /// Exemplars that one ingester keeps in memory.
    public var maxExemplars = 0
    /// Exemplars that all ingesters keep in memory, each counted once; with 0 here and above, none are kept.
    public var maxGlobalExemplars = 0
    /// Metrics whose metadata one ingester keeps; this and the next three: 0 is no limit.
    public var maxMetadata = 8000
    /// Metrics whose metadata all ingesters keep, each counted once.
    public var maxGlobalMetadata = 0
    /// Different entries that one ingester keeps of one metric.
    public var maxMetadataPerMetric = 10
    /// Different entries that are kept of one metric.
    public var maxGlobalMetadataPerMetric = 0
    /// Bytes of a metadata entry's name, help or unit.
    public var maxMetadataLength = 1024
    /// Samples that are taken in a second; 0 is no limit.
    public var ingestionRate = 0
    /// Samples that are taken at once after a silence; 0 is what two seconds bring.
    public var ingestionBurstSize = 0
    /// Whether all distributors share the rate; else each takes it.
    public var sharesIngestionRate = true
    /// Series in memory of one ingester; this and the next four: 0 is no limit, and only new series are refused.
    public var maxSeries = 0
    /// Series in the whole cluster.
    public var maxGlobalSeries = 0
    /// Series of one metric in memory of one ingester.
    public var maxSeriesPerMetric = 0
    /// Series of one metric in the whole cluster.
    public var maxGlobalSeriesPerMetric = 0
    /// Series with certain labels.
    public var labelSetLimits = LabelSetLimits()
    /// Ingesters that the tenant's series go to; 0 is all.
    public var ingestionTenantShardSize = 0
    /// What becomes of labels before anything else; nil is nothing.
    public var relabeling: Relabeling?
    /// Whether of pairs of senders only one's samples are taken.
    public var acceptHASamples = false
    /// The label that the senders of a pair have with the same value.
    public var haClusterLabel = "cluster"
    /// The label that each sender of a pair has with a value of its own; it is dropped.
    public var haReplicaLabel = "__replica__"
    /// Clusters of senders; 0 is no limit.
    public var haMaxClusters = 0

    public init() {}
}

/// What is left of limits for one ingester.
extension TenantLimits {
    /// Whether any ingester keeps exemplars.
    public var keepsExemplars: Bool { maxExemplars > 0 || maxGlobalExemplars > 0 }

    /// Exemplars that an ingester with a share of the cluster keeps.
    public func exemplars(with share: RingShare) -> Int {
        keepsExemplars ? Self.smaller(maxExemplars, share.of(maxGlobalExemplars)) : 0
    }

    /// Metrics whose metadata an ingester with a share of the cluster keeps; `Int.max` is no limit.
    public func metadata(with share: RingShare) -> Int {
        Self.smaller(maxMetadata, share.of(maxGlobalMetadata))
    }

    /// Entries that an ingester keeps of one metric, all of which come to the same ingesters; likewise.
    public var metadataPerMetric: Int {
        Self.smaller(maxMetadataPerMetric, maxGlobalMetadataPerMetric)
    }

    /// The smaller of two limits, of which 0 is none.
    private static func smaller(_ one: Int, _ other: Int) -> Int {
        min(one > 0 ? one : .max, other > 0 ? other : .max)
    }
}
