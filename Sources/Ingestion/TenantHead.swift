internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import WriteAheadLog

/// One tenant's head with its exemplars and metadata, its lock, and what is known of its flushes.
final class TenantHead: Sendable {
    let tenant: TenantID
    let seed: TenantSeed
    /// Whether it is only there until the log is read; see ``ReplayGate``.
    let isAside: Bool
    let state: ReadWriteLock<State>
    let labelAnswers = LabelAnswers()

    /// All that the lock guards.
    struct State: ~Copyable {
        var head: Head
        var exemplars: ExemplarRing
        var metadata: MetadataTable
        var schedule: FlushSchedule
        /// Reused for each batch, so that its buffers keep their size.
        var encoder = LogRecordEncoder()
        /// Used while the old log is read.
        var replayed = ReplayedReferences()
        /// Cuts that are begun and whose blocks are not yet all stored, oldest first.
        var pendingCuts: [UInt64] = []
        /// Of these, those of which this ingester's share is stored, and when it was, ms since the Unix epoch.
        var sharedCuts: [UInt64: Int64] = [:]
        /// Whether the table has dropped the head, which then takes nothing any more.
        var isForgotten = false
        var backoff = FlushBackoff()
        /// All samples that the head took before this time are in blocks, ms since the Unix epoch.
        var storedThrough: Int64

        /// Bytes that the head takes, about.
        var approximateSize: Int { head.statistics.approximateBytes }

        /// Whether nothing is lost with the head.
        var holdsNothing: Bool {
            head.seriesCount == 0 && pendingCuts.isEmpty
                && exemplars.oldestSegmentNeeded == nil && metadata.count == 0
        }
    }

    /// - Parameter storedThrough: When the head begins to take samples; the earliest time for one that is rebuilt.
    init(
        tenant: TenantID,
        settings: IngestionSettings,
        limits: TenantLimits,
        isAside: Bool = false,
        storedThrough: Int64
    ) {
        self.tenant = tenant
        self.isAside = isAside
        seed = TenantSeed(tenant)
        var layout = HeadSettings()
        layout.windowDuration = settings.blockDuration
        state = ReadWriteLock(
            State(
                head: Head(settings: layout),
                exemplars: ExemplarRing(limit: limits.exemplars(with: RingShare())),
                metadata: MetadataTable(
                    maximumMetrics: settings.maximumMetadata,
                    maximumEntriesPerMetric: settings.maximumMetadataPerMetric
                ),
                schedule: FlushSchedule(
                    blockDuration: settings.blockDuration,
                    flushDelay: settings.flushDelay
                        + FlushSchedule.offset(of: tenant, within: settings.flushSpread)
                ),
                storedThrough: storedThrough
            )
        )
    }

    /// Takes nothing any more: a write that holds it asks the table for another one.
    func forget() { state.withLock { $0.isForgotten = true } }
}
