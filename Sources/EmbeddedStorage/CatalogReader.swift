import ClusterInterface
import Foundation
import GRDB
import MetricsModel
import Synchronization

/// Reads catalog rows, and deletions in force, again only after the file has changed.
///
/// It has a connection of its own that never writes. SQLite's `data_version` differs between two calls on one
/// connection if any other connection, of this process or another, has committed in between; and within a
/// transaction it is the version of the state that the transaction reads. Rows kept with the version of their
/// transaction are therefore exactly those of the file as long as this connection sees the same version, whoever
/// writes. The check costs what beginning a read costs; it neither waits for writers nor reads a page. That is
/// a twentieth of a small query, so where only this process changes much, the version is asked again after each commit of its own,
/// and else after ``EmbeddedSettings/foreignChangesWithin`` only.
final class CatalogReader: Sendable {
    private let connection: SharedConnection<DatabaseQueue>
    private let rows = Mutex(CatalogRows())
    private let deletions = Mutex(KeptDeletions())
    private let latest = Mutex<SeenVersion?>(nil)
    /// Commits of this process.
    private let ownCommits = Atomic<UInt64>(0)
    private let foreignChangesWithin: Duration

    /// - Precondition: The file exists and is a database in WAL mode, which another connection keeps open.
    init(path: String, settings: EmbeddedSettings) throws {
        foreignChangesWithin = settings.foreignChangesWithin
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(settings.busyTimeout / .seconds(1))
        configuration.label = "engram-catalog"
        connection = SharedConnection(try DatabaseQueue(path: path, configuration: configuration))
    }

    /// The rows overlapping a range if they are in memory and the file is as it was when they were read.
    ///
    /// Waits for nothing but another reading of rows.
    func known(_ tenant: TenantID, _ range: TimeRange) throws -> [BlockRecord]? {
        guard rows.withLock({ $0.covers(tenant, range) }) else { return nil }
        let version = try version()
        return rows.withLock { $0.find(tenant, range, version: version) }
    }

    /// Reads the rows of a range and its surroundings, and keeps them.
    ///
    /// - Parameters:
    ///   - check: What must hold of the file.
    ///   - read: Reads the rows that overlap a range, in their order.
    func read(
        _ tenant: TenantID,
        _ range: TimeRange,
        check: @escaping @Sendable (Database) throws -> Void,
        _ read: @escaping @Sendable (Database, TimeRange) throws -> [BlockRecord]
    ) async throws -> [BlockRecord] {
        try await connection.get().read { database in
            try check(database)
            let version = try Self.version(database)
            let covered = self.rows.withLock { $0.toCover(tenant, range, version: version) }
            let found = try read(database, covered)
            self.rows.withLock { $0.keep(found, of: tenant, covered, version: version) }
            return found.filter { $0.range.overlaps(range) }
        }
    }

    /// All deletions in force, and the newest of each tenant that is done, by tenant and number.
    ///
    /// - Parameter read: Reads them from the file.
    func latestDeletions(
        check: @escaping @Sendable (Database) throws -> Void,
        _ read: @escaping @Sendable (Database) throws -> [SeriesDeletion]
    ) async throws -> [TenantID: [SeriesDeletion]] {
        let version = try version()
        let kept = deletions.withLock { $0 }
        if kept.version == version { return kept.byTenant }
        return try await connection.get().read { database in
            try check(database)
            let version = try Self.version(database)
            let found = Dictionary(grouping: try read(database), by: \.tenant)
            self.deletions.withLock { $0 = KeptDeletions(version: version, byTenant: found) }
            return found
        }
    }

    func close() { _ = connection.take() }

    /// Takes note that this process may have committed something.
    func noteCommit() { ownCommits.add(1, ordering: .sequentiallyConsistent) }

    /// The version of the file now, or a moment ago as to other processes.
    private func version() throws -> Int64 {
        let commits = ownCommits.load(ordering: .sequentiallyConsistent)
        let now = ContinuousClock.now
        if foreignChangesWithin > .zero, let seen = latest.withLock({ $0 }),
            seen.commits == commits, now - seen.time < foreignChangesWithin
        {
            return seen.version
        }
        // Counted and timed before it is read: the version may be newer than both.
        let version = try connection.get().unsafeRead { try Self.version($0) }
        latest.withLock { $0 = SeenVersion(version: version, commits: commits, time: now) }
        return version
    }

    private static func version(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "PRAGMA data_version")
        guard let version = try Int64.fetchOne(statement) else {
            throw StoreError.unavailable("SQLite gives no data version")
        }
        return version
    }
}

/// A version of the file, and when it was the newest.
private struct SeenVersion {
    let version: Int64
    /// Commits of this process before.
    let commits: UInt64
    let time: ContinuousClock.Instant
}

/// Deletions as of a version of the file: few, if any.
private struct KeptDeletions {
    var version: Int64?
    var byTenant: [TenantID: [SeriesDeletion]] = [:]
}
