public import ClusterInterface
import GRDB
public import MetricsModel

extension EmbeddedStore {
    public func acquireLease(
        _ name: String,
        of tenant: TenantID,
        holder: String,
        lasting: Duration
    ) async throws -> Lease? {
        try await write { database in
            try database.execute(sql: "update lease_epochs set epoch = epoch + 1")
            let epoch = try Int64.fetchOne(
                database,
                sql: """
                    insert into leases (tenant_id, name, holder, epoch, expires_at)
                    select ?, ?, ?, lease_epochs.epoch, \(Self.now) + ? from lease_epochs where true
                    on conflict (tenant_id, name) do update set holder = excluded.holder,
                        epoch = excluded.epoch, expires_at = excluded.expires_at
                    where leases.expires_at < \(Self.now)
                    returning epoch
                    """,
                arguments: [tenant.name, name, holder, Self.milliseconds(lasting)]
            )
            return epoch.map { Lease(tenant: tenant, name: name, epoch: $0) }
        }
    }

    public func renewLease(_ lease: Lease, lasting: Duration) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    update leases set expires_at = \(Self.now) + ?
                    where tenant_id = ? and name = ? and epoch = ?
                    """,
                arguments: [
                    Self.milliseconds(lasting), lease.tenant.name, lease.name, lease.epoch,
                ]
            )
            guard database.changesCount == 1 else { throw StoreError.leaseLost(lease.name) }
        }
    }

    public func releaseLease(_ lease: Lease) async throws {
        try await write { database in
            try database.execute(
                sql: "delete from leases where tenant_id = ? and name = ? and epoch = ?",
                arguments: [lease.tenant.name, lease.name, lease.epoch]
            )
        }
    }

    /// Refuses to go on unless the epoch is the current one.
    static func require(_ lease: Lease, _ database: Database) throws {
        let epoch = try Int64.fetchOne(
            database,
            sql: "select epoch from leases where tenant_id = ? and name = ?",
            arguments: [lease.tenant.name, lease.name]
        )
        guard epoch == lease.epoch else { throw StoreError.leaseLost(lease.name) }
    }

    static func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }
}
