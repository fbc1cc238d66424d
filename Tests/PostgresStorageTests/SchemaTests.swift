import ClusterInterface
import MetricsModel
import PostgresStorage
import SchemaMigrations
import Testing

@Suite(.disabled(if: TestDatabase.isMissing, TestDatabase.skipReason))
struct SchemaTests {
    private func block(_ tenant: TenantID, start: Int64, number: UInt64 = 1) -> NewBlock {
        let record = BlockRecord(
            tenant: tenant,
            id: BlockID(high: 1, low: number),
            range: TimeRange(start: start, end: start + 10),
            level: 0,
            seriesCount: 1,
            sampleCount: 1,
            size: 4,
            directory: 0..<4
        )
        let metric = MetricSummary(name: "a\0\\", seriesCount: 1, sampleCount: 2)
        return NewBlock(record: record, metrics: [metric], body: [1, 2, 3, 4])
    }

    @Test func `every unique key of a tenant's table starts with the tenant`() async throws {
        try await TestDatabase.withStore { database, store in
            try await store.publish(block(.anonymous, start: 1_767_000_000_000))
            let keys = try database.query(
                """
                select c.relname, a.attname from pg_index i
                join pg_class c on c.oid = i.indrelid
                join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                where i.indisunique and c.relnamespace = 'public'::regnamespace
                    and c.relname not in
                        ('distributors', 'ring_members', 'ring_epochs', 'schema_migrations')
                order by 1
                """
            ).split(separator: "\n")
            // Partitions count, too.
            #expect(keys.count == 9)
            for key in keys { #expect(key.hasSuffix("|tenant_id"), "\(key)") }
            let clusterTables = try database.query(
                """
                select string_agg(c.relname, ' ' order by c.relname) from pg_class c
                where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                    and not exists (select from pg_attribute a
                        where a.attrelid = c.oid and a.attname = 'tenant_id')
                """
            )
            #expect(clusterTables == "distributors ring_epochs ring_members schema_migrations")
        }
    }

    @Test func `every table with tenants forces row-level security`() async throws {
        try await TestDatabase.withStore { database, store in
            try await store.publish(block(.anonymous, start: 1_767_000_000_000))
            let open = try database.query(
                """
                select count(*) filter (where not (c.relrowsecurity and c.relforcerowsecurity
                    and exists (select from pg_policy p where p.polrelid = c.oid))), count(*)
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind in ('r', 'p') and a.attname = 'tenant_id'
                """
            )
            #expect(open == "0|9")
        }
    }

    @Test func `a transaction sees the rows of its tenant only`() async throws {
        try await TestDatabase.withStore { database, store in
            let start: Int64 = 1_767_000_000_000
            try await store.publish(block(.anonymous, start: start))
            try await store.publish(block(try TenantID("*"), start: start))
            func counts(_ settings: String) throws -> String {
                try database.query(
                    """
                    begin; \(settings); select (select count(*) from blocks),
                    (select count(*) from block_pages), (select count(*) from block_pages_20251225);
                    commit
                    """
                )
            }
            let isSuperuser = try database.query(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            )
            try #require(isSuperuser == "f", "the tests need a role that row-level security binds")
            #expect(try counts("select from blocks limit 0") == "0|0|0")
            #expect(try counts("set local engram.tenant = 'anonymous'") == "1|1|1")
            #expect(try counts("set local engram.tenant = '*'") == "1|1|1")
            #expect(try counts("set local engram.tenant = 'other'") == "0|0|0")
            #expect(try counts("set local engram.all_tenants = 'on'") == "2|2|2")
            #expect(throws: (any Error).self) {
                try database.query(
                    "begin; set local engram.tenant = 'other'; insert into blocks select 'anonymous', "
                        + "gen_random_uuid(), 0, 1, 0, 'live', 0, 0, 0, 0, 0, '{}'; commit"
                )
            }
        }
    }

    @Test func `bodies stand in partitions by week, strange times in one each`() async throws {
        try await TestDatabase.withStore { database, store in
            let starts: [(Int64, String)] = [
                (.min, "early"), (-1, "early"), (1_262_822_399_999, "early"),
                (1_262_822_400_000, "20100107"), (1_262_822_400_001, "20100107"),
                (1_766_620_799_999, "20251218"), (1_766_620_800_000, "20251225"),
                (4_102_963_199_999, "20991231"), (4_102_963_200_000, "late"),
                (.max - 10, "late"),
            ]
            for (index, (start, _)) in starts.enumerated() {
                let block = block(.anonymous, start: start, number: UInt64(index))
                #expect(try await store.publish(block))
                #expect(try await store.read(block.record, ranges: [1..<3]) == [[2, 3]])
            }
            let tables = try database.query(
                """
                begin; set local engram.tenant = 'anonymous';
                select tableoid::regclass from block_pages order by start_time; commit
                """
            )
            #expect(
                tables.split(separator: "\n").map(String.init)
                    == starts.map { "block_pages_" + $0.1 }
            )
        }
    }

    @Test func `the catalog says how much of a block each metric is`() async throws {
        try await TestDatabase.withStore { database, store in
            try await store.publish(block(.anonymous, start: 0))
            let metrics = try database.query(
                """
                begin; set local engram.tenant = 'anonymous';
                select key, value from blocks, jsonb_each(metrics); commit
                """
            )
            #expect(metrics == #"a\0\\|[1, 2]"#)
        }
    }

    @Test func `bytes are stored as they are, uncompressed and out of line`() async throws {
        try await TestDatabase.withStore { database, _ in
            let storage = try database.query(
                """
                select string_agg(distinct attstorage::text, '') from pg_attribute a
                join pg_class c on c.oid = a.attrelid
                where c.relname like 'block_pages%' and attname = 'data'
                """
            )
            #expect(storage == "e")
        }
    }

    @Test func `a newer schema and a changed migration are refused`() async throws {
        try await TestDatabase.withStore { database, store in
            let needed = SchemaMigrations.postgres.count
            try database.query(
                "insert into schema_migrations values (\(needed + 1), 'future', 'x')"
            )
            let mismatch = StoreError.schemaMismatch(found: needed + 1, needed: needed)
            await #expect(throws: mismatch) { try await store.check() }
            await #expect(throws: mismatch) { try await store.migrate() }
            let other = try PostgresStore(url: database.url)
            await #expect(throws: mismatch) { try await other.members() }
            try database.query(
                "delete from schema_migrations where version > \(needed); "
                    + "update schema_migrations set checksum = 'x' where version = 1"
            )
            let error = await #expect(throws: StoreError.self) { try await other.members() }
            guard case .corrupt? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            await other.close()
        }
    }
}
