public import ClusterInterface
public import MetricsModel

extension PostgresStore {
    public func acquireLease(
        _ name: String,
        of tenant: TenantID,
        holder: String,
        lasting: Duration
    ) async throws -> Lease? {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(tenant)) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    insert into leases as held (tenant_id, name, holder, epoch, expires_at)
                    values ($1, $2, $3, nextval('lease_epochs'),
                        clock_timestamp() + $4 * interval '1 millisecond')
                    on conflict (tenant_id, name) do update set holder = excluded.holder,
                        epoch = excluded.epoch, expires_at = excluded.expires_at
                    where held.expires_at < clock_timestamp()
                    returning epoch
                    """,
                    [
                        .text(tenant.name), .text(name), .text(holder),
                        .integer(Self.milliseconds(lasting)),
                    ]
                )
                guard rows.rowCount == 1 else { return nil }
                return Lease(
                    tenant: tenant,
                    name: name,
                    epoch: try rows.integer(row: 0, column: 0)
                )
            }
        }
    }

    public func renewLease(_ lease: Lease, lasting: Duration) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(lease.tenant)) { connection throws(StoreError) in
                let result = try connection.query(
                    """
                    update leases set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
                    where tenant_id = $1 and name = $2 and epoch = $3
                    """,
                    [
                        .text(lease.tenant.name), .text(lease.name), .integer(lease.epoch),
                        .integer(Self.milliseconds(lasting)),
                    ]
                )
                guard result.changedRowCount == 1 else { throw .leaseLost(lease.name) }
            }
        }
    }

    public func releaseLease(_ lease: Lease) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.tenant(lease.tenant)) { connection throws(StoreError) in
                _ = try connection.query(
                    "delete from leases where tenant_id = $1 and name = $2 and epoch = $3",
                    [.text(lease.tenant.name), .text(lease.name), .integer(lease.epoch)]
                )
            }
        }
    }

    /// Refuses to go on unless the epoch is the current one, and keeps it so until the transaction ends.
    static func require(
        _ lease: Lease,
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let rows = try connection.query(
            "select epoch from leases where tenant_id = $1 and name = $2 for update",
            [.text(lease.tenant.name), .text(lease.name)]
        )
        guard rows.rowCount == 1, try rows.integer(row: 0, column: 0) == lease.epoch else {
            throw .leaseLost(lease.name)
        }
    }

    static func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }
}
