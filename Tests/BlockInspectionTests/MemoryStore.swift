import BlockFormat
import ClusterInterface
import MetricsModel
import Synchronization

/// A store of blocks in memory, some of whose bytes can be gone.
final class MemoryStore: BlockStore, BlockCatalog {
    private struct State {
        var blocks: [NewBlock] = []
        var missing: [BlockID: Range<Int>] = [:]
        var isAway = false
    }

    private let state = Mutex(State())

    /// Builds and stores a block of `seriesCount` series with a sample each second from `start` on.
    @discardableResult
    func add(
        _ tenant: TenantID,
        number: UInt64,
        start: Int64 = 0,
        seriesCount: Int = 3,
        samples: SampleColumns? = nil
    ) throws -> BlockRecord {
        var builder = BlockBuilder(range: .all)
        for series in 0..<seriesCount {
            let labels = Labels([("__name__", "m\(series % 2)"), ("pod", "p\(series)")])
            let times = (0..<10).map { start + Int64($0) * 1000 }
            builder.add(
                labels: labels,
                fingerprint: Fingerprint(seed: TenantSeed(tenant), labels: labels),
                samples: samples
                    ?? SampleColumns(timestamps: times, values: times.map { Double($0) / 3 })
            )
        }
        let block = try builder.finish()
        let record = BlockRecord(
            tenant: tenant,
            id: BlockID(high: 0xAB, low: number),
            range: TimeRange(start: block.minTime, end: block.maxTime + 1),
            level: 0,
            seriesCount: block.seriesCount,
            sampleCount: block.sampleCount,
            size: block.body.count,
            directory: block.directory
        )
        state.withLock {
            $0.blocks.append(NewBlock(record: record, metrics: [], body: block.body))
        }
        return record
    }

    func change(_ id: BlockID, _ change: (inout NewBlock) -> Void) {
        state.withLock { state in
            for index in state.blocks.indices where state.blocks[index].record.id == id {
                change(&state.blocks[index])
            }
        }
    }

    /// Makes bytes of a block unreadable.
    func lose(_ range: Range<Int>, of id: BlockID) { state.withLock { $0.missing[id] = range } }

    func remove(_ id: BlockID) {
        state.withLock { $0.blocks.removeAll { $0.record.id == id } }
    }

    func setAway() { state.withLock { $0.isAway = true } }

    func publish(_ block: NewBlock) async throws -> Bool { false }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        state.withLock { state in
            state.blocks.map(\.record).filter { $0.tenant == tenant && $0.range.overlaps(range) }
        }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            guard let found = state.blocks.first(where: { $0.record.id == block.id }) else {
                throw StoreError.missing("block \(block.id)")
            }
            let lost = state.missing[block.id] ?? 0..<0
            return try ranges.map { range in
                guard !range.overlaps(lost), range.upperBound <= found.body.count else {
                    throw StoreError.missing("slab 0 of block \(block.id)")
                }
                return Array(found.body[range])
            }
        }
    }

    func metrics(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [BlockMetrics] {
        state.withLock { state in
            state.blocks.filter { $0.record.tenant == tenant && $0.record.range.overlaps(range) }
                .map { BlockMetrics(range: $0.record.range, metrics: $0.metrics) }
        }
    }

    func tenantsWithBlocks(after tenant: TenantID?, limit: Int) async throws -> [TenantID] {
        state.withLock { state in
            Array(
                Set(state.blocks.map(\.record.tenant)).sorted()
                    .filter { one in tenant.map { $0 < one } ?? true }.prefix(limit)
            )
        }
    }
}
