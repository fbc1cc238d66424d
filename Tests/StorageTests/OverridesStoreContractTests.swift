import ClusterInterface
import MetricsModel
import Testing

@Suite struct OverridesStoreContractTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    private func change(
        _ document: String,
        of tenant: TenantID? = nil,
        from version: Int64 = 0
    ) -> TenantOverridesChange {
        TenantOverridesChange(
            tenant: tenant ?? red,
            document: document,
            author: "ann",
            comment: "why",
            expectedVersion: version
        )
    }

    @Test(arguments: StoreKind.available)
    func `a change is written from the version that the writer has seen, and from no other`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let first = try #require(try await store.write(change("{}")))
            #expect(first.version > 0 && first.document == "{}" && first.tenant == red)
            #expect(first.author == "ann" && first.comment == "why")
            #expect(first.changedAt > 1_700_000_000_000)
            #expect(try await store.write(change("late")) == nil)
            let second = try #require(
                try await store.write(change(#"{"a":1}"#, from: first.version))
            )
            #expect(second.version > first.version && second.changedAt >= first.changedAt)
            #expect(try await store.write(change("late", from: first.version)) == nil)
            #expect(try await store.write(change("late", from: second.version + 1)) == nil)
            let rows = try await store.tenantOverrides(of: red, through: nil, limit: 10)
            #expect(rows == [second, first])
        }
    }

    @Test(arguments: StoreKind.available)
    func `of many that change one version, one wins`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let winners = try await withThrowingTaskGroup(of: TenantOverridesRow?.self) { group in
                for writer in 0..<6 {
                    group.addTask { try await store.write(change("\(writer)")) }
                }
                var winners: [TenantOverridesRow] = []
                for try await row in group { if let row { winners.append(row) } }
                return winners
            }
            #expect(winners.count == 1)
            #expect(try await store.tenantOverrides(of: red, through: nil, limit: 9) == winners)
        }
    }

    @Test(arguments: StoreKind.available)
    func `who asks for what came after a version gets each tenant's newest, in order`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            #expect(try await store.tenantOverrides(changedAfter: 0, limit: 10) == [])
            let one = try #require(try await store.write(change("1")))
            let two = try #require(try await store.write(change("2", of: blue)))
            let three = try #require(try await store.write(change("3", from: one.version)))
            #expect(try await store.tenantOverrides(changedAfter: 0, limit: 10) == [two, three])
            #expect(try await store.tenantOverrides(changedAfter: 0, limit: 1) == [two])
            let rest = try await store.tenantOverrides(changedAfter: two.version, limit: 10)
            #expect(rest == [three])
            #expect(try await store.tenantOverrides(changedAfter: three.version, limit: 9) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `tenants do not meet, and history is read in pieces`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var versions: [Int64] = [0]
            for number in 0..<5 {
                let row = try await store.write(change("\(number)", from: versions[number]))
                versions.append(try #require(row).version)
            }
            let hostile = "'; drop table tenant_overrides; -- \u{1F}\n\"\\%_\u{10FFFF}"
            let long = String(repeating: "x", count: 1 << 18)
            let other = try #require(
                try await store.write(change(hostile + long, of: blue))
            )
            #expect(other.document == hostile + long)
            #expect(try await store.tenantOverrides(of: blue, through: nil, limit: 9) == [other])
            let newest = try await store.tenantOverrides(of: red, through: nil, limit: 2)
            #expect(newest.map(\.document) == ["4", "3"])
            let older = try await store.tenantOverrides(of: red, through: versions[3], limit: 2)
            #expect(older.map(\.document) == ["2", "1"])
            #expect(try await store.tenantOverrides(of: red, through: 0, limit: 2) == [])
            #expect(try await store.rowCounts(of: red)["tenant_overrides"] == 5)
        }
    }
}
