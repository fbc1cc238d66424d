internal import ClusterInterface
internal import MetricsModel

/// A store whose blocks are in memory and stay as they are.
struct MemoryBlocks: BlockStore {
    private let blocks: [NewBlock]

    init(_ blocks: [NewBlock]) {
        self.blocks = blocks
    }

    func publish(_ block: NewBlock) async throws -> Bool {
        throw StoreError.unavailable("the blocks of a script do not change")
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        blocks.map(\.record).filter { $0.tenant == tenant && $0.range.overlaps(range) }
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        guard let body = blocks.first(where: { $0.record == block })?.body,
            ranges.allSatisfy({ body.indices.contains($0) })
        else { throw StoreError.missing("block \(block.id)") }
        return ranges.map { Array(body[$0]) }
    }
}
