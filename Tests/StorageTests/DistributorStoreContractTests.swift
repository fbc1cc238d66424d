import ClusterInterface
import Testing

@Suite struct DistributorStoreContractTests {
    @Test(arguments: StoreKind.available)
    func `each that beats is counted once, until it is forgotten`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let timeout = Duration.seconds(600)
            #expect(try await store.beat(distributor: "a", timeout: timeout) == 1)
            #expect(try await store.beat(distributor: "b", timeout: timeout) == 2)
            #expect(try await store.beat(distributor: "a", timeout: timeout) == 2)
            try await store.forget(distributor: "b")
            try await store.forget(distributor: "never there")
            #expect(try await store.beat(distributor: "a", timeout: timeout) == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `one that is silent for longer than the timeout is not counted, and may come back`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            _ = try await store.beat(distributor: "silent", timeout: .seconds(600))
            // By the store's clock a millisecond passes in a bounded number of calls.
            var count = 2
            for _ in 0..<10_000 where count == 2 {
                count = try await store.beat(distributor: "a", timeout: .milliseconds(1))
            }
            #expect(count == 1)
            // Its row is gone, not merely passed over.
            #expect(try await store.beat(distributor: "a", timeout: .seconds(600)) == 1)
            #expect(try await store.beat(distributor: "silent", timeout: .seconds(600)) == 2)
        }
    }

    @Test(arguments: StoreKind.available)
    func `heartbeats that come at once are all counted`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        // A timeout of nothing: each tries to forget all the others.
                        _ = try await store.beat(distributor: "d\(number)", timeout: .zero)
                        _ = try await store.beat(distributor: "d\(number)", timeout: .seconds(600))
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<8 {
                _ = try await store.beat(distributor: "d\(number)", timeout: .seconds(600))
            }
            #expect(try await store.beat(distributor: "d0", timeout: .seconds(600)) == 8)
        }
    }
}
