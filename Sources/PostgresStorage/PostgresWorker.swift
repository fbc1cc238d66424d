import ClusterInterface
import MetricsModel
import Synchronization

/// Whose rows a transaction may see.
enum RowScope {
    case tenant(TenantID)
    /// The whole catalog.
    case allTenants
    /// Tables that belong to no tenant.
    case cluster
}

/// Runs transactions on one connection, which it makes and replaces as needed; used by one thread.
final class PostgresWorker {
    private let url: String
    private let settings: PostgresSettings
    private let backoff: SharedBackoff
    private var connection: PostgresConnection?

    init(url: String, settings: PostgresSettings, backoff: SharedBackoff) {
        self.url = url
        self.settings = settings
        self.backoff = backoff
    }

    /// Runs `body` in a transaction of its own: committed when it returns, rolled back when it throws.
    ///
    /// All settings are local to the transaction, so that a pooler may give the next one another connection.
    ///
    /// - Throws: what `body` throws; ``StoreError/unavailable(_:)`` where the commit's outcome is unknown.
    func transaction<Value>(
        _ scope: RowScope,
        readOnly: Bool = false,
        _ body: (PostgresConnection) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let connection = try begin(scope, readOnly: readOnly)
        do {
            let value = try body(connection)
            try connection.run("commit")
            return value
        } catch {
            // Closing the connection rolls back, too.
            if !connection.isAlive || (try? connection.run("rollback")) == nil {
                self.connection = nil
            }
            throw error
        }
    }

    private func begin(_ scope: RowScope, readOnly: Bool) throws(StoreError) -> PostgresConnection {
        if let connection {
            do {
                try begin(scope, readOnly: readOnly, on: connection)
                return connection
            } catch {
                // It may have died while it was idle. Nothing has been done, so another one may do it.
                self.connection = nil
            }
        }
        let connection = try connect()
        try begin(scope, readOnly: readOnly, on: connection)
        self.connection = connection
        return connection
    }

    private func connect() throws(StoreError) -> PostgresConnection {
        try backoff.requireAttempt()
        do {
            let connection = try PostgresConnection(url: url, settings: settings)
            backoff.state.withLock { $0.connected() }
            return connection
        } catch {
            guard case .unavailable(let cause) = error else { throw error }
            backoff.state.withLock { $0.connectFailed(at: .now, cause: cause) }
            throw error
        }
    }

    private func begin(
        _ scope: RowScope,
        readOnly: Bool,
        on connection: PostgresConnection
    ) throws(StoreError) {
        let milliseconds = max(1, Int(settings.statementTimeout / .milliseconds(1)))
        var sql = "begin isolation level read committed, read \(readOnly ? "only" : "write")"
        sql += "; set local statement_timeout = \(milliseconds)"
        // A process that stops in the middle of a transaction must not keep its locks.
        sql += "; set local idle_in_transaction_session_timeout = \(milliseconds)"
        switch scope {
        case .tenant(let tenant):
            sql += "; set local engram.tenant = \(try connection.literal(tenant.name))"
        case .allTenants: sql += "; set local engram.all_tenants = 'on'"
        case .cluster: break
        }
        try connection.run(sql)
    }
}

/// The backoff of all connections to one database.
final class SharedBackoff: Sendable {
    let state = Mutex(ReconnectBackoff())

    /// - Throws: ``StoreError/unavailable(_:)`` with the last cause while it is too early for another attempt.
    func requireAttempt() throws(StoreError) {
        let cause: String? = state.withLock { state in
            state.mayConnect(at: .now) ? nil : state.cause
        }
        if let cause { throw .unavailable(cause) }
    }
}
