public import CoreMetrics
internal import MetricsModel
internal import Synchronization

/// What distributors count; handles are made once and kept.
public final class DistributionMetrics: Sendable {
    /// Counters of one tenant's usage.
    private struct Tenant: Sendable {
        /// `engram_distributor_samples_received_total{tenant}`: samples and native histograms in requests that
        /// were understood, before any is refused.
        let samplesReceived: Counter
        /// `engram_distributor_exemplars_received_total{tenant}`: likewise exemplars.
        let exemplarsReceived: Counter
        /// `engram_distributor_metadata_received_total{tenant}`: likewise metadata entries.
        let metadataReceived: Counter
        /// `engram_distributor_samples_discarded_total{tenant,reason}`: samples refused for good.
        let samplesDiscarded: [DiscardReason: Counter]
    }

    /// Tenants with counters of their own; the others share one, so that made-up names cost no memory.
    private static let maximumTenants = 20_000
    /// Cannot be a tenant's name.
    private static let otherTenants = "other tenants"

    private let factory: any MetricsFactory
    private let tenants = Mutex<[String: Tenant]>([:])
    /// `engram_distributor_requests_total{outcome}`: pushes by what became of them.
    private let requests: [String: Counter]
    /// `engram_distributor_replica_writes_total{outcome}`: batches sent to one ingester each.
    private let replicaWritesStored: Counter
    private let replicaWritesFailed: Counter
    /// `engram_distributor_resent_series_total`: series that an ingester asked the labels of.
    private let resentSeries: Counter
    /// `engram_distributor_in_flight_bytes`: bytes of requests being worked on when one more came in.
    private let inFlightBytes: Gauge
    /// `engram_distributor_in_flight_requests`: requests in flight when one more came in.
    private let inFlightRequests: Gauge
    private let elections: ElectionMetrics

    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        let outcomes = [
            "stored", "partial", "deduplicated", "malformed", "too_large", "overloaded",
            "rate_limited", "unavailable", "too_many_ha_clusters", "invalid_ha_label",
            "election_failed",
        ]
        requests = Dictionary(
            uniqueKeysWithValues: outcomes.map { outcome in
                (
                    outcome,
                    Counter(
                        label: "engram_distributor_requests_total",
                        dimensions: [("outcome", outcome)],
                        factory: factory
                    )
                )
            }
        )
        replicaWritesStored = Counter(
            label: "engram_distributor_replica_writes_total",
            dimensions: [("outcome", "stored")],
            factory: factory
        )
        replicaWritesFailed = Counter(
            label: "engram_distributor_replica_writes_total",
            dimensions: [("outcome", "failed")],
            factory: factory
        )
        resentSeries = Counter(
            label: "engram_distributor_resent_series_total",
            dimensions: [],
            factory: factory
        )
        inFlightBytes = Gauge(
            label: "engram_distributor_in_flight_bytes",
            dimensions: [],
            factory: factory
        )
        inFlightRequests = Gauge(
            label: "engram_distributor_in_flight_requests",
            dimensions: [],
            factory: factory
        )
        elections = ElectionMetrics(factory: factory)
    }

    func count(_ outcome: PushOutcome, of write: PreparedWrite) {
        count(write)
        let tenant = tenant(write.tenant)
        for (reason, count) in outcome.refused {
            tenant.samplesDiscarded[reason]?.increment(by: count)
        }
        count(outcome.exemplarsRefused, of: write.tenant, Self.exemplarsDiscarded)
        count(outcome.metadataRefused, of: write.tenant, Self.metadataDiscarded)
        requests[outcome.isComplete ? "stored" : "partial"]?.increment()
        if let claim = write.claim, write.supersededCount > 0 {
            elections.count(deduplicated: write.supersededCount, of: claim.cluster)
        }
    }

    /// Counts a request of a replica that is not elected.
    func count(deduplicated write: PreparedWrite, of cluster: HAClusterID) {
        count(write)
        elections.count(deduplicated: write.received, of: cluster)
        requests["deduplicated"]?.increment()
    }

    func countElection(_ reason: ElectionMetrics.Reason) { elections.countElection(reason) }

    func countElectionFailure() { elections.storeFailures.increment() }

    func count(replayed outcome: PushOutcome) {
        elections.replayedSamples.increment(
            by: outcome.samplesWritten + outcome.histogramsWritten
        )
        elections.replayRefusedSamples.increment(by: outcome.refused.values.reduce(0, +))
    }

    func count(haRequestsDropped count: Int) {
        if count > 0 { elections.droppedRequests.increment(by: count) }
    }

    func record(haKeptBytes size: Int) { elections.keptBytes.record(size) }

    func record(haClusters count: Int) { elections.clusters.record(count) }

    func count(_ error: PushError) { requests[error.metricLabel]?.increment() }

    /// Counts a request that was understood and then not stored.
    func count(_ error: PushError, of write: PreparedWrite) {
        count(write)
        count(error)
    }

    func countReplicaWrite(isStored: Bool) {
        (isStored ? replicaWritesStored : replicaWritesFailed).increment()
    }

    func count(resentSeries count: Int) { resentSeries.increment(by: count) }

    func record(inFlightBytes bytes: Int) { inFlightBytes.record(bytes) }

    func record(inFlightRequests count: Int) { inFlightRequests.record(count) }

    /// Counts what was in a request that came too early.
    func countRateLimited(_ tenant: TenantID, samples: Int, exemplars: Int, metadata: Int) {
        count(tenant, samples: samples, exemplars: exemplars, metadata: metadata)
        self.tenant(tenant).samplesDiscarded[.rateLimited]?.increment(by: samples)
        if exemplars > 0 { count([.rateLimited: exemplars], of: tenant, Self.exemplarsDiscarded) }
        if metadata > 0 { count([.rateLimited: metadata], of: tenant, Self.metadataDiscarded) }
    }

    private func count(_ write: PreparedWrite) {
        count(
            write.tenant,
            samples: write.received,
            exemplars: write.exemplarCount,
            metadata: write.metadataCount
        )
    }

    /// Counts what was received.
    private func count(_ tenant: TenantID, samples: Int, exemplars: Int, metadata: Int) {
        let tenant = self.tenant(tenant)
        tenant.samplesReceived.increment(by: samples)
        if exemplars > 0 { tenant.exemplarsReceived.increment(by: exemplars) }
        if metadata > 0 { tenant.metadataReceived.increment(by: metadata) }
    }

    /// `engram_distributor_exemplars_discarded_total{tenant,reason}`: exemplars refused for good, or not kept.
    private static let exemplarsDiscarded = "engram_distributor_exemplars_discarded_total"
    /// `engram_distributor_metadata_discarded_total{tenant,reason}`: metadata entries refused for good.
    private static let metadataDiscarded = "engram_distributor_metadata_discarded_total"

    /// Counts what is seldom refused; the factory keeps one counter for each set of labels.
    private func count(_ refused: [DiscardReason: Int], of tenant: TenantID, _ label: String) {
        guard !refused.isEmpty else { return }
        let isKnown = tenants.withLock { $0[tenant.name] != nil }
        for (reason, count) in refused {
            let counter = Counter(
                label: label,
                dimensions: [
                    ("tenant", isKnown ? tenant.name : Self.otherTenants),
                    ("reason", reason.rawValue),
                ],
                factory: factory
            )
            counter.increment(by: count)
        }
    }

    private func tenant(_ tenant: TenantID) -> Tenant {
        tenants.withLock { tenants in
            if let known = tenants[tenant.name] { return known }
            let name = tenants.count < Self.maximumTenants ? tenant.name : Self.otherTenants
            if let shared = tenants[name] { return shared }
            let new = makeTenant(name)
            tenants[name] = new
            return new
        }
    }

    private func makeTenant(_ name: String) -> Tenant {
        var discarded: [DiscardReason: Counter] = [:]
        for reason in DiscardReason.allCases where reason.isOfSamples {
            discarded[reason] = Counter(
                label: "engram_distributor_samples_discarded_total",
                dimensions: [("tenant", name), ("reason", reason.rawValue)],
                factory: factory
            )
        }
        return Tenant(
            samplesReceived: Counter(
                label: "engram_distributor_samples_received_total",
                dimensions: [("tenant", name)],
                factory: factory
            ),
            exemplarsReceived: Counter(
                label: "engram_distributor_exemplars_received_total",
                dimensions: [("tenant", name)],
                factory: factory
            ),
            metadataReceived: Counter(
                label: "engram_distributor_metadata_received_total",
                dimensions: [("tenant", name)],
                factory: factory
            ),
            samplesDiscarded: discarded
        )
    }
}
