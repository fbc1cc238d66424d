import ClusterInterface
import MetricsModel
import SchemaMigrations
import Testing

@Suite struct MigrationContractTests {
    @Test(arguments: StoreKind.available)
    func `a store without schema refuses to work and says so`(kind: StoreKind) async throws {
        try await kind.withPlace { place in
            let store = try place.open()
            #expect(try await store.schemaVersion() == 0)
            let mismatch = StoreError.schemaMismatch(
                found: 0,
                needed: SchemaMigrations.postgres.count
            )
            await #expect(throws: mismatch) { try await store.check() }
            await #expect(throws: mismatch) { try await store.members() }
            await #expect(throws: mismatch) {
                try await store.blocks(of: .anonymous, overlapping: .all)
            }
            try await store.migrate()
            try await store.check()
            #expect(try await store.schemaVersion() == SchemaMigrations.postgres.count)
            #expect(try await store.members().isEmpty)
            await store.close()
        }
    }

    @Test(arguments: StoreKind.available)
    func `several processes may migrate at once, and again`(kind: StoreKind) async throws {
        try await kind.withPlace { place in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let store = try place.open()
                        try await store.migrate()
                        try await store.migrate()
                        try await store.check()
                        await store.close()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a closed store does not answer`(kind: StoreKind) async throws {
        try await kind.withPlace { place in
            let store = try place.open()
            try await store.migrate()
            await store.close()
            let error = await #expect(throws: StoreError.self) { try await store.members() }
            guard case .unavailable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            await store.close()
        }
    }

    @Test(arguments: StoreKind.available)
    func `what was stored is there after a restart`(kind: StoreKind) async throws {
        try await kind.withPlace { place in
            let block = SampleBlocks.block(tenant: .anonymous)
            let first = try place.open()
            try await first.migrate()
            try await first.publish(block)
            await first.close()
            let second = try place.open()
            #expect(try await second.blocks(of: .anonymous, overlapping: .all) == [block.record])
            await second.close()
        }
    }
}
