internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// Reads the streams of several ingesters at once and merges them as they come.
///
/// An ingester that is ahead of others waits: so no stream is held but for a few pieces. Where others have waited
/// too long, they go on without those that are behind.
final class SeriesStreams: Sendable {
    private struct State {
        var merge: SeriesMerge
        /// Bytes that are counted.
        var charged = 0
        /// Ingesters that are ahead, by their number.
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Since when ingesters have been waiting without anything being merged, from the beginning on.
        var waitingSince: Duration?
        /// How long they waited before that.
        var waited = Duration.zero
        /// Why the query cannot go on.
        var failure: MemoryLimitExceeded?
    }

    private let state: Mutex<State>
    private let memory: MemoryAccount
    private let clock: any Clock<Duration>
    /// The time since the beginning.
    private let elapsed: @Sendable () -> Duration

    /// - Parameters:
    ///   - memory: Where is counted what is held; what was merged stays counted.
    ///   - clock: What waits are measured by.
    init(
        count: Int,
        seed: TenantSeed,
        memory: MemoryAccount,
        clock: any Clock<Duration>
    ) {
        state = Mutex(State(merge: SeriesMerge(streams: count, seed: seed)))
        self.memory = memory
        self.clock = clock
        elapsed = Gatherer.stopwatch(clock)
    }

    /// Reads the whole answer of one ingester.
    func read(_ number: Int, _ client: any IngesterClient, _ request: SelectRequest) async throws {
        defer { change { $0.end(number) } }
        try await client.streamSeries(request) { piece in
            try self.add(piece, from: number)
            guard self.mustWait(number) else { return }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.passLaggardsInTime() }
                await self.waitForRoom(number)
                group.cancelAll()
            }
            try Task.checkCancellation()
            if let failure = self.state.withLock({ $0.failure }) { throw failure }
        }
    }

    /// What was merged of all streams, those that broke off too, and what was wrong with which.
    ///
    /// To be called when all have ended.
    func finish(
        count: Int
    ) throws -> (merged: MergedSeries, damage: [Int: PackedSeriesError]) {
        change { merge in
            for number in 0..<count { merge.end(number) }
        }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            let merge = state.merge
            let merged = MergedSeries(
                pages: merge.merged,
                floatCount: merge.floatCount,
                histogramCount: merge.histogramCount
            )
            return (merged, merge.damage)
        }
    }

    private func add(_ piece: PackedSeries, from number: Int) throws {
        var refused: PackedSeriesError?
        change { merge in
            do throws(PackedSeriesError) {
                try merge.add(piece, from: number)
            } catch {
                refused = error
            }
        }
        if let refused { throw refused }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Changes the merge, merges what can be, and lets those go on that have room then.
    private func change(_ body: (inout SeriesMerge) -> Void) {
        let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            let before = state.merge.mergedCount
            body(&state.merge)
            state.merge.advance()
            charge(&state)
            if state.merge.mergedCount > before, let since = state.waitingSince {
                state.waited += elapsed() - since
                state.waitingSince = nil
            }
            var resumed: [CheckedContinuation<Void, Never>] = []
            for (number, continuation) in state.waiting
            where state.failure != nil || !state.merge.isFull(number) {
                state.waiting[number] = nil
                resumed.append(continuation)
            }
            if !state.waiting.isEmpty, state.waitingSince == nil {
                state.waitingSince = elapsed()
            }
            return resumed
        }
        for continuation in resumed { continuation.resume() }
    }

    private func charge(_ state: inout State) {
        let size = state.merge.size
        guard size > state.charged else {
            memory.release(state.charged - size)
            state.charged = size
            return
        }
        do throws(MemoryLimitExceeded) {
            try memory.charge(size - state.charged)
            state.charged = size
        } catch {
            state.failure = state.failure ?? error
        }
    }

    private func mustWait(_ number: Int) -> Bool {
        state.withLock { $0.failure == nil && $0.merge.isFull(number) }
    }

    /// Returns once others have come as far, or the task is cancelled.
    private func waitForRoom(_ number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    // Cancellation before this point finds nobody to resume.
                    guard state.failure == nil, state.merge.isFull(number), !Task.isCancelled else {
                        return false
                    }
                    state.waiting[number] = continuation
                    if state.waitingSince == nil { state.waitingSince = elapsed() }
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Goes on without the ingesters that are behind once all waits for such have taken too long.
    private func passLaggardsInTime() async {
        while !Task.isCancelled {
            let left = state.withLock { waitLeft($0) }
            if let left, left <= .zero { change { $0.passLaggards() } }
            try? await clock.sleep(for: max(left ?? Self.lookInterval, .milliseconds(1)))
        }
    }

    /// When it is looked again whether somebody waits, where nobody did yet.
    private static let lookInterval = Duration.milliseconds(10)

    /// How much longer is waited; nil where nobody waits.
    private func waitLeft(_ state: State) -> Duration? {
        guard let since = state.waitingSince else { return nil }
        let now = elapsed()
        let waited = state.waited + (now - since)
        return Self.allowance(after: now - waited) - waited
    }

    /// How long all waits may take together: as for an answer that is not needed, or half of the time that nobody waited.
    static func allowance(after duration: Duration) -> Duration {
        max(Gatherer.lastWait(after: duration), duration / 2)
    }
}

/// The series of all ingesters, each about once.
struct MergedSeries: Sendable {
    /// Each in order of fingerprints; of all items every one was checked.
    var pages: [PackedSeries] = []
    var floatCount = 0
    var histogramCount = 0
}
