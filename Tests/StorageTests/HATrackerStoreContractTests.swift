import ClusterInterface
import MetricsModel
import Testing

@Suite struct HATrackerStoreContractTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    private func change(
        _ cluster: String = "eu",
        to replica: String = "a",
        of tenant: TenantID? = nil,
        startTime: Int64 = .min,
        newestSample: Int64 = 5,
        receivedAge: Int64 = 0,
        from version: Int64? = nil
    ) -> HAElectionChange {
        HAElectionChange(
            tenant: tenant ?? red,
            cluster: cluster,
            replica: replica,
            startTime: startTime,
            newestSample: newestSample,
            receivedAge: receivedAge,
            expectedVersion: version
        )
    }

    @Test(arguments: StoreKind.available)
    func `of two that elect first, one wins, and the other is told the winner`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let answers = try await withThrowingTaskGroup(of: HAElectionAnswer.self) { group in
                for replica in ["a", "b", "c", "d"] {
                    group.addTask { try await store.compareAndSet(change(to: replica)) }
                }
                var answers: [HAElectionAnswer] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.count { $0.isWritten } == 1)
            let winner = try #require(answers.first { $0.isWritten }?.row)
            #expect(winner.startTime == .min && winner.newestSample == 5)
            for answer in answers {
                #expect(answer.row?.replica == winner.replica)
                #expect(answer.row?.version == winner.version)
            }
            let rows = try await store.haElections(changedWithin: nil)
            #expect(rows.map(\.replica) == [winner.replica])
            #expect(rows.map(\.tenant) == [red] && rows.map(\.cluster) == ["eu"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a row changes from the version that the writer has seen, and from no other`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let first = try #require(
                try await store.compareAndSet(change(receivedAge: 40_000)).row
            )
            #expect(first.receivedAge >= 40_000 && first.receivedAge < 100_000)
            #expect(first.electedAge < 40_000)
            let second = try await store.compareAndSet(
                change(newestSample: 9, from: first.version)
            )
            #expect(second.isWritten)
            let heard = try #require(second.row)
            #expect(heard.version > first.version && heard.newestSample == 9)
            #expect(heard.receivedAge < 40_000)
            // Who has seen the first row only is told what is there now.
            let late = try await store.compareAndSet(change(to: "b", from: first.version))
            #expect(!late.isWritten && late.row?.version == heard.version)
            #expect(late.row?.replica == "a")
            let third = try await store.compareAndSet(
                change(to: "b", startTime: 9, newestSample: 30, from: heard.version)
            )
            #expect(third.isWritten && third.row?.replica == "b" && third.row?.startTime == 9)
        }
    }

    @Test(arguments: StoreKind.available)
    func `being heard again keeps the time of the election, another replica begins a new one`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let first = try #require(try await store.compareAndSet(change()).row)
            // Long enough to be told from an election that has just been.
            try await Task.sleep(for: .milliseconds(60))
            let heard = try #require(
                try await store.compareAndSet(change(from: first.version)).row
            )
            #expect(heard.electedAge >= 50)
            let other = try #require(
                try await store.compareAndSet(change(to: "b", from: heard.version)).row
            )
            #expect(other.electedAge < heard.electedAge)
        }
    }

    @Test(arguments: StoreKind.available)
    func `clusters and tenants do not meet, and names may hold anything but NUL`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let hostile = "'; drop table ha_elections; -- \u{1F}\n\"\\%_\u{10FFFF}"
            let long = String(repeating: "x", count: HAElectionChange.maximumNameSize)
            for cluster in ["eu", "EU", hostile, long] {
                for tenant in [red, blue] {
                    let answer = try await store.compareAndSet(
                        change(cluster, to: hostile, of: tenant)
                    )
                    #expect(answer.isWritten && answer.row?.cluster == cluster)
                }
            }
            let rows = try await store.haElections(changedWithin: nil)
            #expect(rows.count == 8)
            #expect(rows.allSatisfy { $0.replica == hostile })
            #expect(Set(rows.map(\.version)).count == 8)
            #expect(rows.map(\.tenant) == Array(repeating: blue, count: 4) + [red, red, red, red])
            #expect(try await store.rowCounts(of: red)["ha_elections"] == 4)
        }
    }

    @Test(arguments: StoreKind.available)
    func `what was written within a while is read alone`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            _ = try await store.compareAndSet(change("one"))
            try await Task.sleep(for: .milliseconds(200))
            _ = try await store.compareAndSet(change("two", receivedAge: 1_000_000))
            let recent = try await store.haElections(changedWithin: .milliseconds(150))
            // A slow machine may need so long that neither is recent.
            #expect(!recent.map(\.cluster).contains("one"))
            let wide = try await store.haElections(changedWithin: .seconds(600))
            #expect(wide.map(\.cluster) == ["one", "two"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `silent clusters are forgotten, and a version is never used twice`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let old = try #require(
                try await store.compareAndSet(change(receivedAge: 1_900_000)).row
            )
            _ = try await store.compareAndSet(change("alive"))
            #expect(try await store.removeHAElections(silentFor: .seconds(1800)) == 1)
            #expect(try await store.haElections(changedWithin: nil).map(\.cluster) == ["alive"])
            // Who still remembers the row does not bring it back.
            let late = try await store.compareAndSet(change(from: old.version))
            #expect(late == HAElectionAnswer(isWritten: false, row: nil))
            let new = try #require(try await store.compareAndSet(change(to: "b")).row)
            #expect(new.version > old.version)
            let stale = try await store.compareAndSet(change(from: old.version))
            #expect(!stale.isWritten && stale.row?.replica == "b")
        }
    }
}
