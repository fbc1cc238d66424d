public import MetricsModel

/// What one tenant may do.
public struct LimitsSettings: Sendable, Equatable {
    /// Key `limits.maxLabelNamesPerSeries`.
    public var maxLabelNamesPerSeries = 60
    /// Key `limits.maxLabelNameLength`, bytes.
    public var maxLabelNameLength = 1024
    /// Key `limits.maxLabelValueLength`, bytes.
    public var maxLabelValueLength = 2048
    /// Key `limits.maxLabelsSize`, bytes of all names and values of a series; 0 is no limit.
    public var maxLabelsSize = 0
    /// Samples out of order and older than this by wall clock are refused; 0 refuses every sample
    /// out of order.
    ///
    /// Key `limits.lateWindow`, 0 … 3650 d.
    public var lateWindow = Duration.seconds(24 * 3600)
    /// Key `limits.maxSampleAge`; 0 accepts samples in order at any age.
    public var maxSampleAge = Duration.zero
    /// Key `limits.creationGracePeriod`: samples further in the future are refused.
    public var creationGracePeriod = Duration.seconds(600)
    /// Key `limits.maxExemplars`: exemplars that an ingester keeps in memory; 0 drops all.
    public var maxExemplars = 0
    /// Key `limits.maxGlobalExemplars`, on all ingesters.
    public var maxGlobalExemplars = 0
    /// Key `limits.maxMetadata`: metrics with metadata, on each ingester; this and the next three: 0 is no limit.
    public var maxMetadata = 8000
    /// Key `limits.maxGlobalMetadata`.
    public var maxGlobalMetadata = 0
    /// Key `limits.maxMetadataPerMetric`: different entries, on each ingester.
    public var maxMetadataPerMetric = 10
    /// Key `limits.maxGlobalMetadataPerMetric`.
    public var maxGlobalMetadataPerMetric = 0
    /// Key `limits.maxMetadataLength`, bytes.
    public var maxMetadataLength = 1024
    /// Key `limits.ingestionRate`, samples in a second; 0 is no limit.
    public var ingestionRate = 0
    /// Key `limits.ingestionBurstSize`, samples; 0 is what two seconds bring.
    public var ingestionBurstSize = 0
    /// Key `limits.ingestionRateStrategy`.
    public var ingestionRateStrategy = IngestionRateStrategy.global
    /// Key `limits.maxSeries`, on each ingester; this and the next three: 0 is no limit.
    public var maxSeries = 0
    /// Key `limits.maxGlobalSeries`.
    public var maxGlobalSeries = 0
    /// Key `limits.maxSeriesPerMetric`, on each ingester.
    public var maxSeriesPerMetric = 0
    /// Key `limits.maxGlobalSeriesPerMetric`.
    public var maxGlobalSeriesPerMetric = 0
    /// Key `limits.ingestionTenantShardSize`, ingesters; 0 is all.
    public var ingestionTenantShardSize = 0
    /// Key `limits.limitsPerLabelSet`.
    public var limitsPerLabelSet: [LabelSetLimit] = []
    /// Key `limits.dropLabels`.
    public var dropLabels: [String] = []
    /// Key `limits.metricRelabelConfigs`.
    public var metricRelabelConfigs: [RelabelRule] = []
    /// Key `limits.promqlFeatures`: names of upstream's feature flags.
    public var promqlFeatures: [String] = []
    /// Key `limits.retention`; 0 keeps samples for ever.
    public var retention = Duration.zero

    /// Key `limits.acceptHaSamples`: whether of pairs of senders only one's samples are taken.
    public var acceptHASamples = false
    /// Key `limits.haClusterLabel`: the same for both senders of a pair.
    public var haClusterLabel = "cluster"
    /// Key `limits.haReplicaLabel`: different for both, and dropped.
    public var haReplicaLabel = "__replica__"
    /// Key `limits.haMaxClusters`; 0 is no limit.
    public var haMaxClusters = 0

    /// The names `limits.promqlFeatures` accepts.
    public static let knownPromQLFeatures = [
        "promql-experimental-functions", "promql-duration-expr", "promql-extended-range-selectors",
        "promql-binop-fill-modifiers", "promql-delayed-name-removal",
        "type-and-unit-labels", "use-start-timestamps",
    ]

    /// What a rate is meant for.
    public enum IngestionRateStrategy: String, Sendable, CaseIterable {
        /// Each distributor.
        case local
        /// All distributors together.
        case global
    }

    private static let writers: [Executable] = [.engram, .distributor]
    private static let ages: [Executable] = [.engram, .distributor, .ingester]
    private static let seriesCount = 0...1_000_000_000

    static let keys = [
        ConfigurationKey(
            "limits.maxLabelNamesPerSeries",
            \.limits.maxLabelNamesPerSeries,
            .integer(1...1000),
            for: writers,
            "Labels a series may have, its name included."
        ),
        ConfigurationKey(
            "limits.maxLabelNameLength",
            \.limits.maxLabelNameLength,
            .integer(1...65_536),
            for: writers,
            "Bytes a label name may have."
        ),
        ConfigurationKey(
            "limits.maxLabelValueLength",
            \.limits.maxLabelValueLength,
            .integer(1...65_536),
            for: writers,
            "Bytes a label value may have."
        ),
        ConfigurationKey(
            "limits.maxLabelsSize",
            \.limits.maxLabelsSize,
            .integer(0...16_777_216),
            for: writers,
            cortexName: "max_labels_size_bytes",
            "Bytes that all label names and values of a series may have together; 0 is no limit."
        ),
        ConfigurationKey(
            "limits.lateWindow",
            \.limits.lateWindow,
            .duration(.zero...Duration.seconds(3650 * 86_400)),
            for: ages,
            cortexName: "out_of_order_time_window",
            """
            Samples out of order are accepted when they are not older than this by wall clock; 0 \
            accepts only samples in order. A large window allows back-fill of any age.
            """
        ),
        ConfigurationKey(
            "limits.maxSampleAge",
            \.limits.maxSampleAge,
            .duration(.zero...Duration.seconds(3650 * 86_400)),
            for: ages,
            "Samples older than this are refused, also in order; 0 accepts any age."
        ),
        ConfigurationKey(
            "limits.creationGracePeriod",
            \.limits.creationGracePeriod,
            .duration(.zero...Duration.seconds(7 * 86_400)),
            for: ages,
            "Samples further in the future than this are refused."
        ),
        ConfigurationKey(
            "limits.maxExemplars",
            \.limits.maxExemplars,
            .integer(0...10_000_000),
            for: [.engram, .distributor, .ingester],
            """
            Exemplars of a tenant that an ingester keeps in memory, the newest ones; those that left \
            are in blocks. 0 keeps none, unless `limits.maxGlobalExemplars` does.
            """
        ),
        ConfigurationKey(
            "limits.maxGlobalExemplars",
            \.limits.maxGlobalExemplars,
            .integer(0...100_000_000),
            for: ages,
            cortexName: "max_global_exemplars_per_user",
            """
            Exemplars of a tenant that all ingesters keep in memory, each counted once. Each ingester \
            keeps its share of them, and no more than `limits.maxExemplars` where that is set, too. 0 sets none.
            """
        ),
        ConfigurationKey(
            "limits.maxMetadata",
            \.limits.maxMetadata,
            .integer(0...1_000_000),
            for: ages,
            cortexName: "max_metadata_per_user",
            """
            Metrics whose metadata (type, help, unit) one ingester keeps; 0 is no limit, up to 1000000. \
            That of further ones is dropped; samples are taken all the same.
            """
        ),
        ConfigurationKey(
            "limits.maxGlobalMetadata",
            \.limits.maxGlobalMetadata,
            .integer(0...100_000_000),
            for: ages,
            cortexName: "max_global_metadata_per_user",
            """
            Metrics whose metadata all ingesters keep, each counted once; 0 is no limit. Each ingester \
            applies its share of it.
            """
        ),
        ConfigurationKey(
            "limits.maxMetadataPerMetric",
            \.limits.maxMetadataPerMetric,
            .integer(0...1000),
            for: ages,
            """
            Different metadata that one ingester keeps of one metric, as its senders differ; 0 is no limit, \
            up to 1000. One that no sender has repeated for 15 minutes makes room.
            """
        ),
        ConfigurationKey(
            "limits.maxGlobalMetadataPerMetric",
            \.limits.maxGlobalMetadataPerMetric,
            .integer(0...1000),
            for: ages,
            """
            The same in the whole cluster; 0 is no limit. All metadata of a metric is on the same ingesters, so it \
            is not shared out.
            """
        ),
        ConfigurationKey(
            "limits.maxMetadataLength",
            \.limits.maxMetadataLength,
            .integer(1...1024),
            for: writers,
            "Bytes that the metric's name, the help and the unit in metadata may have each."
        ),
        ConfigurationKey(
            "limits.ingestionRate",
            \.limits.ingestionRate,
            .integer(0...1_000_000_000),
            for: writers,
            """
            Samples and native histograms that are taken in a second; 0 is no limit. A request that \
            comes too early is answered 429 as a whole, and told when to come again.
            """
        ),
        ConfigurationKey(
            "limits.ingestionBurstSize",
            \.limits.ingestionBurstSize,
            .integer(0...1_000_000_000),
            for: writers,
            """
            Samples that a distributor takes at once after a silence; 0 is as many as come in two \
            seconds of its rate. A larger single request is taken after a silence, too, and makes the \
            next ones wait longer.
            """
        ),
        ConfigurationKey(
            "limits.ingestionRateStrategy",
            \.limits.ingestionRateStrategy,
            .choice,
            for: writers,
            """
            Whether `limits.ingestionRate` is for each distributor (`local`) or for all together \
            (`global`): each then takes an equal share of it.
            """
        ),
        ConfigurationKey(
            "limits.maxSeries",
            \.limits.maxSeries,
            .integer(seriesCount),
            for: ages,
            cortexName: "max_series_per_user",
            """
            Series that one ingester has in memory; 0 is no limit. Only samples of series that would be \
            new are refused. Series leave memory some hours after their last sample.
            """
        ),
        ConfigurationKey(
            "limits.maxGlobalSeries",
            \.limits.maxGlobalSeries,
            .integer(seriesCount),
            for: ages,
            cortexName: "max_global_series_per_user",
            """
            Series that all ingesters have in memory, each counted once; 0 is no limit. Each ingester \
            applies its share of it.
            """
        ),
        ConfigurationKey(
            "limits.maxSeriesPerMetric",
            \.limits.maxSeriesPerMetric,
            .integer(seriesCount),
            for: ages,
            "Series of one metric that one ingester has in memory; 0 is no limit."
        ),
        ConfigurationKey(
            "limits.maxGlobalSeriesPerMetric",
            \.limits.maxGlobalSeriesPerMetric,
            .integer(seriesCount),
            for: ages,
            "Series of one metric that all ingesters have in memory; 0 is no limit."
        ),
        ConfigurationKey(
            "limits.ingestionTenantShardSize",
            \.limits.ingestionTenantShardSize,
            .integer(0...100_000),
            """
            Ingesters that a tenant's series go to, and that its queries ask; 0 is all. Rounded up to as \
            many in each zone, and to `ring.replicationFactor`. The same for all processes of a cluster; \
            changed best in the overrides file, see docs/limits.md.
            """
        ),
        ConfigurationKey(
            "limits.limitsPerLabelSet",
            \.limits.limitsPerLabelSet,
            .labelSetLimits,
            for: ages,
            """
            How many series may have certain labels, in memory of all ingesters. A series belongs to each \
            entry whose labels it all has, or to the one without labels where it belongs to no other.
            """
        ),
        ConfigurationKey(
            "limits.dropLabels",
            \.limits.dropLabels,
            .labelNames,
            for: writers,
            "Labels that are removed from all series, after `limits.metricRelabelConfigs`."
        ),
        ConfigurationKey(
            "limits.metricRelabelConfigs",
            \.limits.metricRelabelConfigs,
            .relabelRules,
            for: writers,
            """
            Rules in the form of Prometheus' `relabel_config` that change the labels of series, or drop \
            series, before they are checked. What is dropped is counted, and is no error.
            """
        ),
        ConfigurationKey(
            "limits.promqlFeatures",
            \.limits.promqlFeatures,
            .list(of: knownPromQLFeatures),
            for: [.engram, .querier],
            """
            Feature flags of Prometheus that are on for queries. Without them the language is that \
            of Prometheus 3.14 as it starts by default. A query over several tenants has those that \
            each of them has.
            """
        ),
        ConfigurationKey(
            "limits.retention",
            \.limits.retention,
            .duration(.zero...Duration.seconds(36_500 * 86_400)),
            for: [.engram, .querier],
            cortexName: "compactor_blocks_retention_period",
            "How long samples are kept; 0 keeps them for ever."
        ),
        ConfigurationKey(
            "limits.acceptHaSamples",
            \.limits.acceptHASamples,
            .boolean,
            for: writers,
            """
            Whether of each pair of senders only one's samples are taken. Requests whose first series \
            has the cluster and the replica label take part; see docs/ha.md.
            """
        ),
        ConfigurationKey(
            "limits.haClusterLabel",
            \.limits.haClusterLabel,
            .labelName,
            for: writers,
            "The label that both senders of a pair have with the same value. It is kept."
        ),
        ConfigurationKey(
            "limits.haReplicaLabel",
            \.limits.haReplicaLabel,
            .labelName,
            for: writers,
            """
            The label that each sender of a pair has with a value of its own. It is dropped. A tenant \
            that has the same name here and in `limits.haClusterLabel` takes the samples of all senders.
            """
        ),
        ConfigurationKey(
            "limits.haMaxClusters",
            \.limits.haMaxClusters,
            .integer(0...100_000),
            for: writers,
            """
            Clusters, that is pairs of senders, that a tenant may have; 0 is no limit. Requests of a \
            further one are refused. A distributor knows at most 100000 of all tenants.
            """
        ),
    ]
}
