import ClusterInterface
import Foundation
import MetricsModel
import PostgresStorage
import TestSupport
import Testing

/// How fast blocks go into a PostgreSQL and come out of it; `docs/postgresql.md` has the figures.
///
/// Not a test of a bound, and only run with `ENGRAM_STORE_BENCHMARK=1`: a server of its own with fsync, beside which
/// nothing else should run. `ENGRAM_STORE_BENCHMARK_SETTINGS` has further settings of the server, `name=value` each,
/// separated by spaces.
@Suite(
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ENGRAM_STORE_BENCHMARK"] == "1")
)
struct CeilingTests {
    private static let taskCount = 4

    @Test func `blocks in and out`() async throws {
        let extra = ProcessInfo.processInfo.environment["ENGRAM_STORE_BENCHMARK_SETTINGS"] ?? ""
        let postgres = try ThrowawayPostgres.start(
            settings: [
                "fsync=on", "full_page_writes=on", "synchronous_commit=on", "autovacuum=on",
                "shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=15min",
                "wal_compression=off",
            ] + extra.split(separator: " ").map(String.init)
        )
        let url = try postgres.freshDatabase()
        let store = try PostgresStore(url: url)
        try await store.migrate()
        // Large ones as of a tenant of 100,000 series, small ones as of a tenant of some hundred.
        let large = try await publish(48, size: 16 << 20, kind: 1, store)
        _ = try await publish(2000, size: 64 << 10, kind: 2, store)
        try await readWhole(large, store)
        try await readPages(large, store)
        let pages = """
            begin; set local engram.all_tenants = 'on';
            select pg_size_pretty(sum(octet_length(data))), (select pg_size_pretty(
                sum(pg_total_relation_size(inhrelid))) from pg_inherits
                where inhparent = 'block_pages'::regclass) from block_pages; commit
            """
        print("bytes of bodies | of their tables:", try postgres.query(pages, url: url))
        await store.close()
    }

    private func publish(
        _ count: Int,
        size: Int,
        kind: UInt64,
        _ store: PostgresStore
    ) async throws -> [BlockRecord] {
        // What zstd leaves does not get smaller.
        var random = SeededGenerator(seed: kind)
        var body: [UInt8] = []
        body.reserveCapacity(size)
        while body.count < size {
            withUnsafeBytes(of: random.next()) { body.append(contentsOf: $0) }
        }
        let blocks = (0..<count).map { number in
            BlockRecord(
                tenant: .anonymous,
                id: BlockID(high: kind, low: UInt64(number)),
                range: TimeRange(start: 1_767_000_000_000, end: 1_767_007_200_000),
                level: 0,
                seriesCount: 1,
                sampleCount: 1,
                size: size,
                directory: 0..<1
            )
        }
        let bytes = body
        let seconds = try await timed(blocks) { block in
            _ = try await store.publish(NewBlock(record: block, metrics: [], body: bytes))
        }
        report("published blocks of \(size >> 10) KiB", count, size, seconds)
        return blocks
    }

    private func readWhole(_ blocks: [BlockRecord], _ store: PostgresStore) async throws {
        let seconds = try await timed(blocks) { block in
            _ = try await store.read(block, ranges: [0..<block.size])
        }
        report("read whole blocks", blocks.count, blocks[0].size, seconds)
    }

    /// What a selective query over all blocks does: three pages of each in one read.
    private func readPages(_ blocks: [BlockRecord], _ store: PostgresStore) async throws {
        let pageSize = 32 << 10
        let queries = (0..<400).map { query in
            blocks.map { block in
                let starts = (0..<3).map { (query * 7 + $0 * 131) % 500 * pageSize }
                return BlockRead(block, ranges: starts.map { $0..<$0 + pageSize })
            }
        }
        let seconds = try await timed(queries) { _ = try await store.read($0) }
        report(
            "read three pages of each of \(blocks.count) blocks",
            queries.count,
            blocks.count * 3 * pageSize,
            seconds
        )
    }

    private func timed<Work: Sendable>(
        _ work: [Work],
        _ body: @escaping @Sendable (Work) async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<Self.taskCount {
                group.addTask {
                    for index in stride(from: task, to: work.count, by: Self.taskCount) {
                        try await body(work[index])
                    }
                }
            }
            try await group.waitForAll()
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func report(_ what: String, _ count: Int, _ size: Int, _ seconds: Double) {
        let rate = Double(count) / seconds
        print(
            "\(what): \(count) in \((seconds * 1000).rounded() / 1000) s,",
            "\((rate * 10).rounded() / 10) a second,",
            "\((rate * Double(size) / 1e6).rounded()) MB/s"
        )
    }
}
