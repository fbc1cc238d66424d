public import ClusterInterface
import Foundation
import GRDB
public import MetricsModel

extension EmbeddedStore {
    public func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) async throws -> SeriesDeletion {
        try await write { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    insert into deletions (tenant_id, selectors, start_time, end_time, requested_at)
                    values (?, ?, ?, ?, \(Self.now))
                    returning \(Self.deletionColumns)
                    """,
                arguments: [
                    tenant.name, selectors.joined(separator: "\n"), range.start, range.end,
                ]
            )
            guard let row else { throw StoreError.missing("the deletion just ordered") }
            return try Self.deletion(of: tenant, row)
        }
    }

    public func deletionsInForce(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await latestDeletions()[tenant, default: []].filter {
            $0.phase != .done && $0.range.overlaps(range)
        }
    }

    public func latestDeletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await latestDeletions()[tenant, default: []].filter {
            $0.phase == .done || $0.range.overlaps(range)
        }
    }

    public func tenantsWithDeletions() async throws -> [TenantID] {
        try await latestDeletions().filter { $0.value.contains { $0.phase != .done } }.keys.sorted()
    }

    /// Each tenant's deletions in force, and the newest one that is done.
    private func latestDeletions() async throws -> [TenantID: [SeriesDeletion]] {
        try await latestDeletions { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.deletionColumns), tenant_id from deletions
                    where phase <> 'done' or (tenant_id, number) in (
                        select tenant_id, max(number) from deletions
                        where phase = 'done' group by tenant_id)
                    order by number
                    """
            )
            return try rows.map { try Self.deletion(of: try Self.tenant($0[8]), $0) }
        }
    }

    public func deletions(
        of tenant: TenantID,
        overlapping range: TimeRange
    ) async throws -> [SeriesDeletion] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.deletionColumns) from deletions
                    where tenant_id = ? and end_time > ? and start_time < ? order by number
                    """,
                arguments: [tenant.name, range.start, range.end]
            )
            return try rows.map { try Self.deletion(of: tenant, $0) }
        }
    }

    public func deletions(of tenant: TenantID, limit: Int) async throws -> [SeriesDeletion] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.deletionColumns) from deletions where tenant_id = ?
                    order by number desc limit ?
                    """,
                arguments: [tenant.name, limit]
            )
            return try rows.map { try Self.deletion(of: tenant, $0) }
        }
    }

    @discardableResult
    public func advance(
        _ deletion: SeriesDeletion,
        to phase: SeriesDeletion.Phase
    ) async throws -> Bool {
        let earlier = SeriesDeletion.Phase.allCases.prefix { $0 != phase }
        guard !earlier.isEmpty else { return false }
        let list = earlier.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await write { database in
            try database.execute(
                sql: """
                    update deletions set phase = ?1,
                        finished_at = case when ?1 = 'done' then \(Self.now) end
                    where tenant_id = ?2 and number = ?3 and phase in (\(list))
                        and (?1 <> 'done' or not exists (select 1 from blocks
                            where blocks.tenant_id = deletions.tenant_id and state = 'live'
                                and deletions_seen < number
                                and blocks.end_time > deletions.start_time
                                and blocks.start_time < deletions.end_time))
                    """,
                arguments: [phase.rawValue, deletion.tenant.name, deletion.number]
            )
            return database.changesCount == 1
        }
    }

    public func blocks(
        of tenant: TenantID,
        overlapping range: TimeRange,
        notSeen deletion: Int64,
        limit: Int
    ) async throws -> [BlockRecord] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    select \(Self.recordColumns) from blocks
                    where tenant_id = ? and state = 'live' and end_time > ? and start_time < ?
                        and deletions_seen < ?
                    order by start_time, block_id limit ?
                    """,
                arguments: [tenant.name, range.start, range.end, deletion, limit]
            )
            return try rows.map { try Self.record(of: tenant, $0) }
        }
    }

    public func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) async throws {
        try await write { database in
            try Self.require(lease, database)
            if children.contains(where: { $0.id == parent.id }) {
                try Self.requireLive(parent, of: lease.tenant, database)
            } else {
                try Self.retire([parent], of: lease.tenant, grace, database)
            }
            for child in children {
                try database.execute(
                    sql: """
                        update blocks set state = 'live', remove_after = null, level = ?,
                            deletions_seen = max(deletions_seen, ?)
                        where tenant_id = ? and block_id = ?
                        """,
                    arguments: [child.level, seen, lease.tenant.name, Data(child.id.bytes)]
                )
                guard database.changesCount == 1 else {
                    throw StoreError.missing("block \(child.id)")
                }
            }
            for (number, count) in removed {
                try database.execute(
                    sql: """
                        update deletions set removed_samples = removed_samples + ?
                        where tenant_id = ? and number = ?
                        """,
                    arguments: [count, lease.tenant.name, number]
                )
            }
        }
    }

    /// A block that another worker has replaced meanwhile must not come back.
    private static func requireLive(
        _ block: BlockRecord,
        of tenant: TenantID,
        _ database: Database
    ) throws {
        let isLive = try Bool.fetchOne(
            database,
            sql: "select state = 'live' from blocks where tenant_id = ? and block_id = ?",
            arguments: [tenant.name, Data(block.id.bytes)]
        )
        guard isLive == true else { throw StoreError.notLive(block.id) }
    }

    public func rowCounts(of tenant: TenantID) async throws -> [String: Int] {
        try await read { database in
            var counts: [String: Int] = [:]
            for table in [
                "blocks", "block_pages", "deletions", "ha_elections", "leases",
                "tenant_overrides",
            ] {
                counts[table] = try Int.fetchOne(
                    database,
                    sql: "select count(*) from \(table) where tenant_id = ?",
                    arguments: [tenant.name]
                )
            }
            return counts
        }
    }

    /// What ``deletion(of:_:)`` reads.
    private static let deletionColumns = """
        number, start_time, end_time, phase, requested_at, finished_at, removed_samples, selectors
        """

    private static func deletion(of tenant: TenantID, _ row: Row) throws -> SeriesDeletion {
        let name: String = row[3]
        guard let phase = SeriesDeletion.Phase(rawValue: name) else {
            throw StoreError.corrupt("a deletion in the phase \"\(name)\"")
        }
        let selectors: String = row[7]
        return SeriesDeletion(
            tenant: tenant,
            number: row[0],
            selectors: selectors.split(separator: "\n").map(String.init),
            range: TimeRange(start: row[1], end: row[2]),
            phase: phase,
            requestedAt: row[4],
            finishedAt: row[5],
            removedSamples: row[6]
        )
    }
}
