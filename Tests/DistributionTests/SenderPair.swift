import ClusterInterface
import CoreMetrics
import MetricsModel
import TestSupport

@testable import Distribution

/// Distributors over the same ingesters and the same elections, on virtual time.
final class SenderPair: Sendable {
    static let start: Int64 = 1_700_000_000_000

    let store: MemoryElections
    let cluster: TestCluster
    let distributors: [Distributor]
    let metrics: CountingFactory
    let limits: WriteLimits

    init(
        distributors count: Int = 1,
        maximumClusters: Int = 0,
        keptBytes: Int = 64 << 20
    ) {
        var settings = HATrackerSettings()
        settings.maximumKeptBytes = keptBytes
        let (store, metrics) = (MemoryElections(), CountingFactory())
        self.store = store
        self.metrics = metrics
        let cluster = TestCluster(
            ingesters: 3,
            replicationFactor: 3,
            metrics: metrics,
            tracker: HATracker(store: store, settings: settings)
        )
        self.cluster = cluster
        distributors =
            [cluster.distributor]
            + (1..<max(count, 1)).map { number in
                settings.jitterSeed = UInt64(number)
                return cluster.another(
                    tracker: HATracker(store: store, settings: settings),
                    metrics: metrics
                )
            }
        var limits = WriteLimits()
        limits.highAvailability = HALabels(
            cluster: "cluster",
            replica: "__replica__",
            maximumClusters: maximumClusters
        )
        self.limits = limits
        store.set(now: Self.start)
    }

    /// A scrape of some series; values tell the replica.
    static func scrape(
        by replica: String,
        at time: Int64,
        cluster: String = "eu",
        series: Range<Int> = 0..<3
    ) -> WireWriter {
        var writer = WireWriter()
        for number in series {
            writer.series(
                [
                    ("__name__", "up"), ("__replica__", replica), ("cluster", cluster),
                    ("pod", "pod-\(number)"),
                ],
                [(time, value(of: replica, series: number))]
            )
        }
        return writer
    }

    static func value(of replica: String, series: Int) -> Double {
        Double(replica.utf8.reduce(0) { $0 * 7 + Int($1) } * 1000 + series)
    }

    /// - Parameter now: When it is received; at its time, unless it is said.
    @discardableResult
    func push(
        _ writer: WireWriter,
        at now: Int64,
        through distributor: Int = 0,
        tenant: TenantID = .anonymous
    ) async throws(PushError) -> PushOutcome {
        store.set(now: now)
        return try await distributors[distributor].push(
            tenant: tenant,
            body: writer.compressed,
            now: now,
            limits: limits
        )
    }

    /// What the service does now and then.
    func tend(at now: Int64, polling: Bool) async throws {
        store.set(now: now)
        for distributor in distributors {
            if polling {
                try? await distributor.readElections(changedWithin: nil, at: now)
            }
            try? await distributor.writeElections(at: now)
            await distributor.replayElected()
        }
    }

    /// Samples of a series that a quorum holds, in order of time.
    func samples(series number: Int = 0, cluster name: String = "eu") async -> [(Int64, Double)] {
        for distributor in distributors { await distributor.waitForBackgroundWrites() }
        let labels: Labels = ["__name__": "up", "cluster": name, "pod": "pod-\(number)"]
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: labels)
        return cluster.copies.filter { $0.key.fingerprint == fingerprint && $0.value >= 2 }.keys
            .map { ($0.timestamp, Double(bitPattern: $0.valueBits)) }
            .sorted { $0.0 < $1.0 }
    }

    /// Label bytes of all series that an ingester was told of.
    var keys: Set<[UInt8]> { cluster.ingesters.reduce(into: []) { $0.formUnion($1.keys) } }
}
