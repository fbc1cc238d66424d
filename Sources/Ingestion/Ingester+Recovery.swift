internal import ClusterInterface
internal import HeadStorage
internal import Synchronization

/// What came of an attempt to write a log again.
public enum LogRecovery: Sendable, Equatable {
    /// Writes are taken again.
    case recovered(FlushReport)
    /// Not everything in memory could be stored yet.
    case notFlushed(FlushReport)
    /// All is stored, but no new segment could be made.
    case notRestarted(cause: String)
}

extension Ingester {
    /// Why the log cannot be written, if it cannot: a full disk, a read-only one, a failed sync.
    ///
    /// Writes are refused meanwhile, reads and flushes go on.
    public var logFailure: String? { log.failureReason }

    /// Tries to take writes again after the log failed.
    ///
    /// What is in memory is stored first: it may have samples whose records were never written, and which were not
    /// acknowledged; the sender's next try must not be told that they are safe. Then the old segments, which
    /// nothing needs any more, make room for a new one.
    ///
    /// - Returns: nil where there is nothing to do.
    public func recoverLog() async -> LogRecovery? {
        // Segments that are still to be read are not to be deleted.
        guard life.takesReads, log.failureReason != nil else { return nil }
        let report = await flushAll()
        guard report.failures.isEmpty, heads.all.allSatisfy(\.isStored) else {
            return .notFlushed(report)
        }
        do {
            try log.restart()
            return .recovered(report)
        } catch {
            return .notRestarted(cause: String(describing: error))
        }
    }
}

extension TenantHead {
    /// Whether no sample is in memory only.
    fileprivate var isStored: Bool { state.withLock { $0.head.oldestSegmentNeeded == nil } }
}
