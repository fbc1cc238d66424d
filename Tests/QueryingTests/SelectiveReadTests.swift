import BlockFormat
import ClusterInterface
import Foundation
import MetricsModel
import PromQL
import Testing

@testable import Querying

/// How little a query of few series reads of a tenant with many.
///
/// `ENGRAM_SELECTIVE_SERIES` sets how many series the tenant has; with 1,000,000 it takes a few minutes in a debug
/// build.
@Suite struct SelectiveReadTests {
    private static let blockCount = 30
    private static let seriesCount =
        ProcessInfo.processInfo.environment["ENGRAM_SELECTIVE_SERIES"].flatMap { Int($0) }
        ?? 60_000

    /// Bytes of a catalog row on the wire, about.
    private static let catalogRowSize = 100

    @Test func `a selective query over 30 days reads at most one per cent of their bytes`()
        async throws
    {
        let calls = CallList()
        let store = MemoryStore(calls: calls)
        let block = try Self.block()
        store.add(block, of: .anonymous, times: Self.blockCount, step: 86_400_000)
        let total = block.body.count * Self.blockCount

        // One metric of many, one pod; then the metric that has a tenth of all series. The fewer series there are, the
        // more counts that a page with samples is not read in part.
        let limits = [("metric_17", 0.01), ("large", Self.seriesCount < 500_000 ? 0.02 : 0.01)]
        for (metric, limit) in limits {
            let reader = BlockReader(store: store, cacheSize: 64 << 20, workers: SerialWorkers())
            let reads = store.reads.count
            let statements = calls.all.count
            let found = try await reader.select(
                SelectRequest(
                    tenant: .anonymous,
                    matchers: [
                        LabelMatcher(name: "__name__", equals: metric),
                        LabelMatcher(name: "pod", equals: "pod-7"),
                    ],
                    range: .all
                ),
                memory: .unbounded(),
                check: {}
            )
            #expect(found.count == Self.blockCount)
            let cold = store.reads[reads...].reduce(0) { $0 + $1.count }
            let directories = block.directory.count * Self.blockCount
            let read = cold + Self.catalogRowSize * Self.blockCount
            #expect(
                Double(read) <= limit * Double(total),
                """
                \(metric): \(read) of \(total) bytes, of which \(directories) are directories; \
                \(found[0].series.count) series a block
                """
            )
            // Catalog, directories, labels, samples.
            #expect(calls.all.count - statements == 4)
            if Self.seriesCount >= 500_000 {
                print(
                    "\(Self.seriesCount) series, \(metric): \(read) of \(total) bytes,",
                    "directories \(directories), \(calls.all.count - statements) statements"
                )
            }
        }
    }

    /// A day of a tenant: one series in ten belongs to one metric, the rest to 500 metrics alike; each has a pod, of
    /// which there are as many as a metric has series.
    ///
    /// Series have fewer samples than a day has, which makes the labels' share larger than it would be.
    private static func block() throws -> EncodedBlock {
        let start: Int64 = 1_767_225_600_000
        var builder = BlockBuilder(range: TimeRange(start: start, end: start + 86_400_000))
        let timestamps = (0..<120).map { start + Int64($0) * 15_000 }
        let seed = TenantSeed(.anonymous)
        let largeCount = seriesCount / 10
        for number in 0..<seriesCount {
            let isLarge = number < largeCount
            let pod = isLarge ? number : (number - largeCount) / 500
            let metric = isLarge ? "large" : "metric_\((number - largeCount) % 500)"
            let labels: Labels = [
                "__name__": metric, "cluster": "eu-\(pod % 3)", "container": "main",
                "instance": "10.\(pod / 65_536).\(pod / 256 % 256).\(pod % 256):9100",
                "job": "job-\(pod % 20)", "namespace": "team-\(pod % 50)",
                "node": "node-\(pod % 100)", "pod": "pod-\(pod)",
            ]
            var value = Double(number)
            var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
            let values = timestamps.indices.map { _ -> Double in
                state = state &* 6_364_136_223_846_793_005 &+ 1
                value += Double(state >> 54)
                return value
            }
            builder.add(
                labels: labels,
                fingerprint: Fingerprint(seed: seed, labels: labels),
                timestamps: timestamps,
                values: values
            )
        }
        return try builder.finish()
    }
}
