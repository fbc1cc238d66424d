public import ClusterInterface
import MetricsModel
import StorageSchema

extension PostgresStore {
    public func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]] {
        try await read([BlockRead(block, ranges: ranges)])[0]
    }

    /// One transaction, of one statement for each ``PostgresSettings/maximumReadSize`` bytes or
    /// ``BodyReading/maximumSliceCount`` slices, whatever the number of blocks.
    public func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        guard let tenant = try wanted.oneTenant() else { return [] }
        let reading = try BodyReading(
            wanted,
            slabSize: Self.slabSize,
            maximumSize: settings.maximumReadSize
        )
        guard !reading.slices.isEmpty else { return reading.emptyAnswer }
        return try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant), readOnly: true) {
                connection throws(StoreError) in
                var answer = reading.emptyAnswer
                for batch in reading.batches {
                    try reading.read(batch, of: tenant, into: &answer, connection)
                }
                return answer
            }
        }
    }
}

/// The slices that make up some bytes of some blocks, and the statements that fetch them.
struct BodyReading: Sendable {
    /// Most slices in one statement, which carries 28 bytes for each.
    static let maximumSliceCount = 16_384

    let wanted: [BlockRead]
    /// Block by block, range by range.
    let slices: [(read: Int, slice: SlabSlice)]
    /// Runs of slices of which each is one statement's work.
    let batches: [Range<Int>]

    /// - Parameters:
    ///   - slabSize: Bytes of a full slab.
    ///   - maximumSize: Bytes that one statement returns, unless one slice is larger.
    /// - Throws: ``StoreError/missing(_:)`` for a range that leaves its block.
    init(_ wanted: [BlockRead], slabSize: Int, maximumSize: Int) throws(StoreError) {
        var slices: [(read: Int, slice: SlabSlice)] = []
        for (index, one) in wanted.enumerated() {
            let slabs = BodySlabs(size: one.block.size, slabSize: slabSize)
            for slice in try slabs.slices(of: one.ranges) { slices.append((index, slice)) }
        }
        var batches: [Range<Int>] = []
        var start = 0
        var size = 0
        for (index, (_, slice)) in slices.enumerated() {
            let isFull =
                size + slice.length > maximumSize || index - start == Self.maximumSliceCount
            if index > start, isFull {
                batches.append(start..<index)
                start = index
                size = 0
            }
            size += slice.length
        }
        if start < slices.count { batches.append(start..<slices.count) }
        self.wanted = wanted
        self.slices = slices
        self.batches = batches
    }

    /// An answer of the right shape, without bytes.
    var emptyAnswer: [[[UInt8]]] { wanted.map { $0.ranges.map { _ in [] } } }

    /// Fetches a batch with one statement.
    ///
    /// The blocks and their times come twice: as columns to join, and as lists that let the planner leave out
    /// partitions, and use the key's index, whatever it thinks of the join.
    func read(
        _ batch: Range<Int>,
        of tenant: TenantID,
        into answer: inout [[[UInt8]]],
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let wantedSlices = slices[batch]
        let reads = Set(wantedSlices.map(\.read)).sorted()
        let rows = try connection.query(
            """
            select slice.number, substring(page.data from slice.first for slice.size)
            from unnest($4::uuid[], $5::int8[], $6::int4[], $7::int4[], $8::int4[])
                with ordinality as slice (block, start, slab, first, size, number)
            join block_pages page on page.tenant_id = $1 and page.block_id = any($2)
                and page.start_time = any($3) and page.block_id = slice.block
                and page.start_time = slice.start and page.slab = slice.slab
            """,
            [
                .text(tenant.name),
                .uuids(reads.map { wanted[$0].block.id }),
                .integers(Set(reads.map { wanted[$0].block.range.start }).sorted()),
                .uuids(wantedSlices.map { wanted[$0.read].block.id }),
                .integers(wantedSlices.map { wanted[$0.read].block.range.start }),
                .smallIntegers(wantedSlices.map { Int32($0.slice.slab) }),
                .smallIntegers(wantedSlices.map { Int32($0.slice.offset + 1) }),
                .smallIntegers(wantedSlices.map { Int32($0.slice.length) }),
            ]
        )
        // The database may answer in any order.
        var rowOfSlice = [Int](repeating: -1, count: batch.count)
        for row in 0..<rows.rowCount {
            let number = Int(try rows.integer(row: row, column: 0)) - 1
            guard rowOfSlice.indices.contains(number), rowOfSlice[number] < 0 else {
                throw .corrupt("slice \(number) of blocks of \"\(tenant)\" comes twice")
            }
            rowOfSlice[number] = row
        }
        for ((read, slice), row) in zip(wantedSlices, rowOfSlice) {
            let name = "slab \(slice.slab) of block \(wanted[read].block.id)"
            guard row >= 0 else { throw .missing(name) }
            let bytes = try rows.bytes(row: row, column: 1)
            guard bytes.count == slice.length else {
                throw .missing("\(slice.length - bytes.count) bytes of \(name)")
            }
            if answer[read][slice.rangeIndex].isEmpty {
                answer[read][slice.rangeIndex] = bytes
            } else {
                answer[read][slice.rangeIndex] += bytes
            }
        }
    }
}
