import ClusterInterface
import EmbeddedStorage
import Foundation
import MetricsModel
import PromQL
import Querying
import TestSupport

@testable import Compaction

/// Computes where it is asked to.
struct InlineWorkers: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}

/// No recent samples anywhere.
struct NoIngesters: IngesterDirectory {
    func readers() -> ReadSet { ReadSet(members: [], missing: [], tolerated: 0) }
}

/// A store in a file of its own, with what compacts and queries it.
struct StoreFixture {
    let store: EmbeddedStore
    /// When the day of ``DayFixture`` is settled.
    static let now = DayFixture.day + 3 * 86_400_000

    static func with(_ body: (StoreFixture) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-compaction-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("engram.db").path
        let store = try EmbeddedStore(path: path)
        do {
            try await store.migrate()
            try await body(StoreFixture(store: store))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    func compactor(
        over other: (any Compactor.Store)? = nil,
        retention: Retention = .forever,
        now: Int64 = now,
        change: (inout CompactionSettings) -> Void = { _ in },
        onEvent: @escaping @Sendable (CompactionEvent) -> Void = { _ in }
    ) -> Compactor {
        var settings = CompactionSettings()
        settings.grace = .zero
        change(&settings)
        return Compactor(
            settings: settings,
            store: other ?? store,
            workers: InlineWorkers(),
            retention: retention,
            now: { now },
            onEvent: onEvent
        )
    }

    func querier(retention: Retention = .forever) -> Querier {
        var settings = QueryingSettings()
        settings.retention = retention
        return Querier(
            settings: settings,
            directory: NoIngesters(),
            store: store,
            deletions: store,
            workers: InlineWorkers()
        )
    }

    /// All samples that a query finds, by labels.
    static func samples(
        of tenant: TenantID,
        in querier: Querier
    ) async throws -> [Labels: SampleColumns] {
        let result = try await querier.query(
            QueryRequest(
                tenants: TenantSet(tenant),
                text: #"{__name__=~".+"}[4d]"#,
                start: now,
                end: now,
                step: 0,
                features: .standard
            )
        )
        guard case .matrix(let series) = result.value else {
            throw TestSupportError("not a matrix")
        }
        var found: [Labels: SampleColumns] = [:]
        for one in series {
            found[one.labels] = SampleColumns(
                timestamps: one.timestamps,
                values: one.values,
                histograms: HistogramColumns(
                    timestamps: one.histograms.timestamps,
                    values: one.histograms.values
                )
            )
        }
        return found
    }

    /// Where a query's answer differs from what was stored.
    func faults(_ expected: [Labels: SampleColumns], _ querier: Querier) async throws -> [String] {
        let found = try await Self.samples(of: .anonymous, in: querier)
        var faults: [String] = []
        if found.count != expected.count { faults.append("\(found.count) series") }
        for (labels, samples) in expected {
            let other = found[labels] ?? SampleColumns()
            let isSame =
                other.timestamps == samples.timestamps
                && other.values.map(\.bitPattern) == samples.values.map(\.bitPattern)
                && other.histograms.timestamps == samples.histograms.timestamps
                && zip(other.histograms.values, samples.histograms.values)
                    .allSatisfy { $0.count == $1.count && $0.sum == $1.sum }
            if !isSame { faults.append("\(labels)") }
        }
        return faults
    }
}
