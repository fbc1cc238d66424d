internal import BlockFormat
internal import ClusterInterface
internal import CoreMetrics
internal import HeadStorage
public import MetricsModel
internal import Synchronization
internal import WriteAheadLog

/// What a flush did.
public struct FlushReport: Sendable, Equatable {
    public var blocks = 0
    public var samples = 0
    /// Tenants whose flush failed, with the first cause; their samples stay in memory and log.
    public var failures: [(tenant: TenantID, cause: String)] = []

    /// Adds what another flush did.
    mutating func add(_ other: FlushReport) {
        blocks += other.blocks
        samples += other.samples
        failures += other.failures
    }

    public static func == (left: FlushReport, right: FlushReport) -> Bool {
        left.blocks == right.blocks && left.samples == right.samples
            && left.failures.elementsEqual(right.failures) { $0 == $1 }
    }
}

extension Ingester {
    /// Stores the windows that are over, and what earlier flushes left behind.
    ///
    /// Of a window its own share at once, and a while later what the other replicas have not stored; so each sample is
    /// stored once as long as all goes well.
    /// A tenant whose flush failed is left alone for a while.
    public func flushDue() async -> FlushReport {
        guard life.takesReads else { return FlushReport() }
        let now = now()
        let due = heads.all.filter { $0.state.withLock { $0.backoff.isDue(at: now) } }
        return await flush(due, isUrgent: false) { state, now in state.schedule.due(at: now) }
    }

    /// Stores everything that is in memory, open windows too, but for what the store has already.
    public func flushAll() async -> FlushReport {
        // Half a log may be read, and its segments are still needed.
        guard life.takesReads else { return FlushReport() }
        log.rotate()
        return await flush(nil, isUrgent: true) { _, _ in .max }
    }

    /// Failures in a row that say that the store is away: each may have taken as long as its timeout.
    private static let patience = 3

    /// - Parameters:
    ///   - tenants: Those to look at; nil is all.
    ///   - isUrgent: Whether nothing may wait for other replicas to store it.
    func flush(
        _ tenants: [TenantHead]?,
        isUrgent: Bool,
        before end: @Sendable (borrowing TenantHead.State, Int64) -> Int64?
    ) async -> FlushReport {
        await flushing.exclusively {
            let began = ContinuousClock.now
            var report = FlushReport()
            var failuresInARow = 0
            metrics.tenants.record(heads.unordered.count)
            for tenant in tenants ?? heads.all {
                do {
                    try await flush(tenant, isUrgent: isUrgent, before: end, report: &report)
                    failuresInARow = 0
                    tenant.state.withLock { $0.backoff.noteSuccess() }
                } catch {
                    metrics.flushFailures.increment()
                    report.failures.append((tenant.tenant, String(describing: error)))
                    tenant.state.withLock { $0.backoff.noteFailure(at: now()) }
                    guard case StoreError.unavailable = error else { continue }
                    failuresInARow += 1
                    if failuresInARow >= Self.patience { break }
                }
            }
            // While a log is read, nobody knows yet which of its segments are needed.
            if life.takesReads { await trimLog() }
            if report.blocks > 0 { metrics.countFlush(lasting: ContinuousClock.now - began) }
            return report
        }
    }

    private func flush(
        _ tenant: TenantHead,
        isUrgent: Bool,
        before end: @Sendable (borrowing TenantHead.State, Int64) -> Int64?,
        report: inout FlushReport
    ) async throws {
        // Apart from the numbers in the log that is being read, whatever the clock says.
        let begun = life.takesReads ? nextCut() : nextCut() | 1 << 63
        let now = now()
        var takesAll = false
        let ticket = tenant.state.withLock { state -> LogTicket? in
            metrics.setSeries(state.head.seriesCount, of: tenant.tenant)
            state.metadata.forget(notSeenSince: now - settings.metadataRetention)
            state.exemplars.setLimit(
                limits.limits(for: tenant.tenant).exemplars(with: ringShare.withLock { $0 })
            )
            guard let end = end(state, now) else { return nil }
            takesAll = end == .max
            // Also where there is nothing: looking costs a pass over all series.
            if end < .max { state.schedule.cut(before: end) }
            guard state.head.startCut(id: begun, before: end) else {
                state.head.startRemovingSeries(idleSince: now - idleTime)
                return nil
            }
            state.pendingCuts.append(begun)
            return note(LogRecordEncoder.cutBegun(tenant: tenant.tenant, id: begun, before: end))
        }
        if let ticket { try await wait(for: ticket) }
        await inSlices { tenant.state.withLock { $0.head.continueCut(limit: Self.seriesPerSlice) } }
        for cut in tenant.state.withLock({ $0.pendingCuts }) {
            try await store(cut, of: tenant, isUrgent: isUrgent, report: &report)
        }
        await inSlices {
            tenant.state.withLock { $0.head.continueFinishing(limit: Self.seriesPerSlice) }
        }
        tenant.state.withLock { state in
            // The rest of a cut waits for other replicas.
            guard state.pendingCuts.isEmpty else { return }
            // Samples before the last cut are stored, those of earlier tries too, so these exemplars meet none any more.
            let over = min(now, state.schedule.cutBefore)
            state.exemplars.expirePending(
                before: BlockExemplars.times(around: over...over).lowerBound
            )
            metrics.exemplarsLost.increment(by: state.exemplars.takeLostCount())
            let cutBefore = takesAll ? .max : state.schedule.cutBefore
            let stored = storedThrough(cutBefore: cutBefore, at: now, of: tenant.tenant)
            state.storedThrough = max(state.storedThrough, stored)
        }
        if heads.forgetIfEmpty(tenant) { metrics.forgetSeries(of: tenant.tenant) }
    }

    /// Before which time all samples were taken that a flush has stored: those it did not cut are newer than the cut, and no
    /// sample is further ahead of the time at which it is taken than the tenant's limit allows.
    private func storedThrough(cutBefore: Int64, at now: Int64, of tenant: TenantID) -> Int64 {
        guard cutBefore < .max else { return now }
        let ahead = limits.limits(for: tenant).creationGracePeriodMilliseconds
        let (time, overflows) = cutBefore.subtractingReportingOverflow(ahead)
        return overflows ? .min : min(now, time)
    }

    /// How long ago, in milliseconds, the oldest sample was taken that may be in no block; nil where that is not known.
    public var unstoredAge: Int64? {
        guard life.takesReads else { return nil }
        // Read first: a head that appears after this has taken nothing before.
        let now = now()
        let oldest = heads.unordered.map { $0.state.withReadLock { $0.storedThrough } }.min() ?? now
        guard oldest > .min else { return nil }
        let (age, overflows) = now.subtractingReportingOverflow(oldest)
        return overflows ? nil : max(0, age)
    }

    /// How long after its newest sample a series stays in memory that has no samples there any more, ms.
    private var idleTime: Int64 { 2 * settings.blockDuration }

    /// Does something again and again, and lets others have the thread in between, as long as it says that more is
    /// to be done.
    private func inSlices(_ slice: () -> Bool) async {
        while slice() { await Task.yield() }
    }

    /// Stores what of a cut is to be stored now, and forgets the cut once all of it is in blocks.
    private func store(
        _ cut: UInt64,
        of tenant: TenantHead,
        isUrgent: Bool,
        report: inout FlushReport
    ) async throws {
        guard let share = flushShare() else {
            try await publish(cut, of: tenant, .all, report: &report)
            return await finish(cut, of: tenant)
        }
        let now = now()
        let sharedAt = tenant.state.withLock { $0.sharedCuts[cut] }
        if !isUrgent {
            guard let sharedAt else {
                let own = share.share(of: tenant.tenant)
                try await publish(cut, of: tenant, .share(own), report: &report)
                tenant.state.withLock { $0.sharedCuts[cut] = now }
                return
            }
            // A clock that was set back must not delay it for ever.
            guard now >= sharedAt + settings.replicaDelay || now < sharedAt else { return }
        }
        try await publish(cut, of: tenant, .missing, report: &report)
        await finish(cut, of: tenant)
    }

    /// Which series of a cut are stored.
    private enum Part {
        case all
        /// Those that other replicas leave to this ingester.
        case share(FlushShare.TenantShare)
        /// Those of which the store has not the same samples yet.
        case missing
    }

    /// Stores series of a cut as blocks, one or more for each window.
    private func publish(
        _ cut: UInt64,
        of tenant: TenantHead,
        _ part: Part,
        report: inout FlushReport
    ) async throws {
        for window in tenant.state.withLock({ $0.head.cutWindows(cut) }) {
            let isStored: @Sendable (Fingerprint) -> Bool
            switch part {
            case .all: isStored = { _ in false }
            case .share(let share): isStored = { !share.contains($0) }
            case .missing:
                let stored = try await storedSeries(cut, window: window, of: tenant)
                metrics.seriesFoundStored.increment(by: stored.count)
                isStored = { stored.contains($0) }
            }
            let built = try await build(cut, window: window, of: tenant, leavingOut: isStored)
            for block in built.blocks {
                try await publish(block)
                metrics.blocksFlushed.increment()
                report.blocks += 1
                report.samples += block.record.sampleCount
            }
            tenant.state.withLock {
                $0.exemplars.markStored(built.pending, built.storedExemplars)
            }
        }
    }

    private func publish(_ block: NewBlock) async throws {
        var block = block
        block.deletionsSeen = deletionsSeen.withLock { $0 }
        do {
            try await store.publish(block)
        } catch StoreError.deleted(_, let newest) where block.deletionsSeen == nil {
            // This ingester had stored all that these deletions mean before they were carried out. So the same samples
            // were written again after them.
            block.deletionsSeen = newest
            try await store.publish(block)
        }
    }

    /// Forgets a cut that is in blocks.
    private func finish(_ cut: UInt64, of tenant: TenantHead) async {
        // A query that asked this ingester before now got the samples from memory; one that asks later reads the
        // catalog after that, and finds the blocks there.
        let idleBefore = now() - idleTime
        tenant.state.withLock { state in
            state.head.startFinishing(cut, removingSeriesIdleSince: idleBefore)
            state.pendingCuts.removeAll { $0 == cut }
            state.sharedCuts[cut] = nil
            _ = note(LogRecordEncoder.cutFinished(tenant: tenant.tenant, id: cut))
        }
        await inSlices {
            tenant.state.withLock { $0.head.continueFinishing(limit: Self.seriesPerSlice) }
        }
    }

    /// Series that are looked at under one hold of the head's lock.
    static let seriesPerSlice = 1024

    /// The blocks of one window of a cut, and which exemplars are in them.
    private struct BuiltWindow {
        var blocks: [NewBlock]
        var pending: PendingExemplars
        var storedExemplars: [Fingerprint: ClosedRange<Int64>]
    }

    private func build(
        _ cut: UInt64,
        window: Int64,
        of tenant: TenantHead,
        leavingOut isStored: @escaping @Sendable (Fingerprint) -> Bool
    ) async throws -> BuiltWindow {
        let settings = settings
        return try await workers.run {
            let (end, isBeyond) = window.addingReportingOverflow(settings.blockDuration)
            let (count, pending, metadata) = tenant.state.withLock { state in
                (
                    state.head.cutSeriesCount(cut),
                    state.exemplars.pending(before: isBeyond ? .max : end), state.metadata.newest
                )
            }
            var writer = WindowWriter(
                tenant: tenant.tenant,
                window: window,
                exemplars: pending,
                metadata: metadata,
                settings: settings
            )
            var samples = SampleColumns()
            for begin in stride(from: 0, to: count, by: Self.seriesPerSlice) {
                let slice = begin..<min(count, begin + Self.seriesPerSlice)
                let series = tenant.state.withLock {
                    $0.head.cutSeries(cut, window: window, slice: slice)
                }
                for series in series where !isStored(series.fingerprint) {
                    series.decode(into: &samples)
                    try writer.add(series.labels, series.fingerprint, samples)
                }
            }
            return BuiltWindow(
                blocks: try writer.finish(),
                pending: pending,
                storedExemplars: writer.storedExemplars
            )
        }
    }

    /// Appends a record of a cut, twice.
    ///
    /// Where one is damaged, the other still keeps samples from being stored once more that were deleted from the blocks
    /// meanwhile. Reading both does no more than reading one.
    ///
    /// - Returns: nil where the record is not needed. While the old log is read, a record would stand behind samples
    ///   that are still to come; and to a log that failed nothing can be added. Then the samples are read and stored
    ///   once more after a crash, which harms nobody.
    private func note(_ record: [UInt8]) -> LogTicket? {
        guard life.takesReads, log.failureReason == nil else { return nil }
        _ = append(record)
        return append(record)
    }

    /// Deletes the segments whose samples and exemplars are all stored; metadata in them is written once more.
    private func trimLog() async {
        // Read first: a head that appears after this needs no older segment.
        var needed = log.currentSegment
        let tenants = heads.all
        for tenant in tenants {
            let oldest = tenant.state.withLock { state in
                [state.head.oldestSegmentNeeded, state.exemplars.oldestSegmentNeeded]
                    .compactMap(\.self).min()
            }
            if let oldest { needed = min(needed, oldest) }
        }
        guard log.failureReason == nil else { return }
        var last: LogTicket?
        for tenant in tenants {
            tenant.state.withLock { state in
                guard let oldest = state.metadata.oldestSegmentNeeded, oldest < needed else {
                    return
                }
                let entries = state.metadata.entries(before: needed)
                // At or after it: the record may go to a later segment.
                let segment = log.currentSegment
                guard let ticket = note(LogRecordEncoder.metadata(entries, tenant: tenant.tenant))
                else { return }
                last = ticket
                state.metadata.moveEntries(before: needed, to: segment)
            }
        }
        if let last {
            // They stay where they are until the copies are safe; a log that fails stays as it is.
            guard (try? await wait(for: last)) != nil else { return }
        }
        log.removeSegments(below: needed)
    }
}
