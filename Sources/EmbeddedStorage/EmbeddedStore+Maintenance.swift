public import ClusterInterface
import Foundation
import GRDB
public import MetricsModel
import StorageSchema

extension EmbeddedStore {
    public func tenantsWithBlocks(after last: TenantID?, limit: Int) async throws -> [TenantID] {
        try await read { database in
            // From tenant to tenant in the index, whatever the number of blocks between.
            let names = try String.fetchAll(
                database,
                sql: """
                    with recursive found (tenant_id, number) as (
                        select (select min(tenant_id) from blocks where tenant_id > ?), 1
                        union all
                        select (select min(tenant_id) from blocks
                            where blocks.tenant_id > found.tenant_id), number + 1
                        from found where found.tenant_id is not null and number < ?
                    )
                    select tenant_id from found where tenant_id is not null
                    """,
                arguments: [last?.name ?? "", limit]
            )
            return try names.map { try Self.tenant($0) }
        }
    }

    public func liveBlocks(
        belowLevel level: Int,
        after last: BlockRecord?,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.recordColumns), tenant_id from blocks
                    where state = 'live' and level < 2 and level < ?
                        and (tenant_id, start_time, block_id) > (?, ?, ?)
                    order by tenant_id, start_time, block_id limit ?
                    """,
                arguments: [
                    level, last?.tenant.name ?? "", last?.range.start ?? Int64.min,
                    Data(last?.id.bytes ?? []), limit,
                ]
            )
            return try rows.map { try Self.record(of: try Self.tenant($0[10]), $0) }
        }
    }

    public func stage(_ block: NewBlock, under lease: Lease) async throws {
        try block.requireSoundness()
        try await write { database in
            try Self.require(lease, database)
            let removal = "\(Self.now) + 86400000"
            if try Self.insertRow(block, removeAfter: removal, database) {
                try Self.insertBody(block, database)
            } else {
                try database.execute(
                    sql: """
                        update blocks set remove_after = \(removal)
                        where tenant_id = ? and block_id = ? and state = 'retired'
                        """,
                    arguments: [block.record.tenant.name, Data(block.record.id.bytes)]
                )
            }
        }
    }

    public func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await write { database in
            try Self.require(lease, database)
            try Self.retire(parents, of: lease.tenant, grace, database)
            for child in children {
                try database.execute(
                    sql: """
                        update blocks set state = 'live', remove_after = null, level = ?,
                            deletions_seen = max(deletions_seen, ?)
                        where tenant_id = ? and block_id = ?
                        """,
                    arguments: [
                        child.level, child.deletionsSeen, lease.tenant.name, Data(child.id.bytes),
                    ]
                )
                guard database.changesCount == 1 else {
                    throw StoreError.missing("block \(child.id)")
                }
            }
        }
    }

    static func retire(
        _ blocks: [BlockRecord],
        of tenant: TenantID,
        _ grace: Duration,
        _ database: Database
    ) throws {
        for block in blocks {
            try database.execute(
                sql: """
                    update blocks set state = 'retired', remove_after = \(now) + ?
                    where tenant_id = ? and block_id = ? and state = 'live' and deletions_seen = ?
                    """,
                arguments: [
                    milliseconds(grace), tenant.name, Data(block.id.bytes), block.deletionsSeen,
                ]
            )
            guard database.changesCount == 1 else { throw StoreError.notLive(block.id) }
        }
    }

    public func retireBlocks(
        endingBy time: Int64,
        under lease: Lease,
        grace: Duration
    ) async throws -> Int {
        try await write { database in
            try Self.require(lease, database)
            try database.execute(
                sql: """
                    update blocks set state = 'retired', remove_after = \(Self.now) + ?
                    where tenant_id = ? and state = 'live' and end_time <= ?
                    """,
                arguments: [Self.milliseconds(grace), lease.tenant.name, time]
            )
            return database.changesCount
        }
    }

    public func removeRetiredBlocks(of tenant: TenantID, limit: Int) async throws -> RemovedBlocks {
        let condition = "state = 'retired' and remove_after < \(Self.now)"
        let isNeeded = try await read { database in
            try Bool.fetchOne(
                database,
                sql: "select exists (select 1 from blocks where tenant_id = ? and \(condition))",
                arguments: [tenant.name]
            ) ?? false
        }
        // Most tenants have nothing to be removed, and a write waits for its turn.
        guard isNeeded else { return RemovedBlocks() }
        return try await write { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select block_id, size from blocks where tenant_id = ? and \(condition)
                    order by remove_after limit ?
                    """,
                arguments: [tenant.name, limit]
            )
            var removed = RemovedBlocks()
            for row in rows {
                let id: Data = row[0]
                removed.count += 1
                removed.size += row[1]
                for table in ["block_pages", "blocks"] {
                    try database.execute(
                        sql: "delete from \(table) where tenant_id = ? and block_id = ?",
                        arguments: [tenant.name, id]
                    )
                }
            }
            return removed
        }
    }

    /// Pages of the file that give it back in one step; 4 KiB each.
    private static let pagesPerStep = 2048

    /// Gives back unused pages while they are more than a tenth of the file, and forgets leases that are long over.
    ///
    /// A file made before migration 3 cannot shrink; it uses the pages for what comes.
    public func maintain() async throws {
        try await write { database in
            try database.execute(
                sql: "delete from leases where expires_at < \(Self.now) - 86400000"
            )
        }
        while try await giveBackPages() {}
    }

    /// - Returns: Whether there may be more.
    private func giveBackPages() async throws -> Bool {
        try await write { database in
            func number(_ name: String) throws -> Int {
                try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? 0
            }
            let free = try number("freelist_count")
            guard try number("auto_vacuum") == 2, free > Self.pagesPerStep,
                try free > number("page_count") / 10
            else { return false }
            // It gives back a page with each step of the statement.
            _ = try Row.fetchAll(
                database,
                sql: "PRAGMA incremental_vacuum(\(Self.pagesPerStep))"
            )
            return try number("freelist_count") < free
        }
    }

    static func tenant(_ name: String) throws -> TenantID {
        guard let tenant = try? TenantID(name) else {
            throw StoreError.corrupt("a block of the tenant \"\(name)\"")
        }
        return tenant
    }
}
