/// The schemas of both stores, embedded into the executable.
///
/// A new migration is a pair of files here, named in the package description, and a line in each list.
public enum SchemaMigrations {
    public static let postgres: [Migration] = [
        Migration(version: 1, name: "blocks", bytes: PackageResources._001_blocks_postgres_sql),
        Migration(version: 2, name: "ring", bytes: PackageResources._002_ring_postgres_sql),
        Migration(
            version: 3,
            name: "compaction",
            bytes: PackageResources._003_compaction_postgres_sql
        ),
        Migration(
            version: 4,
            name: "deletions",
            bytes: PackageResources._004_deletions_postgres_sql
        ),
        Migration(version: 5, name: "stored", bytes: PackageResources._005_stored_postgres_sql),
        Migration(
            version: 6,
            name: "distributors",
            bytes: PackageResources._006_distributors_postgres_sql
        ),
        Migration(
            version: 7,
            name: "ha_elections",
            bytes: PackageResources._007_ha_elections_postgres_sql
        ),
        Migration(
            version: 8,
            name: "tenant_overrides",
            bytes: PackageResources._008_tenant_overrides_postgres_sql
        ),
        Migration(
            version: 9,
            name: "departures",
            bytes: PackageResources._009_departures_postgres_sql
        ),
    ]

    public static let sqlite: [Migration] = [
        Migration(version: 1, name: "blocks", bytes: PackageResources._001_blocks_sqlite_sql),
        Migration(version: 2, name: "ring", bytes: PackageResources._002_ring_sqlite_sql),
        Migration(
            version: 3,
            name: "compaction",
            bytes: PackageResources._003_compaction_sqlite_sql
        ),
        Migration(
            version: 4,
            name: "deletions",
            bytes: PackageResources._004_deletions_sqlite_sql
        ),
        Migration(version: 5, name: "stored", bytes: PackageResources._005_stored_sqlite_sql),
        Migration(
            version: 6,
            name: "distributors",
            bytes: PackageResources._006_distributors_sqlite_sql
        ),
        Migration(
            version: 7,
            name: "ha_elections",
            bytes: PackageResources._007_ha_elections_sqlite_sql
        ),
        Migration(
            version: 8,
            name: "tenant_overrides",
            bytes: PackageResources._008_tenant_overrides_sqlite_sql
        ),
        Migration(
            version: 9,
            name: "departures",
            bytes: PackageResources._009_departures_sqlite_sql
        ),
    ]
}
