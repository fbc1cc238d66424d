import ClusterInterface
import GRDB

extension EmbeddedStore {
    public func beat(distributor: String, timeout: Duration) async throws -> Int {
        try await write { database in
            try database.execute(
                sql: """
                    insert into distributors (name, heartbeat_at, registered_at)
                    values (?, \(Self.now), \(Self.now))
                    on conflict (name) do update set heartbeat_at = excluded.heartbeat_at
                    """,
                arguments: [distributor]
            )
            try database.execute(
                sql: "delete from distributors where heartbeat_at < \(Self.now) - ? and name <> ?",
                arguments: [Self.milliseconds(timeout), distributor]
            )
            return try Int.fetchOne(database, sql: "select count(*) from distributors") ?? 1
        }
    }

    public func forget(distributor: String) async throws {
        try await write { database in
            try database.execute(
                sql: "delete from distributors where name = ?",
                arguments: [distributor]
            )
        }
    }
}
