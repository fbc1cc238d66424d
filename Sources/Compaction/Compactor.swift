public import ClusterInterface
internal import CoreMetrics
internal import MetricsModel
internal import Synchronization

/// Merges blocks, retires those whose retention is over, and deletes what is retired, for all tenants of a store.
///
/// Any number of compactors share a store: each day of a tenant is worked on under a lease.
public final class Compactor: Sendable {
    /// What a compactor needs of its store.
    public typealias Store = BlockMaintenance & LeaseStore & DeletionStore

    private let settings: CompactionSettings
    private let store: any Store
    private let workers: any WorkerPool
    private let retention: Retention
    private let filter: SampleFilter
    private let deletions: DeletionSupport?
    private let now: @Sendable () -> Int64
    private let clock: any Clock<Duration>
    private let order: @Sendable ([CompactionDay]) -> [CompactionDay]
    private let onEvent: @Sendable (CompactionEvent) -> Void
    private let board = StatusBoard()
    private let metrics = CompactionMetrics()

    /// Days that one pass works on at most; what is left waits for the next one.
    private static let maximumQueue = 10_000
    /// Rows of the catalog, tenants, or blocks to be removed in one call.
    private static let pageSize = 1000
    private static let removalPageSize = 32
    /// Jobs of a day in one pass; each leaves fewer blocks, so this is never reached.
    private static let maximumJobsPerDay = 64

    /// - Parameters:
    ///   - filter: What merges leave out.
    ///   - deletions: Nil leaves tenants' deletions to other compactors.
    ///   - now: Milliseconds since the Unix epoch.
    ///   - clock: What leases are renewed by.
    ///   - order: Puts the days of a pass into the order in which they are worked on, the last one first.
    ///   - onEvent: Told what is done; must not wait.
    public init(
        settings: CompactionSettings,
        store: any Store,
        workers: any WorkerPool,
        retention: Retention = .forever,
        filter: SampleFilter = .keepAll,
        deletions: DeletionSupport? = nil,
        now: @escaping @Sendable () -> Int64,
        clock: any Clock<Duration> = ContinuousClock(),
        order: @escaping @Sendable ([CompactionDay]) -> [CompactionDay] = { $0.shuffled() },
        onEvent: @escaping @Sendable (CompactionEvent) -> Void = { _ in }
    ) {
        self.settings = settings
        self.store = store
        self.workers = workers
        self.retention = retention
        self.filter = filter
        self.deletions = deletions
        self.now = now
        self.clock = clock
        self.order = order
        self.onEvent = onEvent
    }

    public var status: CompactionStatus { board.status }

    /// Goes over all tenants once and does what is due.
    ///
    /// A failure of one day or tenant is in the report, and the others go on.
    ///
    /// - Throws: ``StoreError`` where the catalog cannot be read, `CancellationError`.
    public func runPass() async throws -> CompactionPassReport {
        let tally = PassTally()
        do {
            try await cleaning(tally) { try await self.store.maintain() }
            try await delete(tally)
            try await compact(tally)
            try await clean(tally)
        } catch {
            if !(error is CancellationError) { note("\(error)") }
            throw error
        }
        let report = tally.report
        if report.failures.isEmpty {
            let now = now()
            board.update { $0.lastSuccess = now }
            metrics.lastSuccess.record(Double(now) / 1000)
        }
        return report
    }

    // MARK: Deletions

    /// Carries out tenants' deletions before anything is merged: blocks that have not seen one are not merged with
    /// others.
    private func delete(_ tally: PassTally) async throws {
        guard let deletions else { return }
        for tenant in try await store.tenantsWithDeletions() {
            try Task.checkCancellation()
            try await cleaning(tally, deletionOf: tenant) {
                let lease = try await self.store.acquireLease(
                    "deletions",
                    of: tenant,
                    holder: self.settings.holder,
                    lasting: self.settings.leaseDuration
                )
                guard let lease else { return }
                let pass = DeletionPass(
                    store: self.store,
                    workers: self.workers,
                    settings: self.settings,
                    deletions: deletions,
                    lease: lease
                )
                let keeper = self.leaseKeeper
                do {
                    let done = try await keeper.keep(lease) { try await pass.run() }
                    self.metrics.samplesDeleted.increment(by: done.samples)
                    self.onEvent(.deleted(tenant, blocks: done.blocks, samples: done.samples))
                } catch {
                    try? await self.store.releaseLease(lease)
                    throw error
                }
                try await self.store.releaseLease(lease)
            }
        }
    }

    // MARK: Merging

    private func compact(_ tally: PassTally) async throws {
        let queue = SharedQueue(try await dueDays())
        defer { setQueueLength(0) }
        // A task for each merge at a time; each takes day after day.
        try await withThrowingTaskGroup(of: CompactionPassReport.self) { group in
            for _ in 0..<max(1, settings.concurrency) {
                group.addTask {
                    var report = CompactionPassReport()
                    while let (day, left) = queue.next() {
                        self.setQueueLength(left)
                        try await self.work(on: day, &report)
                    }
                    return report
                }
            }
            for try await part in group { tally.update { $0.add(part) } }
        }
    }

    /// The days with blocks that may have to be merged, in a new order each time, so that workers do not all begin
    /// with the same.
    private func dueDays() async throws -> [CompactionDay] {
        var days: Set<CompactionDay> = []
        var last: BlockRecord?
        repeat {
            let page = try await store.liveBlocks(
                belowLevel: CompactionPlan.dayLevel,
                after: last,
                limit: Self.pageSize
            )
            last = page.last
            for block in page {
                let day = CompactionDay(tenant: block.tenant, containing: block.range.start)
                // Blocks of a window that is still written to are most of all.
                if block.range.end <= now() - settings.delay { days.insert(day) }
            }
        } while last != nil && days.count < Self.maximumQueue
        return order(days.sorted { ($0.tenant, $0.number) < ($1.tenant, $1.number) })
    }

    private var leaseKeeper: LeaseKeeper {
        LeaseKeeper(store: store, duration: settings.leaseDuration, clock: clock)
    }

    private func work(on day: CompactionDay, _ report: inout CompactionPassReport) async throws {
        do {
            // Looked at before the lease as well: most days of today have nothing to be done.
            guard try await !jobs(of: day).isEmpty else { return }
            let lease = try await store.acquireLease(
                day.leaseName,
                of: day.tenant,
                holder: settings.holder,
                lasting: settings.leaseDuration
            )
            guard let lease else {
                report.takenByOthers += 1
                return
            }
            do {
                let done = try await leaseKeeper.keep(lease) {
                    try await self.runJobs(of: day, under: lease)
                }
                report.add(done)
            } catch {
                try? await store.releaseLease(lease)
                throw error
            }
            try await store.releaseLease(lease)
        } catch let error as CancellationError {
            throw error
        } catch {
            metrics.failed.increment()
            board.update { $0.failedCount += 1 }
            let cause = "day \(day.number) of tenant \(day.tenant): \(error)"
            note(cause)
            report.failures.append(cause)
            onEvent(.failed(day, cause: "\(error)"))
        }
    }

    private func runJobs(
        of day: CompactionDay,
        under lease: Lease
    ) async throws -> CompactionPassReport {
        var report = CompactionPassReport()
        for _ in 0..<Self.maximumJobsPerDay {
            guard let job = try await jobs(of: day).first else { break }
            switch job {
            case .promote(var block):
                block.level = CompactionPlan.dayLevel
                try await store.replace(
                    [block],
                    with: [block],
                    under: lease,
                    grace: settings.grace
                )
                report.promoted += 1
            case .merge(let blocks, let level):
                try await merge(blocks, level: level, of: day, under: lease)
                report.merges += 1
            }
        }
        return report
    }

    private func jobs(of day: CompactionDay) async throws -> [CompactionPlan.Job] {
        // Deletions last: those that are ordered later are newer than all that these blocks have seen.
        let found = try await store.blocks(of: day.tenant, overlapping: day.range)
        let inForce = try await store.deletionsInForce(of: day.tenant, overlapping: .all)
        // A block that a deletion means still, merged with one that has seen it, would lose the other's samples or keep
        // its own.
        let isMeant = { (block: BlockRecord) in
            inForce.contains { $0.number > block.deletionsSeen && $0.range.overlaps(block.range) }
        }
        return CompactionPlan(
            day: day,
            blocks: found.filter { !isMeant($0) },
            held: found.filter(isMeant),
            now: now(),
            settings: settings
        ).jobs
    }

    private func merge(
        _ blocks: [BlockRecord],
        level: Int,
        of day: CompactionDay,
        under lease: Lease
    ) async throws {
        let start = CompactionStatus.Job(
            tenant: day.tenant,
            day: day.number,
            blocks: blocks.count,
            size: blocks.reduce(0) { $0 + $1.size },
            startedAt: now()
        )
        board.set(start, of: day)
        defer { board.set(nil, of: day) }
        let job = MergeJob(
            store: store,
            workers: workers,
            settings: settings,
            filter: filter,
            parents: blocks,
            level: level,
            lease: lease
        )
        let report = try await job.run(day: day) { progress in
            var job = start
            job.progress = progress
            board.set(job, of: day)
            metrics.progress.record(progress)
            onEvent(.progressed(job))
        }
        metrics.count(report)
        board.update { $0.finishedCount += 1 }
        onEvent(.merged(report))
    }

    private func setQueueLength(_ length: Int) {
        board.update { $0.queueLength = length }
        metrics.queue.record(length)
    }

    // MARK: Cleaning

    /// Retires what is older than its tenant's retention, and deletes what is retired for long enough.
    private func clean(_ tally: PassTally) async throws {
        var last: TenantID?
        repeat {
            let page = try await store.tenantsWithBlocks(after: last, limit: Self.pageSize)
            last = page.last
            for tenant in page {
                try Task.checkCancellation()
                try await cleaning(tally) {
                    let expired = try await self.retireExpired(of: tenant)
                    tally.update { $0.expired += expired }
                    try await self.removeRetired(of: tenant, tally)
                }
            }
        } while last != nil
    }

    private func retireExpired(of tenant: TenantID) async throws -> Int {
        guard let oldest = retention.oldestTime(of: tenant) else { return 0 }
        let early = TimeRange(start: .min, end: oldest)
        let blocks = try await store.blocks(of: tenant, overlapping: early)
        guard blocks.contains(where: { $0.range.end <= oldest }) else { return 0 }
        let lease = try await store.acquireLease(
            "retention",
            of: tenant,
            holder: settings.holder,
            lasting: settings.leaseDuration
        )
        guard let lease else { return 0 }
        let count = try await store.retireBlocks(
            endingBy: oldest,
            under: lease,
            grace: settings.grace
        )
        metrics.expired.increment(by: count)
        try await store.releaseLease(lease)
        return count
    }

    private func removeRetired(
        of tenant: TenantID,
        _ tally: PassTally
    ) async throws {
        while true {
            let removed = try await store.removeRetiredBlocks(
                of: tenant,
                limit: Self.removalPageSize
            )
            metrics.removed.increment(by: removed.count)
            metrics.removedBytes.increment(by: removed.size)
            tally.update { report in
                report.removed += removed.count
                report.removedBytes += removed.size
            }
            guard removed.count == Self.removalPageSize else { return }
        }
    }

    /// Runs something whose failure is no reason not to do the rest.
    private func cleaning(
        _ tally: PassTally,
        deletionOf tenant: TenantID? = nil,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            note("\(error)")
            tally.update { $0.failures.append("\(error)") }
            onEvent(
                tenant.map { .deletionFailed($0, cause: "\(error)") }
                    ?? .cleaningFailed(cause: "\(error)")
            )
        }
    }

    private func note(_ error: String) {
        let now = now()
        board.update { status in
            status.lastError = error
            status.lastErrorAt = now
        }
    }
}

extension CompactionPassReport {
    fileprivate mutating func add(_ other: Self) {
        merges += other.merges
        promoted += other.promoted
        takenByOthers += other.takenByOthers
        expired += other.expired
        removed += other.removed
        removedBytes += other.removedBytes
        failures += other.failures
    }
}

/// Days that several tasks take from.
private final class SharedQueue: Sendable {
    private let days: Mutex<[CompactionDay]>

    init(_ days: [CompactionDay]) { self.days = Mutex(days) }

    /// The next day, and how many are left behind it.
    func next() -> (day: CompactionDay, left: Int)? {
        days.withLock { days in
            guard let day = days.popLast() else { return nil }
            return (day, days.count)
        }
    }
}

/// What a pass did so far.
private final class PassTally: Sendable {
    private let state = Mutex(CompactionPassReport())

    var report: CompactionPassReport { state.withLock { $0 } }

    func update(_ change: (inout CompactionPassReport) -> Void) { state.withLock { change(&$0) } }
}
