import ClusterInterface

extension PostgresStore {
    public func beat(distributor: String, timeout: Duration) async throws -> Int {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
                _ = try connection.query(
                    """
                    insert into distributors (name, heartbeat_at) values ($1, clock_timestamp())
                    on conflict (name) do update set heartbeat_at = excluded.heartbeat_at
                    """,
                    [.text(distributor)]
                )
                let milliseconds = PostgresParameter.integer(Self.milliseconds(timeout))
                // Two that beat at once must not wait for each other's row: what is locked is no dead one.
                _ = try connection.query(
                    """
                    delete from distributors where name in (
                        select name from distributors
                        where heartbeat_at < clock_timestamp() - $1 * interval '1 millisecond'
                            and name <> $2
                        for update skip locked
                    )
                    """,
                    [milliseconds, .text(distributor)]
                )
                let rows = try connection.query(
                    """
                    select count(*) from distributors
                    where heartbeat_at >= clock_timestamp() - $1 * interval '1 millisecond'
                        or name = $2
                    """,
                    [milliseconds, .text(distributor)]
                )
                return Int(try rows.integer(row: 0, column: 0))
            }
        }
    }

    public func forget(distributor: String) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
                _ = try connection.query(
                    "delete from distributors where name = $1",
                    [.text(distributor)]
                )
            }
        }
    }
}
