internal import ClusterInterface
internal import MetricsModel
internal import PrometheusAPI
internal import ServiceSupport
internal import Synchronization

/// The limits of all tenants now: what the roles ask, and the overrides that it was made of.
final class LimitsInForce: Sendable {
    let table: LimitsTable
    private let current: Mutex<TenantOverrides>

    init(_ overrides: TenantOverrides) {
        table = LimitsTable(
            defaults: TenantLimits(overrides.defaults),
            overrides: Self.limits(of: overrides)
        )
        current = Mutex(overrides)
    }

    var overrides: TenantOverrides { current.withLock { $0 } }

    /// Puts other overrides into force.
    @Sendable func apply(_ overrides: TenantOverrides) {
        table.replace(overrides: Self.limits(of: overrides))
        current.withLock { $0 = overrides }
    }

    private static func limits(of overrides: TenantOverrides) -> [TenantID: TenantLimits] {
        var limits: [TenantID: TenantLimits] = [:]
        for (name, settings) in overrides.limits {
            // Names are checked by the same rules when the file is read.
            guard let tenant = try? TenantID(name) else { continue }
            limits[tenant] = TenantLimits(settings)
        }
        return limits
    }
}

extension TenantLimits {
    init(_ settings: LimitsSettings) {
        self.init()
        maxLabelNamesPerSeries = settings.maxLabelNamesPerSeries
        maxLabelNameLength = settings.maxLabelNameLength
        maxLabelValueLength = settings.maxLabelValueLength
        maxLabelsSize = settings.maxLabelsSize
        lateWindowMilliseconds = settings.lateWindow.milliseconds
        maxSampleAgeMilliseconds = settings.maxSampleAge.milliseconds
        creationGracePeriodMilliseconds = settings.creationGracePeriod.milliseconds
        promqlFeatures = settings.promqlFeatures
        retentionMilliseconds = settings.retention.milliseconds
        maxExemplars = settings.maxExemplars
        ingestionRate = settings.ingestionRate
        ingestionBurstSize = settings.ingestionBurstSize
        sharesIngestionRate = settings.ingestionRateStrategy == .global
        maxSeries = settings.maxSeries
        maxGlobalSeries = settings.maxGlobalSeries
        maxSeriesPerMetric = settings.maxSeriesPerMetric
        maxGlobalSeriesPerMetric = settings.maxGlobalSeriesPerMetric
        for limit in settings.limitsPerLabelSet {
            let labels = Labels(limit.labels.map { ($0.name, $0.value) })
            labelSetLimits.add(labels, maxSeries: limit.maxSeries)
        }
        acceptHASamples = settings.acceptHASamples
        haClusterLabel = settings.haClusterLabel
        haReplicaLabel = settings.haReplicaLabel
        haMaxClusters = settings.haMaxClusters
        relabeling = Self.relabeling(settings)
    }

    private static func relabeling(_ settings: LimitsSettings) -> Relabeling? {
        guard !settings.metricRelabelConfigs.isEmpty || !settings.dropLabels.isEmpty else {
            return nil
        }
        do throws(RelabelRuleError) {
            return try Relabeling(
                rules: settings.metricRelabelConfigs,
                droppedLabels: settings.dropLabels
            )
        } catch {
            preconditionFailure("a rule that was found right when it was read is not: \(error)")
        }
    }
}

extension LimitsAPI.Limit.Value {
    init(_ value: TenantOverrides.Value) {
        self =
            switch value {
            case .number(let number): .number(number)
            case .boolean(let flag): .boolean(flag)
            case .text(let text): .text(text)
            case .list(let words): .list(words)
            case .json(let text): .json(text)
            }
    }
}
