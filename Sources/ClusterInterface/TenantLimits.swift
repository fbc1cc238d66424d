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
    /// Exemplars kept in memory; 0 drops all.
    public var maxExemplars = 0
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
