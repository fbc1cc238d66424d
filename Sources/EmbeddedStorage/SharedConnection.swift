import ClusterInterface
import Synchronization

/// A connection until the store is closed.
///
/// Calls that are under way keep it until they end; the last one to let it go closes it. Nothing else does: GRDB would
/// use a connection that it has closed, which ends the process.
final class SharedConnection<Connection: AnyObject & Sendable>: Sendable {
    private let connection: Mutex<Connection?>

    init(_ connection: Connection) { self.connection = Mutex(connection) }

    /// - Throws: ``StoreError/unavailable(_:)`` once it was taken.
    func get() throws(StoreError) -> Connection {
        guard let connection = connection.withLock({ $0 }) else {
            throw .unavailable("the store is closed")
        }
        return connection
    }

    /// Takes it, so that calls fail from now on; nil where that was done before.
    func take() -> Connection? { connection.withLock { $0.take() } }
}
