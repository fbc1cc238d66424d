internal import ClusterInterface
internal import CoreMetrics
internal import HeadStorage
internal import MetricsModel
internal import Synchronization

extension Ingester {
    /// Bytes that all heads take, about.
    public var memorySize: Int {
        (heads.unordered + (replayGate.aside?.unordered ?? [])).reduce(0) { sum, head in
            sum + head.state.withLock { $0.approximateSize }
        }
    }

    /// Compares the heads with `IngestionSettings.maximumMemory`; to be called about once a second.
    ///
    /// From four fifths on the oldest samples of the largest tenants are stored before their window ends. At the
    /// limit writes are refused until there is room.
    ///
    /// - Returns: what was flushed; nil where nothing had to be.
    public func watchMemory() async -> FlushReport? {
        let size = memorySize
        metrics.memory.record(size)
        let level = budget.level(of: size)
        isFull.store(level == .full, ordering: .relaxed)
        guard level != .normal, relief.withLock({ $0.isDue(at: now()) }) else { return nil }
        let report = await relieveMemory()
        let left = memorySize
        isFull.store(budget.level(of: left) == .full, ordering: .relaxed)
        relief.withLock { relief in
            // Where a flush does not help, one after the other would only make small blocks.
            if left > budget.highMark {
                relief.noteFailure(at: now())
            } else {
                relief.noteSuccess()
            }
        }
        return report
    }

    /// Shares of a window that stay in memory, largest first: 0 also takes samples of the future.
    private static let keptShares: [Int64] = [2, 8, 0]

    /// Stores the oldest samples of the largest tenants until the heads are small enough, or nothing helps.
    private func relieveMemory() async -> FlushReport {
        var report = FlushReport()
        metrics.earlyFlushes.increment()
        for share in Self.keptShares {
            let all = heads.all
            let sizes = all.map { head in head.state.withLock { $0.approximateSize } }
            let chosen = budget.largest(of: sizes)
            guard !chosen.isEmpty else { break }
            let kept = share == 0 ? 0 : settings.blockDuration / share
            let part = await flush(chosen.map { all[$0] }, isUrgent: true) { state, now in
                // What waits for the store already has to go first.
                guard state.pendingCuts.isEmpty else { return nil }
                return share == 0 ? Int64.max : now - kept
            }
            report.add(part)
            if !part.failures.isEmpty { break }
        }
        return report
    }

    /// While the old log is read: stores samples where the heads have become too large.
    ///
    /// Leaves no trace in the log. If the process dies, they are read and stored again, and reading merges them.
    public func relieveReplay() async -> FlushReport? {
        guard budget.level(of: memorySize) != .normal else { return nil }
        return await relieveMemory()
    }
}
