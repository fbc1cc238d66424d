import BlockFormat
import ClusterInterface
import MetricsModel
import Synchronization

/// A store of blocks that were built from series; it can be away, and can damage what it holds.
final class MemoryStore: BlockStore {
    private struct State {
        var blocks: [NewBlock] = []
        var failure: StoreError?
        var reads: [Range<Int>] = []
    }

    private let calls: CallList
    private let state = Mutex(State())

    init(calls: CallList = CallList()) { self.calls = calls }

    /// Ranges that were read, in order.
    var reads: [Range<Int>] { state.withLock { $0.reads } }

    func fail(with failure: StoreError?) { state.withLock { $0.failure = failure } }

    /// Builds and stores a block of the series.
    @discardableResult
    func add(
        _ tenant: TenantID,
        number: UInt64 = 1,
        deletionsSeen: Int64 = 0,
        _ series: [MemoryIngester.Series]
    ) throws -> BlockRecord {
        try add(
            tenant,
            number: number,
            deletionsSeen: deletionsSeen,
            series.map { one in
                (
                    one.labels,
                    SampleColumns(
                        timestamps: one.samples.map(\.0),
                        values: one.samples.map(\.1)
                    )
                )
            }
        )
    }

    /// Builds and stores a block of series with exemplars; the samples are all 1.
    @discardableResult
    func add(
        number: UInt64,
        _ series: [(labels: Labels, timestamps: [Int64], exemplars: [Exemplar])],
        metadata: [MetricMetadata] = []
    ) throws -> BlockRecord {
        var builder = BlockBuilder(range: .all)
        for one in series {
            builder.add(
                labels: one.labels,
                fingerprint: Fingerprint(seed: TenantSeed(.anonymous), labels: one.labels),
                samples: SampleColumns(
                    timestamps: one.timestamps,
                    values: one.timestamps.map { _ in 1 }
                ),
                exemplars: one.exemplars
            )
        }
        builder.add(metadata: metadata)
        return try store(builder, .anonymous, number: number)
    }

    /// Builds and stores a block of samples of any kind.
    @discardableResult
    func add(
        _ tenant: TenantID = .anonymous,
        number: UInt64,
        deletionsSeen: Int64 = 0,
        _ series: [(labels: Labels, samples: SampleColumns)]
    ) throws -> BlockRecord {
        var builder = BlockBuilder(range: .all)
        for one in series {
            builder.add(
                labels: one.labels,
                fingerprint: Fingerprint(seed: TenantSeed(tenant), labels: one.labels),
                samples: one.samples
            )
        }
        return try store(builder, tenant, number: number, deletionsSeen: deletionsSeen)
    }

    private func store(
        _ builder: BlockBuilder,
        _ tenant: TenantID,
        number: UInt64,
        deletionsSeen: Int64 = 0
    ) throws -> BlockRecord {
        let block = try builder.finish()
        let record = BlockRecord(
            tenant: tenant,
            id: BlockID(high: 0xB10C, low: number),
            range: TimeRange(start: block.minTime, end: block.maxTime + 1),
            level: 0,
            seriesCount: block.seriesCount,
            sampleCount: block.sampleCount,
            size: block.body.count,
            directory: block.directory,
            deletionsSeen: deletionsSeen
        )
        state.withLock {
            $0.blocks.append(NewBlock(record: record, metrics: [], body: block.body))
        }
        return record
    }

    /// Flips a bit of the first block's body.
    func damage(byte: Int) { state.withLock { $0.blocks[0].body[byte] ^= 0x10 } }

    func publish(_ block: NewBlock) async throws -> Bool {
        throw StoreError.unavailable("a querier stores nothing")
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        calls.add("catalog")
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.blocks.map(\.record)
                .filter { $0.tenant == tenant && $0.range.overlaps(range) }
        }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await read([BlockRead(block, ranges: ranges)])[0]
    }

    func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        calls.add("read")
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return try wanted.map { one in
                guard let body = state.blocks.first(where: { $0.record == one.block })?.body else {
                    throw StoreError.missing("block \(one.block.id)")
                }
                state.reads += one.ranges
                return one.ranges.map { Array(body[$0]) }
            }
        }
    }

    /// Stores one body as several blocks, which begin `step` ms one after the other.
    func add(_ block: EncodedBlock, of tenant: TenantID, times count: Int, step: Int64) {
        state.withLock { state in
            for number in 0..<count {
                let start = block.minTime + Int64(number) * step
                let record = BlockRecord(
                    tenant: tenant,
                    id: BlockID(high: 0xB10C, low: UInt64(number)),
                    range: TimeRange(start: start, end: start + step),
                    level: 0,
                    seriesCount: block.seriesCount,
                    sampleCount: block.sampleCount,
                    size: block.body.count,
                    directory: block.directory
                )
                state.blocks.append(NewBlock(record: record, metrics: [], body: block.body))
            }
        }
    }
}
