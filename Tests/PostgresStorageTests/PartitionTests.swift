import ClusterInterface
import MetricsModel
import PostgresStorage
import Testing

@Suite(.disabled(if: TestDatabase.isMissing, TestDatabase.skipReason))
struct PartitionTests {
    private static let partitions = """
        select string_agg(relname, ' ' order by relname)
        from pg_inherits join pg_class on pg_class.oid = inhrelid
        where inhparent = 'block_pages'::regclass and relname ~ '[0-9]$'
        """

    private func block(start: Int64) -> NewBlock {
        let record = BlockRecord(
            tenant: .anonymous,
            id: BlockID(high: 1, low: UInt64(start)),
            range: TimeRange(start: start, end: start + 10),
            level: 0,
            seriesCount: 1,
            sampleCount: 1,
            size: 4,
            directory: 0..<4
        )
        return NewBlock(record: record, metrics: [], body: [1, 2, 3, 4])
    }

    @Test func `weeks are made ahead, and go when all their blocks are gone`() async throws {
        try await TestDatabase.withStore { database, store in
            let weeks = try database.query(
                """
                select string_agg('block_pages_' || to_char(to_timestamp((
                    extract(epoch from now())::bigint / 604800 + week) * 604800)
                    at time zone 'UTC', 'YYYYMMDD'), ' ' order by week)
                from generate_series(0, 1) as week
                """
            )
            try await store.maintain()
            #expect(try database.query(Self.partitions) == weeks)
            let old: [Int64] = [1_420_070_400_000, 1_451_606_400_000]
            for start in old { try await store.publish(block(start: start)) }
            try await store.maintain()
            let both = "block_pages_20150101 block_pages_20151231 " + weeks
            #expect(try database.query(Self.partitions) == both)

            let lease = try #require(
                try await store.acquireLease(
                    "l",
                    of: .anonymous,
                    holder: "h",
                    lasting: .seconds(60)
                )
            )
            let cut = old[0] + 10
            #expect(try await store.retireBlocks(endingBy: cut, under: lease, grace: .zero) == 1)
            for _ in 0..<1000 {
                let removed = try await store.removeRetiredBlocks(of: .anonymous, limit: 10)
                if removed.count == 1 { break }
            }
            try await store.maintain()
            #expect(try database.query(Self.partitions) == "block_pages_20151231 " + weeks)
            // A block for a week that was dropped brings it back.
            try await store.publish(block(start: old[0]))
            #expect(try database.query(Self.partitions) == both)
        }
    }

    @Test func `a partition that is being read is left for another time`() async throws {
        try await TestDatabase.withStore { database, store in
            try await store.maintain()
            try await store.publish(block(start: 1_420_070_400_000))
            let lease = try #require(
                try await store.acquireLease(
                    "l",
                    of: .anonymous,
                    holder: "h",
                    lasting: .seconds(60)
                )
            )
            _ = try await store.retireBlocks(endingBy: .max, under: lease, grace: .zero)
            for _ in 0..<1000 {
                let removed = try await store.removeRetiredBlocks(of: .anonymous, limit: 10)
                if removed.count == 1 { break }
            }
            let locker = try PostgresLocker(url: database.url)
            try locker.lock("block_pages")
            try await store.maintain()
            #expect(try database.query(Self.partitions).contains("block_pages_20150101"))
            locker.unlock()
            try await store.maintain()
            #expect(try !database.query(Self.partitions).contains("block_pages_20150101"))
        }
    }
}
