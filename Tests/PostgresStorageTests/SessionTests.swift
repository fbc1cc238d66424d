import ClusterInterface
import MetricsModel
import Testing

@testable import PostgresStorage

@Suite(.disabled(if: TestDatabase.isMissing, TestDatabase.skipReason))
struct SessionTests {
    private static let settings = [
        "statement_timeout", "idle_in_transaction_session_timeout", "engram.tenant",
        "engram.all_tenants", "transaction_read_only",
    ]

    private func shown(_ connection: PostgresConnection) throws(StoreError) -> [String] {
        var values: [String] = []
        for setting in Self.settings {
            let rows = try connection.query(
                "select coalesce(current_setting($1, true), '')",
                [.text(setting)]
            )
            values.append(try rows.text(row: 0, column: 0))
        }
        return values
    }

    @Test func `a transaction has limits of its own, and leaves nothing on its connection`()
        async throws
    {
        try await TestDatabase.withStore { database, _ in
            var settings = PostgresSettings()
            settings.statementTimeout = .seconds(7)
            let worker = PostgresWorker(
                url: database.url,
                settings: settings,
                backoff: SharedBackoff()
            )
            let before = try PostgresConnection(url: database.url, settings: settings)
            let untouched = try shown(before)
            let inside = try worker.transaction(.tenant(.anonymous), readOnly: true, shown)
            #expect(inside == ["7s", "7s", "anonymous", "", "on"])
            // The same connection, outside of a transaction.
            let process = try worker.transaction(.cluster) { connection throws(StoreError) in
                try connection.query("select pg_backend_pid()::bigint", []).integer(
                    row: 0,
                    column: 0
                )
            }
            _ = try? worker.transaction(.tenant(.anonymous)) {
                (connection) throws(StoreError) -> Int in
                throw .unavailable("undone")
            }
            let after = try worker.transaction(.cluster) { connection throws(StoreError) in
                try connection.run("commit")
                let values = try shown(connection)
                let prepared = try connection.query(
                    "select count(*) from pg_prepared_statements",
                    []
                )
                let preparedCount = try prepared.integer(row: 0, column: 0)
                let same = try connection.query("select pg_backend_pid()::bigint", [])
                let sameProcess = try same.integer(row: 0, column: 0)
                #expect(preparedCount == 0)
                #expect(sameProcess == process)
                try connection.run("begin")
                return values
            }
            #expect(after == untouched)
        }
    }

    @Test func `a server that cannot be written to counts as away`() async throws {
        try await TestDatabase.withStore { database, _ in
            func connect(_ more: String) throws(StoreError) {
                let url = database.url + (database.url.contains("?") ? "&" : "?") + more
                _ = try PostgresConnection(url: url, settings: PostgresSettings())
            }
            let standby = "options=-c%20default_transaction_read_only%3Don"
            try connect("")
            let error = #expect(throws: StoreError.self) { try connect(standby) }
            #expect(
                error?.description.contains("read-only") == true,
                "\(String(describing: error))"
            )
            try connect(standby + "&target_session_attrs=any")
        }
    }

    @Test func `a tenant's transaction cannot write, change or remove rows of another`()
        async throws
    {
        try await TestDatabase.withStore { database, store in
            let red = try TenantID("red")
            for tenant in [red, .anonymous] {
                let record = BlockRecord(
                    tenant: tenant,
                    id: BlockID(high: 1, low: 2),
                    range: TimeRange(start: 1_767_000_000_000, end: 1_767_000_000_010),
                    level: 0,
                    seriesCount: 1,
                    sampleCount: 1,
                    size: 1,
                    directory: 0..<1
                )
                try await store.publish(NewBlock(record: record, metrics: [], body: [1]))
            }
            func asRed(_ sql: String) throws -> String {
                try database.query("begin; set local engram.tenant = 'red'; \(sql); commit")
            }
            for table in ["blocks", "block_pages"] {
                #expect(try asRed("select tenant_id from \(table)") == "red")
                #expect(
                    try asRed(
                        "with gone as (delete from \(table) where tenant_id = 'anonymous' "
                            + "returning 1) select count(*) from gone"
                    ) == "0"
                )
                #expect(throws: (any Error).self) {
                    try asRed("update \(table) set tenant_id = 'anonymous'")
                }
            }
            #expect(throws: (any Error).self) {
                try asRed(
                    "insert into block_pages values ('anonymous', gen_random_uuid(), "
                        + "1767000000000, 0, 'x')"
                )
            }
            let counts = try database.query(
                """
                begin; set local engram.all_tenants = 'on';
                select (select count(*) from blocks), (select count(*) from block_pages); commit
                """
            )
            #expect(counts == "2|2")
        }
    }
}
