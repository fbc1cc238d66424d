public import MetricsModel

/// What one merge did.
public struct CompactionReport: Sendable, Equatable {
    public var day: CompactionDay
    public var blocksIn = 0
    public var blocksOut = 0
    public var bytesIn = 0
    public var bytesOut = 0
    public var seriesOut = 0
    public var samplesIn = 0
    /// Without those that several blocks had.
    public var samplesOut = 0
    public var duration = Duration.zero
    /// Most bytes that the merge held at a time, about.
    public var peakMemory = 0
}

/// What one pass over all tenants did.
public struct CompactionPassReport: Sendable, Equatable {
    public var merges = 0
    /// Blocks that are a day's block as they are.
    public var promoted = 0
    /// Days of which another worker has the lease.
    public var takenByOthers = 0
    /// Blocks whose tenant's retention was over.
    public var expired = 0
    /// Blocks whose bytes were deleted.
    public var removed = 0
    public var removedBytes = 0
    public var failures: [String] = []
}

/// What a compactor tells while it works.
public enum CompactionEvent: Sendable {
    case merged(CompactionReport)
    case progressed(CompactionStatus.Job)
    case failed(CompactionDay, cause: String)
    /// What a pass over a tenant's deletions took out of blocks.
    case deleted(TenantID, blocks: Int, samples: Int)
    case deletionFailed(TenantID, cause: String)
    /// Something that concerns no day: retention, removal, maintenance.
    case cleaningFailed(cause: String)
}
