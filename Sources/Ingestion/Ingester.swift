public import ClusterInterface
internal import CoreMetrics
internal import HeadStorage
internal import MetricsModel
internal import Synchronization
internal import WriteAheadLog

/// Owns the recent samples of the series that the ring gives it.
///
/// A write goes into the tenant's head and the log under one lock, and is answered after the fsync that covers it.
/// Windows that are over are stored as blocks and then leave memory and log.
public final class Ingester: IngesterClient {
    let settings: IngestionSettings
    let limits: LimitsTable
    let log: any SampleLog
    let store: any BlockStore
    let workers: any WorkerPool
    /// Milliseconds since the Unix epoch.
    let now: @Sendable () -> Int64
    /// Which series this ingester stores first; nil where nobody else has the same.
    let flushShare: @Sendable () -> FlushShare?
    let metrics = IngestionMetrics()
    let heads: HeadTable
    let flushing = FlushGate()
    let replayGate = ReplayGate()
    private let lifecycle = Mutex(MemberLife())
    let ringShare = Mutex(RingShare())
    let deletionsSeen = Mutex<Int64?>(nil)
    private let newestCut = Mutex<UInt64>(0)
    /// When this ingester was made, ms since the Unix epoch; of what it took before it does not know what it has stored.
    let startedAt: Int64
    let budget: MemoryBudget
    /// Whether the heads take all the memory that they may.
    let isFull = Atomic(false)
    /// When memory is relieved next.
    let relief = Mutex(FlushBackoff())

    /// - Parameters:
    ///   - limits: Asked once for each batch.
    ///   - flushShare: Asked once for each flush of a tenant; nil where there is one copy of each series.
    public init(
        settings: IngestionSettings,
        limits: LimitsTable = LimitsTable(),
        log: any SampleLog,
        store: any BlockStore,
        workers: any WorkerPool,
        now: @escaping @Sendable () -> Int64,
        flushShare: @escaping @Sendable () -> FlushShare? = { nil }
    ) {
        self.settings = settings
        self.limits = limits
        self.log = log
        self.store = store
        self.workers = workers
        self.now = now
        self.flushShare = flushShare
        startedAt = now()
        budget = MemoryBudget(limit: settings.maximumMemory)
        heads = HeadTable(settings: settings, limits: limits, now: now)
    }

    /// Whether it takes writes and reads now.
    public var life: MemberLife { lifecycle.withLock { $0 } }

    /// Changes what the ingester takes from now on; samples that are in a head by then are still answered, and
    /// are part of every flush that begins later.
    public func setLife(_ life: MemberLife) { lifecycle.withLock { $0 = life } }

    /// Says what blocks that are stored from now on have to say of deletions; see ``NewBlock/deletionsSeen``.
    public func setDeletionsSeen(_ number: Int64?) { deletionsSeen.withLock { $0 = number } }

    /// Says what part of all series this ingester has, for limits that are meant for the whole cluster.
    public func setRingShare(_ share: RingShare) { ringShare.withLock { $0 = share } }

    public func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        let life = life
        guard life.takesWrites else { throw IngesterError.notAcceptingWrites(state: life.name) }
        guard !isFull.load(ordering: .relaxed) else {
            throw IngesterError.overloaded(what: "bytes of samples in memory", limit: budget.limit)
        }
        guard log.hasRoom else {
            throw IngesterError.storageFailed("the disk of the log does not keep up")
        }
        guard batch.isConsistent else {
            throw IngesterError.invalidRequest("the columns of the batch do not fit each other")
        }
        guard batch.rowCount > 0 || !batch.metadata.isEmpty else { return WriteAnswer() }
        let append = try await append(batch)
        if let ticket = append.ticket { try await wait(for: ticket) }
        metrics.samplesAppended.increment(by: append.stored)
        metrics.samplesDuplicate.increment(by: append.duplicates)
        return append.answer
    }

    private func append(_ batch: WriteBatch) async throws(IngesterError) -> BatchAppend {
        while true {
            let tenant = try await replayGate.heads(heads).head(of: batch.tenant)
            // A head that was forgotten since then takes nothing.
            if let append = try append(batch, to: tenant) { return append }
        }
    }

    /// Puts a batch into head and log under the head's lock, so that the log's order is the head's.
    ///
    /// - Returns: nil, and nothing happened, if the head is forgotten.
    private func append(
        _ batch: WriteBatch,
        to tenant: TenantHead
    ) throws(IngesterError) -> BatchAppend? {
        let limits = limits.limits(for: batch.tenant)
        // Heads that do not hold what is in the log cannot tell which series are new.
        let seriesLimits =
            tenant.isAside
            ? SeriesLimits.none : SeriesLimits(limits, share: ringShare.withLock { $0 })
        return try tenant.state.withLock { state throws(IngesterError) in
            guard !state.isForgotten else { return nil }
            // Asked again under the lock: a flush that began after the life changed takes this lock later, so
            // no sample can slip in behind the last flush.
            let life = life
            guard life.takesWrites else { throw .notAcceptingWrites(state: life.name) }
            // Likewise: what the flush of a recovery did not see must not get in before the log takes it.
            if let cause = log.failureReason {
                throw .notAcceptingWrites(state: "read only, its log failed: \(cause)")
            }
            var append = BatchAppend(
                batch: batch,
                seed: tenant.seed,
                segment: log.currentSegment,
                now: now(),
                lateWindow: limits.lateWindowMilliseconds,
                limits: seriesLimits
            )
            append.run(on: &state.head)
            if !batch.exemplarEnds.isEmpty || !batch.metadata.isEmpty {
                appendExemplars(of: &append, to: &state)
            }
            // A duplicate's first copy may still wait for its fsync: the answer waits behind it.
            guard append.stored + append.duplicates > 0 else { return append }
            var segment = append.segment
            var ticket: LogTicket?
            while ticket == nil {
                let record = append.record(
                    of: &state.head,
                    segment: segment,
                    with: &state.encoder
                )
                ticket = log.append(
                    record.bytes,
                    definitionsSize: record.definitionsSize,
                    encodedFor: segment
                )
                segment = log.currentSegment
            }
            // Behind the records of exemplars and metadata.
            append.ticket = ticket
            return append
        }
    }

    private func appendExemplars(of append: inout BatchAppend, to state: inout TenantHead.State) {
        var exemplars = ExemplarAppend(append)
        exemplars.run(
            on: &state,
            limits: limits.limits(for: append.batch.tenant),
            share: ringShare.withLock { $0 },
            settings: settings,
            answer: &append.answer
        )
        for record in exemplars.records { append.ticket = self.append(record) }
        metrics.exemplarsAppended.increment(by: exemplars.exemplarsStored)
        metrics.metadataOfNewMetrics.increment(by: exemplars.metadataOfNewMetrics)
        metrics.metadataOfFullMetrics.increment(by: exemplars.metadataOfFullMetrics)
    }

    /// Appends a record that names no series; it fits any segment.
    func append(_ record: [UInt8]) -> LogTicket {
        while true {
            if let ticket = log.append(record, encodedFor: log.currentSegment) { return ticket }
        }
    }

    /// A number for a cut that no cut of this log has had: the time, or one more than the newest.
    func nextCut() -> UInt64 {
        newestCut.withLock { newest in
            newest = max(newest + 1, UInt64(max(0, now())))
            return newest
        }
    }

    /// Notes the number of a cut of the run before.
    func noteCut(_ id: UInt64) { newestCut.withLock { $0 = max($0, id) } }

    func wait(for ticket: LogTicket) async throws {
        do {
            try await log.waitUntilDurable(ticket)
        } catch {
            throw IngesterError.storageFailed(String(describing: error))
        }
    }
}

/// What an ingester takes at this time of its life.
public enum MemberLife: Sendable, Equatable {
    /// Replays its log, and takes nothing.
    case starting
    /// Replays its log, and takes writes.
    case replaying
    case active
    /// Takes reads only.
    case readOnly
    /// Flushes and goes; takes reads only.
    case leaving

    init() { self = .starting }

    public var takesWrites: Bool { self == .active || self == .replaying }

    /// Until the log is replayed an answer would have holes, and nobody knows which of its segments are needed.
    public var takesReads: Bool { self != .starting && self != .replaying }

    public var name: String {
        switch self {
        case .starting: "starting"
        case .replaying: "replaying its log"
        case .active: "active"
        case .readOnly: "read only"
        case .leaving: "leaving"
        }
    }
}
