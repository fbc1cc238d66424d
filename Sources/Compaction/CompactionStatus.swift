public import MetricsModel
internal import Synchronization

/// What a compactor does and did, for people who look.
public struct CompactionStatus: Sendable, Equatable {
    /// A merge under way.
    public struct Job: Sendable, Equatable {
        public var tenant: TenantID
        /// Days since 1970-01-01.
        public var day: Int64
        public var blocks: Int
        /// Bytes of the blocks that are merged.
        public var size: Int
        /// From 0 to 1.
        public var progress = 0.0
        /// Milliseconds since the Unix epoch.
        public var startedAt: Int64
    }

    public var jobs: [Job] = []
    /// Days that wait for their turn.
    public var queueLength = 0
    /// Merges done since the start.
    public var finishedCount = 0
    public var failedCount = 0
    /// When a pass over all tenants last ended without a failure, in milliseconds since the Unix epoch; nil if none
    /// has since the start.
    public var lastSuccess: Int64?
    public var lastError: String?
    /// When the last error came, in milliseconds since the Unix epoch.
    public var lastErrorAt: Int64?

    public init() {}
}

/// Where a compactor writes down what it does; anybody may read it at any time.
final class StatusBoard: Sendable {
    private struct State {
        var status = CompactionStatus()
        var jobs: [CompactionDay: CompactionStatus.Job] = [:]
    }

    private let state = Mutex(State())

    var status: CompactionStatus {
        state.withLock { state in
            var status = state.status
            status.jobs = state.jobs.values.sorted {
                ($0.startedAt, $0.tenant.name) < ($1.startedAt, $1.tenant.name)
            }
            return status
        }
    }

    func update(_ change: (inout CompactionStatus) -> Void) {
        state.withLock { change(&$0.status) }
    }

    /// Writes down a merge, how far it is, or (nil) that it is over.
    func set(_ job: CompactionStatus.Job?, of day: CompactionDay) {
        state.withLock { $0.jobs[day] = job }
    }
}
