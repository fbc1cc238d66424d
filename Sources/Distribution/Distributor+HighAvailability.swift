internal import ClusterInterface
internal import MetricsModel
internal import RemoteWrite

/// Elections among pairs of senders: the calls to the store, and what is played back after them.
extension Distributor {
    /// How often something is tried again because another election came in between.
    private static let maximumSettlements = 4
    /// Elections that are written to the store at once.
    private static let maximumConcurrentChanges = 8

    /// Stores or answers a request once the election of its cluster is through.
    func sendSettled(_ unsettled: UnsettledWrite) async throws(PushError) -> PushOutcome {
        for _ in 0..<Self.maximumSettlements {
            if let failure = await settle(unsettled.claim, at: unsettled.now) {
                metrics.count(failure)
                throw failure
            }
            let prepared = unsettled.body.withUnsafeBytes { body in
                Result { () throws(PushError) in
                    try prepare(
                        body,
                        version: unsettled.version,
                        tenant: unsettled.claim.cluster.tenant,
                        now: unsettled.now,
                        limits: unsettled.limits
                    )
                }
            }
            let write = try prepared.get()
            if case .unsettled = write.standing { continue }
            return try await send(write)
        }
        let failure = electionsFollowEachOther
        metrics.count(failure)
        throw failure
    }

    private var electionsFollowEachOther: PushError {
        .electionFailed(
            cause: "elections follow each other",
            retryAfterSeconds: settings.retryAfterSeconds
        )
    }

    /// Reads rows of the store: all of them, or what was written lately.
    ///
    /// - Parameter span: How far back; nil for all. Must be longer than the time since the last call that succeeded.
    public func readElections(changedWithin span: Duration?, at now: Int64) async throws {
        guard let tracker else { return }
        let rows = try await tracker.store.haElections(changedWithin: span)
        tracker.adopt(rows, areAll: span == nil, at: now)
        metrics.record(haClusters: tracker.clusterCount)
    }

    /// Writes what was heard and the store does not know for too long; ends at the first failure.
    public func writeElections(at now: Int64) async throws {
        guard let tracker else { return }
        metrics.record(haKeptBytes: tracker.pruneKept(at: now))
        let changes = tracker.dueChanges(at: now)
        for first in stride(from: 0, to: changes.count, by: Self.maximumConcurrentChanges) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for change in changes[first...].prefix(Self.maximumConcurrentChanges) {
                    group.addTask { try await self.write(change, tracker, at: now) }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Plays back what was kept of replicas that other distributors elected.
    public func replayElected() async {
        guard let tracker else { return }
        for cluster in tracker.beginReplays() {
            _ = await replayKept(of: cluster, tracker)
            tracker.endSettling(cluster)
        }
    }

    /// Deletes the rows of clusters that were silent for long.
    public func forgetSilentClusters() async throws {
        guard let tracker else { return }
        // A while after every distributor has forgotten them.
        let time = Duration.milliseconds(tracker.settings.forgetMilliseconds + 60_000)
        _ = try await tracker.store.removeHAElections(silentFor: time)
    }

    /// Elects a replica by hand; it need not have been heard.
    ///
    /// - Returns: Whether the cluster is known.
    /// - Throws: what the store throws; ``PushError`` where other elections came in between each time.
    public func elect(
        _ replica: String,
        of cluster: HAClusterID,
        at now: Int64
    ) async throws -> Bool {
        guard let tracker else { return false }
        for _ in 0..<Self.maximumSettlements {
            switch tracker.beginElecting(replica, of: cluster) {
            case nil: return false
            case .none?: return true
            case .wait?: await tracker.waitUntilSettled(cluster)
            case .settle(let change)?:
                defer { tracker.endSettling(cluster) }
                guard let change else { return true }
                guard try await write(change, tracker, at: now) else { continue }
                metrics.countElection(.manual)
                _ = await replayKept(of: cluster, tracker)
                return true
            }
        }
        throw electionsFollowEachOther
    }

    /// All clusters with an elected replica, for people who look.
    public var haClusters: [HAClusterStatus] { tracker?.clusters() ?? [] }

    /// Returns once the cluster's election is through, or has failed.
    private func settle(_ claim: HAClaim, at now: Int64) async -> PushError? {
        guard let tracker else { return nil }
        switch tracker.beginSettling(claim, at: now) {
        case .none: return nil
        case .wait:
            await tracker.waitUntilSettled(claim.cluster)
            return nil
        case .settle(let change):
            // Not structured: a sender that hangs up must not end an election half way.
            return await Task(executorPreference: executor) {
                await self.carryOut(change, of: claim.cluster, tracker, at: now)
            }
            .value
        }
    }

    private func carryOut(
        _ change: HAElectionChange?,
        of cluster: HAClusterID,
        _ tracker: HATracker,
        at now: Int64
    ) async -> PushError? {
        defer { tracker.endSettling(cluster) }
        if let change {
            do {
                if try await write(change, tracker, at: now) {
                    metrics.countElection(change.expectedVersion == nil ? .first : .failover)
                }
            } catch {
                return .electionFailed(
                    cause: "\(error)",
                    retryAfterSeconds: settings.retryAfterSeconds
                )
            }
        }
        return await replayKept(of: cluster, tracker)
    }

    @discardableResult
    private func write(
        _ change: HAElectionChange,
        _ tracker: HATracker,
        at now: Int64
    ) async throws -> Bool {
        let answer: HAElectionAnswer
        do {
            answer = try await tracker.store.compareAndSet(change)
        } catch {
            metrics.countElectionFailure()
            throw error
        }
        tracker.adopt(answer, to: change, at: now)
        return answer.isWritten
    }

    /// Plays back the elected replica's kept requests, in order.
    ///
    /// - Returns: Why it has to go on later; nil where nothing is left.
    private func replayKept(of cluster: HAClusterID, _ tracker: HATracker) async -> PushError? {
        while let (request, time) = tracker.nextReplay(of: cluster) {
            do throws(PushError) {
                try await replay(request, of: cluster, after: time)
            } catch {
                // What a later try may store stays; what can never be stored was counted by its reason.
                if error.retryAfterSeconds != nil { return error }
            }
            tracker.removeKept(request.number, of: cluster)
        }
        return nil
    }

    private func replay(
        _ request: KeptRequests.Request,
        of cluster: HAClusterID,
        after time: Int64
    ) async throws(PushError) {
        let prepared = request.body.withUnsafeBytes { body in
            Result { () throws(PushError) in
                try prepare(
                    body,
                    version: request.version,
                    tenant: cluster.tenant,
                    now: request.receivedAt,
                    limits: request.limits,
                    admission: .replay(after: time)
                )
            }
        }
        let write = try prepared.get()
        let outcome = try await replicate(write)
        if let claim = write.claim { tracker?.noteStored(claim) }
        metrics.count(replayed: outcome)
    }
}
