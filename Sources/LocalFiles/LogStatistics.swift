internal import Synchronization

/// What a log has done since it was opened.
public struct LogStatistics: Sendable, Equatable {
    /// Records that were written.
    public var records = 0
    /// Bytes that were written, frames included.
    public var bytes = 0
    /// Syncs for records; those of new segments are not among them.
    public var syncs = 0
    /// Times that the log could not be written any more.
    public var failures = 0
    /// Why segments could not be deleted the last time, if they could not.
    public var removalFailure: FileLogError?

    public init() {}
}

/// The statistics, for the thread that writes and those who ask.
final class LogCounters: Sendable {
    private let state = Mutex(LogStatistics())

    var value: LogStatistics { state.withLock { $0 } }

    func update(_ change: (inout LogStatistics) -> Void) { state.withLock { change(&$0) } }
}
