import ClusterInterface
import MetricsModel
import Testing

@Suite struct BlockCatalogContractTests {
    @Test(arguments: StoreKind.available)
    func `tenants with blocks come once each, in order and page by page`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            #expect(try await store.tenantsWithBlocks(after: nil, limit: 10).isEmpty)
            let names = ["b", "B", "a-1", "a", "z"]
            for name in names {
                let tenant = try TenantID(name)
                for start in [0, 10] as [Int64] {
                    let block = SampleBlocks.block(
                        tenant: tenant,
                        number: UInt64(start),
                        range: TimeRange(start: start, end: start + 5),
                        body: [UInt8(start)]
                    )
                    try await store.publish(block)
                }
            }
            let sorted = ["B", "a", "a-1", "b", "z"]
            #expect(try await store.tenantsWithBlocks(after: nil, limit: 10).map(\.name) == sorted)
            #expect(
                try await store.tenantsWithBlocks(after: nil, limit: 2).map(\.name) == ["B", "a"]
            )
            let a = try TenantID("a")
            #expect(
                try await store.tenantsWithBlocks(after: a, limit: 2).map(\.name) == ["a-1", "b"]
            )
            let last = try TenantID("z")
            #expect(try await store.tenantsWithBlocks(after: last, limit: 2).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `the metrics of blocks come back as they were published`(kind: StoreKind) async throws {
        let names = ["up", "a\u{0}b", "\\0", "q\"\n\u{1F}/", "größe", "e\u{301}", "\u{e9}", ""]
        let metrics = names.enumerated().map {
            MetricSummary(name: $1, seriesCount: $0 + 1, sampleCount: $0 * 1_000_000_007)
        }
        try await kind.withStore { store in
            let tenant = try TenantID("t")
            for (start, metrics) in [(10, metrics), (0, [])] as [(Int64, [MetricSummary])] {
                try await store.publish(
                    SampleBlocks.block(
                        tenant: tenant,
                        number: UInt64(start),
                        range: TimeRange(start: start, end: start + 5),
                        metrics: metrics
                    )
                )
            }
            let found = try await store.metrics(of: tenant, overlapping: .all)
            #expect(found.map(\.range.start) == [0, 10])
            #expect(found[0].metrics.isEmpty)
            func sorted(_ metrics: [MetricSummary]) -> [MetricSummary] {
                metrics.sorted { $0.seriesCount < $1.seriesCount }
            }
            #expect(sorted(found[1].metrics) == metrics)
            #expect(
                zip(sorted(found[1].metrics), metrics).allSatisfy {
                    $0.0.name.utf8.elementsEqual($0.1.name.utf8)
                }
            )
            let early = TimeRange(start: 0, end: 10)
            #expect(try await store.metrics(of: tenant, overlapping: early).count == 1)
            let other = try TenantID("u")
            #expect(try await store.metrics(of: other, overlapping: .all).isEmpty)
        }
    }
}
