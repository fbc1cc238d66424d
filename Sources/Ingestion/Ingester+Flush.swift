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

    public static func == (left: FlushReport, right: FlushReport) -> Bool {
        left.blocks == right.blocks && left.samples == right.samples
            && left.failures.elementsEqual(right.failures) { $0 == $1 }
    }
}

extension Ingester {
    /// Stores the windows that are over, and what earlier flushes left behind.
    public func flushDue() async -> FlushReport {
        await flush { state, now in state.schedule.due(at: now) }
    }

    /// Stores everything that is in memory, open windows too.
    public func flushAll() async -> FlushReport {
        log.rotate()
        return await flush { _, _ in .max }
    }

    private func flush(
        before end: @Sendable (borrowing TenantHead.State, Int64) -> Int64?
    ) async -> FlushReport {
        await flushing.exclusively {
            let began = ContinuousClock.now
            var report = FlushReport()
            let tenants = heads.all
            metrics.tenants.record(tenants.count)
            for tenant in tenants {
                do {
                    try await flush(tenant, before: end, report: &report)
                } catch {
                    metrics.flushFailures.increment()
                    report.failures.append((tenant.tenant, String(describing: error)))
                }
            }
            await trimLog()
            if report.blocks > 0 { metrics.countFlush(lasting: ContinuousClock.now - began) }
            return report
        }
    }

    private func flush(
        _ tenant: TenantHead,
        before end: @Sendable (borrowing TenantHead.State, Int64) -> Int64?,
        report: inout FlushReport
    ) async throws {
        let begun = nextCut()
        let now = now()
        let ticket = tenant.state.withLock { state -> LogTicket? in
            metrics.setSeries(state.head.seriesCount, of: tenant.tenant)
            state.metadata.forget(notSeenSince: now - settings.metadataRetention)
            state.exemplars.setLimit(limits.limits(for: tenant.tenant).maxExemplars)
            guard let end = end(state, now) else { return nil }
            // Also where there is nothing: looking costs a pass over all series.
            if end < .max { state.schedule.cut(before: end) }
            guard state.head.startCut(id: begun, before: end) else {
                state.head.startRemovingSeries(idleSince: now - idleTime)
                return nil
            }
            state.pendingCuts.append(begun)
            return append(LogRecordEncoder.cutBegun(tenant: tenant.tenant, id: begun, before: end))
        }
        if let ticket { try await wait(for: ticket) }
        await inSlices { tenant.state.withLock { $0.head.continueCut(limit: Self.seriesPerSlice) } }
        for cut in tenant.state.withLock({ $0.pendingCuts }) {
            try await publish(cut, of: tenant, report: &report)
        }
        await inSlices {
            tenant.state.withLock { $0.head.continueFinishing(limit: Self.seriesPerSlice) }
        }
        tenant.state.withLock { state in
            // Samples before the last cut are stored, so these exemplars meet none any more.
            let over = min(now, state.schedule.cutBefore)
            state.exemplars.expirePending(
                before: BlockExemplars.times(around: over...over).lowerBound
            )
            metrics.exemplarsLost.increment(by: state.exemplars.takeLostCount())
        }
        if heads.forgetIfEmpty(tenant) { metrics.forgetSeries(of: tenant.tenant) }
    }

    /// How long after its newest sample a series stays in memory that has no samples there any more, ms.
    private var idleTime: Int64 { 2 * settings.blockDuration }

    /// Does something again and again, and lets others have the thread in between, as long as it says that more is
    /// to be done.
    private func inSlices(_ slice: () -> Bool) async {
        while slice() { await Task.yield() }
    }

    /// Stores one cut as blocks, one or more for each window, and then forgets it.
    private func publish(
        _ cut: UInt64,
        of tenant: TenantHead,
        report: inout FlushReport
    ) async throws {
        for window in tenant.state.withLock({ $0.head.cutWindows(cut) }) {
            let built = try await build(cut, window: window, of: tenant)
            for block in built.blocks {
                try await store.publish(block)
                metrics.blocksFlushed.increment()
                report.blocks += 1
                report.samples += block.record.sampleCount
            }
            tenant.state.withLock {
                $0.exemplars.markStored(built.pending, built.storedExemplars)
            }
        }
        // A query that asked this ingester before now got the samples from memory; one that asks later reads the
        // catalog after that, and finds the blocks there.
        let idleBefore = now() - idleTime
        tenant.state.withLock { state in
            state.head.startFinishing(cut, removingSeriesIdleSince: idleBefore)
            state.pendingCuts.removeAll { $0 == cut }
            _ = append(LogRecordEncoder.cutFinished(tenant: tenant.tenant, id: cut))
        }
        await inSlices {
            tenant.state.withLock { $0.head.continueFinishing(limit: Self.seriesPerSlice) }
        }
    }

    /// Series that are looked at under one hold of the head's lock.
    private static let seriesPerSlice = 1024

    /// The blocks of one window of a cut, and which exemplars are in them.
    private struct BuiltWindow {
        var blocks: [NewBlock]
        var pending: PendingExemplars
        var storedExemplars: [Fingerprint: ClosedRange<Int64>]
    }

    private func build(
        _ cut: UInt64,
        window: Int64,
        of tenant: TenantHead
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
                for series in series {
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
        var last: LogTicket?
        for tenant in tenants {
            tenant.state.withLock { state in
                guard let oldest = state.metadata.oldestSegmentNeeded, oldest < needed else {
                    return
                }
                let entries = state.metadata.entries(before: needed)
                // At or after it: the record may go to a later segment.
                let segment = log.currentSegment
                last = append(LogRecordEncoder.metadata(entries, tenant: tenant.tenant))
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
