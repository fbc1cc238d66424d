internal import ClusterInterface
internal import MetricsModel

/// A planted bug: says that a block is stored before it is; see ``PlantedBug/flushMarkedBeforeStored``.
struct EagerBlockStore: BlockStore {
    let store: DatabaseClient

    func publish(_ block: NewBlock) async throws -> Bool {
        store.process.spawn { [store] in _ = try? await store.publish(block) }
        return true
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord] {
        try await store.blocks(of: tenant, overlapping: range)
    }

    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await store.read(block, ranges: ranges)
    }
}
