import ClusterInterface
import CoreMetrics
import HashRing
import MetricsModel
import RemoteWrite
import TestSupport

@testable import Distribution

/// A distributor over ingesters in memory, named `ingester-0` and so on, each in a zone of its own.
final class TestCluster: Sendable {
    static let now: Int64 = 1_700_000_000_000

    let ingesters: [FakeIngester]
    let distributor: Distributor
    private let view: View
    private let zones: Int

    /// - Parameter zones: That the ingesters are in; nil for as many as there are ingesters.
    init(
        ingesters count: Int,
        replicationFactor: Int,
        unhealthy: Set<Int> = [],
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        tracker: HATracker? = nil,
        shardSize: Int = 0,
        zones: Int? = nil,
        change: (inout DistributorSettings) -> Void = { _ in }
    ) {
        let ingesters = (0..<count).map { _ in FakeIngester() }
        self.ingesters = ingesters
        self.zones = zones ?? count
        view = View(
            Self.targets(ingesters, zones: self.zones, unhealthy: unhealthy),
            replicationFactor: replicationFactor,
            shardSize: shardSize
        )
        var settings = DistributorSettings()
        settings.replicationFactor = replicationFactor
        settings.maximumKnownSeries = 10_000
        change(&settings)
        distributor = Distributor(
            settings: settings,
            ring: view,
            metrics: DistributionMetrics(factory: metrics),
            tracker: tracker
        )
    }

    /// Another distributor over the same ingesters.
    func another(
        tracker: HATracker,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) -> Distributor {
        Distributor(
            settings: distributor.settings,
            ring: view,
            metrics: DistributionMetrics(factory: metrics),
            tracker: tracker
        )
    }

    func setUnhealthy(_ unhealthy: Set<Int>) {
        view.set(Self.targets(ingesters, zones: zones, unhealthy: unhealthy))
    }

    func push(
        _ writer: WireWriter,
        tenant: TenantID = .anonymous,
        limits: WriteLimits = WriteLimits()
    ) async throws(PushError) -> PushOutcome {
        try await distributor.push(
            tenant: tenant,
            body: writer.compressed,
            now: Self.now,
            limits: limits
        )
    }

    /// A request of remote write 2.0.
    func push(
        _ writer: SymbolWriter,
        limits: WriteLimits = WriteLimits()
    ) async throws(PushError) -> PushOutcome {
        try await push(compressed: writer.compressed, limits: limits)
    }

    /// - Parameter body: A snappy block, said to be of remote write 2.0.
    func push(
        compressed body: [UInt8],
        limits: WriteLimits = WriteLimits()
    ) async throws(PushError) -> PushOutcome {
        try await distributor.push(
            tenant: .anonymous,
            body: body,
            version: .two,
            now: Self.now,
            limits: limits
        )
    }

    /// One sample for each of some series.
    static func request(series: Range<Int>, timestamp: Int64 = now) -> WireWriter {
        var writer = WireWriter()
        for number in series {
            writer.series(
                [("__name__", "up"), ("pod", "pod-\(number)")],
                [(timestamp, Double(number))]
            )
        }
        return writer
    }

    /// Ingesters that hold each sample, by sample.
    var copies: [FakeIngester.Stored: Int] {
        var copies: [FakeIngester.Stored: Int] = [:]
        for ingester in ingesters {
            for sample in ingester.samples { copies[sample, default: 0] += 1 }
        }
        return copies
    }

    private static func targets(
        _ ingesters: [FakeIngester],
        zones: Int,
        unhealthy: Set<Int>
    ) -> WriteTargets {
        var generator = SeededGenerator(seed: 1)
        var members: [RingMember] = []
        for number in ingesters.indices {
            let tokens = TokenChoice.tokens(
                joining: "zone-\(number % zones)",
                members: members,
                count: 32,
                using: &generator
            )
            members.append(
                RingMember(
                    instance: "ingester-\(number)",
                    address: "",
                    zone: "zone-\(number % zones)",
                    state: .active,
                    tokens: tokens
                )
            )
        }
        let dead = Set(unhealthy.map { "ingester-\($0)" })
        let ring = HashRing(members: members) { !dead.contains($0.instance) }
        let byName = Dictionary(uniqueKeysWithValues: zip(members.map(\.instance), ingesters))
        return WriteTargets(ring: ring) { byName[$0.instance] ?? FakeIngester() }
    }

    private final class View: RingView {
        private let targets: TenantTargets
        private let shardSize: Int

        init(_ all: WriteTargets, replicationFactor: Int, shardSize: Int) {
            targets = TenantTargets(all, replicationFactor: replicationFactor)
            self.shardSize = shardSize
        }

        func current() -> WriteTargets { targets.all }

        func current(for tenant: TenantID) -> WriteTargets {
            targets.targets(of: tenant, size: shardSize)
        }

        func set(_ new: WriteTargets) { targets.replace(new) }
    }
}
