import ClusterInterface
import GRDB

extension StoreError {
    /// What an error of SQLite means to callers of a store.
    init(_ error: DatabaseError) {
        let message = error.message ?? "SQLite error"
        let cause = "\(message) (SQLite code \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
            self = .corrupt(cause)
        default: self = .unavailable(cause)
        }
    }
}
