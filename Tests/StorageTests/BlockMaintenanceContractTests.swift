import ClusterInterface
import MetricsModel
import Testing

@Suite struct BlockMaintenanceContractTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    private func withLease(
        _ kind: StoreKind,
        _ body: (any TestedStore, Lease) async throws -> Void
    ) async throws {
        try await kind.withStore { store in
            let lease = try await store.acquireLease(
                "day/1",
                of: red,
                holder: "test",
                lasting: .seconds(600)
            )
            try await body(store, try #require(lease))
        }
    }

    private func block(_ number: UInt64, level: Int = 0, start: Int64 = 0) -> NewBlock {
        var block = SampleBlocks.block(
            tenant: red,
            number: number,
            range: TimeRange(start: start, end: start + 1000),
            body: SampleBlocks.bytes(count: 3000, seed: number)
        )
        block.record.level = level
        return block
    }

    @Test(arguments: StoreKind.available)
    func `children replace parents at once, and the parents' bytes stay readable`(
        kind: StoreKind
    ) async throws {
        try await withLease(kind) { store, lease in
            let parents = [block(1), block(2)]
            let children = [block(3, level: 2), block(4, level: 2)]
            for parent in parents { try await store.publish(parent) }
            let before = try await store.blocks(of: red, overlapping: .all)
            for child in children { try await store.stage(child, under: lease) }
            #expect(try await store.blocks(of: red, overlapping: .all) == before)
            try await store.replace(
                parents.map(\.record),
                with: children.map(\.record),
                under: lease,
                grace: .seconds(600)
            )
            #expect(
                try await store.blocks(of: red, overlapping: .all) == children.map(\.record)
            )
            for block in parents + children {
                let body = try await store.read(block.record, ranges: [0..<block.body.count])
                #expect(body == [block.body])
            }
            // The grace is not over.
            let removed = try await store.removeRetiredBlocks(of: red, limit: 100)
            #expect(removed == RemovedBlocks())
            #expect(try await store.read(parents[0].record, ranges: [5..<7]).count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `nothing changes where a parent is not live or a child is missing`(
        kind: StoreKind
    ) async throws {
        try await withLease(kind) { store, lease in
            try await store.publish(block(1))
            try await store.stage(block(2), under: lease)
            await #expect(throws: StoreError.notLive(block(9).record.id)) {
                try await store.replace(
                    [block(1).record, block(9).record],
                    with: [block(2).record],
                    under: lease,
                    grace: .zero
                )
            }
            await #expect(throws: StoreError.missing("block \(block(8).record.id)")) {
                try await store.replace(
                    [block(1).record],
                    with: [block(2).record, block(8).record],
                    under: lease,
                    grace: .zero
                )
            }
            #expect(try await store.blocks(of: red, overlapping: .all) == [block(1).record])
            try await store.replace([block(1).record], with: [], under: lease, grace: .zero)
            #expect(try await store.blocks(of: red, overlapping: .all).isEmpty)
            await #expect(throws: StoreError.notLive(block(1).record.id)) {
                try await store.replace([block(1).record], with: [], under: lease, grace: .zero)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a block that is parent and child stays, with its new level`(kind: StoreKind) async throws
    {
        try await withLease(kind) { store, lease in
            try await store.publish(block(1))
            try await store.publish(block(2))
            try await store.replace(
                [block(1).record, block(2).record],
                with: [block(1, level: 2).record],
                under: lease,
                grace: .zero
            )
            #expect(
                try await store.blocks(of: red, overlapping: .all) == [block(1, level: 2).record]
            )
        }
    }

    @Test(arguments: StoreKind.available)
    func `retired blocks go with their bytes once the grace is over`(kind: StoreKind) async throws {
        try await withLease(kind) { store, lease in
            for number in 1...5 as ClosedRange<UInt64> {
                try await store.publish(block(number))
            }
            let gone = [block(1).record, block(2).record, block(3).record]
            try await store.replace(gone, with: [], under: lease, grace: .zero)
            var removed = RemovedBlocks()
            // The clock of the store has to pass the millisecond.
            for _ in 0..<1000 where removed.count < 3 {
                let more = try await store.removeRetiredBlocks(of: red, limit: 2)
                #expect(more.count <= 2)
                removed.count += more.count
                removed.size += more.size
            }
            #expect(removed == RemovedBlocks(count: 3, size: 9000))
            for record in gone {
                await #expect(throws: StoreError.self) {
                    _ = try await store.read(record, ranges: [0..<1])
                }
            }
            #expect(try await store.blocks(of: red, overlapping: .all).count == 2)
            #expect(try await store.read(block(4).record, ranges: [0..<3000]) == [block(4).body])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a staged block that is never shown waits a day`(kind: StoreKind) async throws {
        try await withLease(kind) { store, lease in
            try await store.stage(block(1), under: lease)
            try await store.stage(block(1), under: lease)
            #expect(try await store.blocks(of: red, overlapping: .all).isEmpty)
            #expect(try await store.tenantsWithBlocks(after: nil, limit: 10) == [red])
            #expect(try await store.removeRetiredBlocks(of: red, limit: 10).count == 0)
            try await store.replace([], with: [block(1).record], under: lease, grace: .zero)
            #expect(try await store.blocks(of: red, overlapping: .all) == [block(1).record])
            // A live block is not hidden by being staged again.
            try await store.stage(block(1), under: lease)
            #expect(try await store.blocks(of: red, overlapping: .all) == [block(1).record])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a retired block that is published again is live again`(kind: StoreKind) async throws {
        try await withLease(kind) { store, lease in
            try await store.publish(block(1))
            try await store.replace([block(1).record], with: [], under: lease, grace: .seconds(60))
            #expect(try await store.publish(block(1)))
            #expect(try await store.blocks(of: red, overlapping: .all) == [block(1).record])
            #expect(try await store.publish(block(1)) == false)
        }
    }

    @Test(arguments: StoreKind.available)
    func `blocks that end by a time are retired, of one tenant`(kind: StoreKind) async throws {
        try await withLease(kind) { store, lease in
            for (number, start) in [(1, 0), (2, 500), (3, 1000)] as [(UInt64, Int64)] {
                try await store.publish(block(number, start: start))
            }
            try await store.publish(SampleBlocks.block(tenant: blue))
            let count = try await store.retireBlocks(endingBy: 1500, under: lease, grace: .zero)
            #expect(count == 2)
            #expect(
                try await store.blocks(of: red, overlapping: .all) == [block(3, start: 1000).record]
            )
            #expect(try await store.blocks(of: blue, overlapping: .all).count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `tenants and blocks below a level come in pages`(kind: StoreKind) async throws {
        try await withLease(kind) { store, _ in
            var expected: [BlockRecord] = []
            let tenants = try (0..<7).map { try TenantID("tenant-\($0)") }
            for (index, tenant) in tenants.enumerated() {
                for number in 0..<5 as Range<UInt64> {
                    var block = SampleBlocks.block(
                        tenant: tenant,
                        number: number,
                        range: TimeRange(
                            start: Int64(number / 2) * 1000 - 1000,
                            end: Int64(number) * 1000 + 1000
                        )
                    )
                    block.record.level = (index + Int(number)) % 3
                    try await store.publish(block)
                    if block.record.level < 2 { expected.append(block.record) }
                }
            }
            expected.sort {
                ($0.tenant.name, $0.range.start, $0.id) < ($1.tenant.name, $1.range.start, $1.id)
            }
            for limit in [1, 3, 100] {
                var found: [BlockRecord] = []
                while true {
                    let page = try await store.liveBlocks(
                        belowLevel: 2,
                        after: found.last,
                        limit: limit
                    )
                    #expect(page.count <= limit)
                    if page.isEmpty { break }
                    found += page
                }
                #expect(found == expected)
                var names: [TenantID] = []
                while true {
                    let page = try await store.tenantsWithBlocks(after: names.last, limit: limit)
                    #expect(page.count <= limit)
                    if page.isEmpty { break }
                    names += page
                }
                #expect(names == tenants)
            }
            let flushed = try await store.liveBlocks(belowLevel: 1, after: nil, limit: 100)
            #expect(flushed == expected.filter { $0.level == 0 })
        }
    }

    @Test(arguments: StoreKind.available)
    func `maintenance leaves blocks and leases that are in use`(kind: StoreKind) async throws {
        try await withLease(kind) { store, lease in
            try await store.publish(block(1))
            try await store.maintain()
            try await store.maintain()
            try await store.renewLease(lease, lasting: .seconds(1))
            #expect(try await store.read(block(1).record, ranges: [0..<3000]) == [block(1).body])
        }
    }
}
