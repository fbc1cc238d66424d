import ClusterInterface
import MetricsModel
import Testing

@Suite struct LeaseStoreContractTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    @Test(arguments: StoreKind.available)
    func `one holds a lease at a time, of each tenant and name`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            func acquire(
                _ name: String,
                _ tenant: TenantID,
                _ holder: String
            ) async throws -> Lease? {
                try await store.acquireLease(
                    name,
                    of: tenant,
                    holder: holder,
                    lasting: .seconds(600)
                )
            }
            let first = try #require(try await acquire("day/1", red, "a"))
            #expect(try await acquire("day/1", red, "b") == nil)
            #expect(try await acquire("day/1", red, "a") == nil)
            let second = try #require(try await acquire("day/2", red, "b"))
            let third = try #require(try await acquire("day/1", blue, "b"))
            #expect(first.epoch < second.epoch && second.epoch < third.epoch)
            try await store.renewLease(first, lasting: .seconds(600))
            try await store.releaseLease(first)
            try await store.releaseLease(first)
            let fourth = try #require(try await acquire("day/1", red, "b"))
            #expect(fourth.epoch > third.epoch)
            await #expect(throws: StoreError.leaseLost("day/1")) {
                try await store.renewLease(first, lasting: .seconds(600))
            }
            // The old holder gives up what is not its own any more.
            try await store.releaseLease(first)
            #expect(try await acquire("day/1", red, "a") == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a lease whose time is over is taken, and the old epoch publishes nothing`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let old = try #require(
                try await store.acquireLease("day/1", of: red, holder: "a", lasting: .zero)
            )
            let parent = SampleBlocks.block(tenant: red)
            try await store.publish(parent)
            let child = SampleBlocks.block(tenant: red, number: 2, body: [1, 2, 3])
            // Late, but nobody has taken it: no harm is done.
            try await store.stage(child, under: old)
            var new: Lease?
            for _ in 0..<1000 where new == nil {
                new = try await store.acquireLease(
                    "day/1",
                    of: red,
                    holder: "b",
                    lasting: .seconds(600)
                )
            }
            let taken = try #require(new)
            #expect(taken.epoch > old.epoch)
            await #expect(throws: StoreError.leaseLost("day/1")) {
                try await store.stage(child, under: old)
            }
            await #expect(throws: StoreError.leaseLost("day/1")) {
                try await store.replace(
                    [parent.record],
                    with: [child.record],
                    under: old,
                    grace: .zero
                )
            }
            await #expect(throws: StoreError.leaseLost("day/1")) {
                _ = try await store.retireBlocks(endingBy: .max, under: old, grace: .zero)
            }
            #expect(try await store.blocks(of: red, overlapping: .all) == [parent.record])
            try await store.replace(
                [parent.record],
                with: [child.record],
                under: taken,
                grace: .zero
            )
            #expect(try await store.blocks(of: red, overlapping: .all) == [child.record])
        }
    }
}
