import ClusterInterface
import HashRing
import MetricsModel
import PostgresStorage
import TestSupport
import Testing

@Suite(.disabled(if: TestDatabase.isMissing, TestDatabase.skipReason))
struct OutageTests {
    private func expectUnavailable(
        within limit: Duration = .seconds(10),
        _ call: () async throws -> Void
    ) async {
        let start = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) { try await call() }
        guard case .unavailable(let cause)? = error, !cause.isEmpty else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(ContinuousClock.now - start < limit)
    }

    @Test func `calls fail fast while the database is gone and work when it is back`() async throws
    {
        let postgres = try ThrowawayPostgres.start()
        let store = try PostgresStore(url: try postgres.freshDatabase())
        try await store.migrate()
        let member = RingMember(instance: "i", address: "a:1", state: .active, tokens: [1, 2])
        let registered = try await store.register(member)

        postgres.stopImmediately()
        for _ in 0..<20 {
            await expectUnavailable { try await store.heartbeat(registered) }
        }
        await expectUnavailable { try await store.check() }

        try postgres.startAgain()
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? await store.check()) == nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await store.heartbeat(registered)
        #expect(try await store.members().map(\.tokens) == [[1, 2]])
        await store.close()
    }

    @Test func `a connection that died while idle is replaced without an error`() async throws {
        var settings = PostgresSettings()
        settings.connectionCount = 1
        try await TestDatabase.withStore(settings: settings) { database, store in
            #expect(try await store.members().isEmpty)
            try database.query(
                """
                select pg_terminate_backend(pid, 5000) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                """
            )
            #expect(try await store.members().isEmpty)
        }
    }

    @Test func `a statement that takes too long is ended`() async throws {
        try await TestDatabase.withStore { database, store in
            var settings = PostgresSettings()
            settings.statementTimeout = .milliseconds(300)
            let impatient = try PostgresStore(url: database.url, settings: settings)
            let registered = try await store.register(
                RingMember(instance: "i", address: "a:1", state: .active, tokens: [])
            )
            try await Self.whileLocked(database) {
                await expectUnavailable { try await impatient.heartbeat(registered) }
            }
            await impatient.close()
            try await store.heartbeat(registered)
        }
    }

    @Test func `calls do not wait for a free connection for ever`() async throws {
        var settings = PostgresSettings()
        settings.connectionCount = 1
        settings.maximumWait = .milliseconds(300)
        try await TestDatabase.withStore(settings: settings) { database, store in
            let registered = try await store.register(
                RingMember(instance: "i", address: "a:1", state: .active, tokens: [])
            )
            let locker = try PostgresLocker(url: database.url)
            try locker.lock("ring_members")
            // Takes the only connection and waits for the lock.
            async let blocked: Void = store.heartbeat(registered)
            try await Self.untilSomeoneWaits(database)
            let error = await #expect(throws: StoreError.self) { try await store.members() }
            #expect(
                error?.description.contains("no connection came free") == true,
                "\(String(describing: error))"
            )
            let cancelled = Task { try await store.members() }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            locker.unlock()
            try await blocked
            #expect(try await store.members().count == 1)
        }
    }

    @Test func `a server that is not there is unavailable, and passwords stay secret`() async throws
    {
        let port = try LoopbackPort.free()
        let store = try PostgresStore(url: "postgres://engram:secret@127.0.0.1:\(port)/x")
        let error = await #expect(throws: StoreError.self) { try await store.migrate() }
        guard case .unavailable(let cause)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.contains("\(port)"))
        #expect(!cause.contains("secret"))
        await store.close()
        let wrong = #expect(throws: PostgresURLError.self) {
            try PostgresStore(url: "postgres://engram:secret@[x/?y=z")
        }
        #expect(wrong?.description.contains("secret") == false)
    }

    /// Runs `body` while another session holds a lock that heartbeats wait for.
    private static func whileLocked(
        _ database: TestDatabase,
        _ body: () async throws -> Void
    ) async throws {
        let locker = try PostgresLocker(url: database.url)
        try locker.lock("ring_members")
        try await body()
        locker.unlock()
    }

    private static func untilSomeoneWaits(_ database: TestDatabase) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        let waiting = """
            select count(*) from pg_locks l join pg_database d on d.oid = l.database
            where not l.granted and d.datname = current_database()
            """
        while try database.query(waiting) == "0", ContinuousClock.now < deadline {
            await Task.yield()
        }
    }
}
