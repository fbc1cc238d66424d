internal import CoreMetrics
internal import MetricsModel
internal import Synchronization

/// What distributors count about pairs of senders.
final class ElectionMetrics: Sendable {
    /// Why a replica was elected.
    enum Reason: String, CaseIterable {
        /// The cluster had none.
        case first
        /// The one before was silent.
        case failover
        /// An operator said so.
        case manual
    }

    /// Clusters with a counter of their own; the others share one, so that made-up names cost no memory.
    private static let maximumClusters = 10_000

    private let factory: any MetricsFactory
    private let deduplicated = Mutex<[HAClusterID: Counter]>([:])
    /// `engram_distributor_deduped_samples_total{tenant,cluster}` of the clusters that share one.
    private let others: Counter
    /// `engram_distributor_ha_elections_total{reason}`: elections that this distributor made.
    private let elections: [Reason: Counter]
    /// `engram_distributor_ha_store_failures_total`: changes that the store did not take, because it did not answer.
    let storeFailures: Counter
    /// `engram_distributor_ha_replayed_samples_total`: samples stored that were kept until their replica was elected.
    let replayedSamples: Counter
    /// `engram_distributor_ha_replay_refused_samples_total`: such samples that were refused.
    let replayRefusedSamples: Counter
    /// `engram_distributor_ha_dropped_requests_total`: requests that were not kept for want of room.
    let droppedRequests: Counter
    /// `engram_distributor_ha_kept_bytes`: bytes of requests of replicas that are not elected.
    let keptBytes: Gauge
    /// `engram_distributor_ha_clusters`: clusters of senders that this distributor knows.
    let clusters: Gauge

    init(factory: any MetricsFactory) {
        self.factory = factory
        func counter(_ name: String) -> Counter {
            Counter(label: "engram_distributor_" + name, dimensions: [], factory: factory)
        }
        others = Self.counter(tenant: "other tenants", cluster: "other clusters", factory)
        elections = Dictionary(
            uniqueKeysWithValues: Reason.allCases.map { reason in
                (
                    reason,
                    Counter(
                        label: "engram_distributor_ha_elections_total",
                        dimensions: [("reason", reason.rawValue)],
                        factory: factory
                    )
                )
            }
        )
        storeFailures = counter("ha_store_failures_total")
        replayedSamples = counter("ha_replayed_samples_total")
        replayRefusedSamples = counter("ha_replay_refused_samples_total")
        droppedRequests = counter("ha_dropped_requests_total")
        keptBytes = Gauge(
            label: "engram_distributor_ha_kept_bytes",
            dimensions: [],
            factory: factory
        )
        clusters = Gauge(
            label: "engram_distributor_ha_clusters",
            dimensions: [],
            factory: factory
        )
    }

    func countElection(_ reason: Reason) { elections[reason]?.increment() }

    /// `engram_distributor_deduped_samples_total{tenant,cluster}`: samples that were not stored because their replica
    /// is not elected, or was not when they were taken.
    func count(deduplicated count: Int, of cluster: HAClusterID) {
        let counter = deduplicated.withLock { counters in
            if let known = counters[cluster] { return known }
            guard counters.count < Self.maximumClusters else { return others }
            let new = Self.counter(tenant: cluster.tenant.name, cluster: cluster.cluster, factory)
            counters[cluster] = new
            return new
        }
        counter.increment(by: count)
    }

    private static func counter(
        tenant: String,
        cluster: String,
        _ factory: any MetricsFactory
    ) -> Counter {
        Counter(
            label: "engram_distributor_deduped_samples_total",
            dimensions: [("tenant", tenant), ("cluster", cluster)],
            factory: factory
        )
    }
}
