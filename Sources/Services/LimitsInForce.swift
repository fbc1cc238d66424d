internal import ClusterInterface
internal import MetricsModel
internal import PrometheusAPI
internal import ServiceSupport
internal import Synchronization

/// The limits of all tenants now: what the roles ask, and the overrides that it was made of.
///
/// Overrides come from the file and from the store; either may change at any time, and the other's stay.
final class LimitsInForce: Sendable {
    /// Stored limits that are not wholly understood.
    struct Refused {
        var tenant: TenantID
        var version: Int64
        var reasons: [String]
    }

    /// What is changed by one at a time; readers do not wait for it.
    private struct Work {
        var overrides: TenantOverrides
        var limits: [TenantID: TenantLimits]
        var refused: Set<TenantID> = []
    }

    let table: LimitsTable
    private let work: Mutex<Work>
    private let current: Mutex<TenantOverrides>
    private let certainty = Mutex(Certainty())

    /// What has to be known before anything is deleted.
    private struct Certainty {
        /// Whether the store ever said what it has.
        var isStoreRead = false
        var refused: Set<TenantID> = []
    }

    init(_ overrides: TenantOverrides) {
        let limits = Self.limits(of: overrides)
        table = LimitsTable(defaults: TenantLimits(overrides.defaults), overrides: limits)
        work = Mutex(Work(overrides: overrides, limits: limits))
        current = Mutex(overrides)
    }

    var overrides: TenantOverrides { current.withLock { $0 } }

    /// Tenants with stored limits that are not wholly understood.
    var refusedTenants: Int { work.withLock { $0.refused.count } }

    /// How long a tenant's samples are kept, in milliseconds; 0 keeps them for ever.
    ///
    /// While the store has not said what it has, or what it has of the tenant is not wholly understood, nothing is
    /// deleted: the tenant may want to keep it.
    func retention(of tenant: TenantID) -> Int64 {
        let isCertain = certainty.withLock { $0.isStoreRead && !$0.refused.contains(tenant) }
        return isCertain ? table.limits(for: tenant).retentionMilliseconds : 0
    }

    /// Puts the overrides of another file into force; what the store has stays.
    @Sendable func apply(_ file: TenantOverrides) {
        work.withLock { work in
            var overrides = file
            overrides.takeStored(of: work.overrides)
            work.overrides = overrides
            work.limits = Self.limits(of: overrides)
            publish(work)
        }
    }

    /// Puts what the store has into force, unless something newer is.
    ///
    /// - Parameter version: Where the rows are all that the store has: what came from it up to this version and is not
    ///   among them is forgotten, or put back. nil where they are some.
    /// - Returns: Rows that are not wholly understood.
    func apply(
        stored rows: [TenantOverridesRow],
        replacingThrough version: Int64?
    ) -> [Refused] {
        work.withLock { work in
            var refused: [Refused] = []
            var isChanged = false
            for row in rows {
                let known = work.overrides.storedVersion(of: row.tenant.name)
                guard row.version > known || known <= version ?? 0 && row.version != known else {
                    continue
                }
                let reasons = work.overrides.setStored(
                    row.document,
                    version: row.version,
                    of: row.tenant.name
                )
                work.refused.remove(row.tenant)
                if !reasons.isEmpty {
                    work.refused.insert(row.tenant)
                    refused.append(
                        Refused(tenant: row.tenant, version: row.version, reasons: reasons)
                    )
                }
                Self.update(&work, row.tenant)
                isChanged = true
            }
            if let version {
                let present = Set(rows.map(\.tenant.name))
                for name in work.overrides.storedTenants where !present.contains(name) {
                    guard work.overrides.storedVersion(of: name) <= version,
                        let tenant = try? TenantID(name)
                    else { continue }
                    work.overrides.removeStored(of: name)
                    work.refused.remove(tenant)
                    Self.update(&work, tenant)
                    isChanged = true
                }
            }
            if isChanged { publish(work) }
            certainty.withLock { certainty in
                certainty.isStoreRead = certainty.isStoreRead || version != nil
                certainty.refused = work.refused
            }
            return refused
        }
    }

    private static func update(_ work: inout Work, _ tenant: TenantID) {
        work.limits[tenant] = work.overrides.limits(of: tenant.name).map { TenantLimits($0) }
    }

    private func publish(_ work: Work) {
        table.replace(overrides: work.limits)
        current.withLock { $0 = work.overrides }
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
        maxGlobalExemplars = settings.maxGlobalExemplars
        maxMetadata = settings.maxMetadata
        maxGlobalMetadata = settings.maxGlobalMetadata
        maxMetadataPerMetric = settings.maxMetadataPerMetric
        maxGlobalMetadataPerMetric = settings.maxGlobalMetadataPerMetric
        maxMetadataLength = settings.maxMetadataLength
        ingestionRate = settings.ingestionRate
        ingestionBurstSize = settings.ingestionBurstSize
        sharesIngestionRate = settings.ingestionRateStrategy == .global
        maxSeries = settings.maxSeries
        maxGlobalSeries = settings.maxGlobalSeries
        maxSeriesPerMetric = settings.maxSeriesPerMetric
        maxGlobalSeriesPerMetric = settings.maxGlobalSeriesPerMetric
        ingestionTenantShardSize = settings.ingestionTenantShardSize
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
