import CLibpq
import ClusterInterface

extension StoreError {
    /// What a failed statement means to callers of a store.
    ///
    /// Everything that can heal without a change of ours, up to a missing privilege or a full disk, is
    /// "unavailable"; a value that the schema refuses will be refused again.
    init(_ result: borrowing PostgresResult, isAlive: Bool) {
        let code = result.errorCode ?? ""
        let cause = code.isEmpty ? result.errorMessage : "\(result.errorMessage) (SQLSTATE \(code))"
        self =
            isAlive && ["22", "23"].contains(code.prefix(2)) ? .corrupt(cause) : .unavailable(cause)
    }
}
