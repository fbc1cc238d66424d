public import MetricsModel

/// Bytes that are wanted of one block.
public struct BlockRead: Sendable, Equatable {
    public var block: BlockRecord
    /// Byte offsets into the body.
    public var ranges: [Range<Int>]

    public init(_ block: BlockRecord, ranges: [Range<Int>]) {
        self.block = block
        self.ranges = ranges
    }
}

extension BlockStore {
    /// Reads block after block, for a store that gains nothing from knowing all of them.
    public func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        var answers: [[[UInt8]]] = []
        answers.reserveCapacity(wanted.count)
        for one in wanted { answers.append(try await read(one.block, ranges: one.ranges)) }
        return answers
    }
}

extension [BlockRead] {
    /// The tenant of all blocks; nil where nothing is wanted.
    ///
    /// - Throws: ``StoreError/corrupt(_:)`` where they belong to several: no transaction sees two tenants' rows.
    public func oneTenant() throws(StoreError) -> TenantID? {
        guard let tenant = first?.block.tenant else { return nil }
        for other in self where other.block.tenant != tenant {
            throw .corrupt("one read of blocks of \"\(tenant)\" and \"\(other.block.tenant)\"")
        }
        return tenant
    }
}
