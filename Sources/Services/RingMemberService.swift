internal import ClusterInterface
internal import HashRing
internal import Ingestion
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport

/// Lives one ingester's life on the ring: obeys ``RingMembership``.
struct RingMemberService: Service {
    let membership: RingMembership
    let store: any RingStore
    let ingester: Ingester
    let control: MemberControl
    /// Reads out the log; called once.
    let replay: @Sendable () async throws -> Void
    let readiness: Readiness
    let logger: Logger

    static let condition = "ingester"

    func run() async throws {
        let (events, feed) = AsyncStream.makeStream(of: RingMembership.Event.self)
        let (storeCalls, storeFeed) = AsyncStream.makeStream(of: RingMembership.Effect.self)
        var membership = membership
        defer { control.noteEnd(hasLeft: false) }
        // Discarding: a heartbeat that is over must leave nothing behind for the life of the process.
        try await withThrowingDiscardingTaskGroup { group in
            defer {
                storeFeed.finish()
                group.cancelAll()
            }
            // One after the other: a late heartbeat must not meet a row that is gone.
            group.addTask {
                for await call in storeCalls { await act(call, feed) }
            }
            group.addTask {
                try? await gracefulShutdown()
                feed.yield(.stopRequested)
            }
            group.addTask {
                while (try? await Task.sleep(for: .milliseconds(250))) != nil {
                    // Told each time; what has not changed is no event.
                    feed.yield(
                        .readOnlyRequested(ingester.logFailure != nil || control.wantsReadOnly)
                    )
                    // Not in the middle of the replay: what the log has must be stored before it leaves.
                    if control.wantsStop, ingester.life.takesReads { feed.yield(.stopRequested) }
                    feed.yield(.ticked)
                }
            }
            feed.yield(.started)
            for await event in events {
                for effect in membership.handle(event, at: Self.now()) {
                    switch effect {
                    case .serve(let reads, let writes):
                        // At once and in order: a flush that is ordered after it must find writes refused.
                        serve(reads: reads, writes: writes)
                    case .setDeletionsSeen(let number):
                        setDeletionsSeen(number)
                    case .stop(let reason):
                        return try await end(reason)
                    case .register, .heartbeat, .unregister:
                        storeFeed.yield(effect)
                    case .replayLog, .flushEverything:
                        group.addTask { await act(effect, feed) }
                    }
                }
            }
        }
    }

    /// Does what takes time of what the state machine ordered, and tells it the outcome.
    private func act(
        _ effect: RingMembership.Effect,
        _ feed: AsyncStream<RingMembership.Event>.Continuation
    ) async {
        switch effect {
        case .replayLog:
            do {
                try await replay()
                feed.yield(.logReplayed)
            } catch is CancellationError {
                // Asked to stop: the rest stays in the log for the next start.
            } catch {
                readiness.set(Self.condition, .notReady(reason: "the log cannot be read: \(error)"))
                logger.error("log cannot be read", metadata: ["error": "\(error)"])
            }
        case .register(let member):
            await ask(feed, member) {
                .registered(try await store.register(member), others: try await store.members())
            }
        case .heartbeat(let member):
            var member = member
            member.unstoredAge = ingester.unstoredAge
            await ask(feed, member) { [member] in
                try await store.heartbeat(member)
                return .heartbeatStored
            }
        case .unregister(let member):
            await ask(feed, member) {
                try await store.unregister(member)
                return .unregistered
            }
        case .flushEverything:
            await flushEverything()
            feed.yield(.flushed)
        case .serve, .setDeletionsSeen, .stop:
            preconditionFailure("\(effect) is done in the order of events")
        }
    }

    private func ask(
        _ feed: AsyncStream<RingMembership.Event>.Continuation,
        _ member: RingMember,
        _ call: () async throws -> RingMembership.Event
    ) async {
        do {
            feed.yield(try await call())
        } catch StoreError.fenced(_, let epoch) where epoch < member.epoch {
            // Nobody took the identity: the store has forgotten that we did, as after a restore of an older copy.
            logger.warning(
                "the store knows an older epoch of this ingester; it registers again",
                metadata: ["epoch": "\(epoch)", "own": "\(member.epoch)"]
            )
            feed.yield(.forgotten)
        } catch StoreError.fenced(let instance, let epoch) {
            logger.error(
                "another process has taken the identity",
                metadata: ["instance": "\(instance)", "epoch": "\(epoch)"]
            )
            feed.yield(.fenced)
        } catch StoreError.missing {
            logger.warning("this ingester is not on the ring any more; it registers again")
            feed.yield(.forgotten)
        } catch {
            logger.warning("ring cannot be written", metadata: ["error": "\(error)"])
            feed.yield(.storeFailed)
        }
    }

    private func serve(reads: Bool, writes: Bool) {
        let life: MemberLife =
            switch (reads, writes) {
            case (true, true): .active
            case (true, false): .readOnly
            case (false, true): .replaying
            case (false, false): .starting
            }
        ingester.setLife(life)
        readiness.set(Self.condition, life == .active ? .ready : .notReady(reason: life.name))
    }

    private func setDeletionsSeen(_ number: Int64?) {
        ingester.setDeletionsSeen(number)
        guard number != nil else {
            return logger.info("what this ingester came with is stored; queries ask it from now on")
        }
        logger.warning(
            "samples were deleted while this ingester was away: queries ask it once what it has is stored without them"
        )
    }

    /// Tries until all is stored; the bound on the shutdown ends it, and then the log keeps the rest.
    private func flushEverything() async {
        while !Task.isCancelled {
            let report = await ingester.flushAll()
            if report.failures.isEmpty { return }
            logger.warning(
                "not everything is flushed, trying again",
                metadata: ["tenants": "\(report.failures.count)"]
            )
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func end(_ reason: RingMembership.StopReason) async throws {
        if reason == .fenced { throw FencedError() }
        guard control.wantsStop, ingester.life.takesReads else { return }
        // Whoever asked for it ends the process, or takes it away: one that ended itself would be started again.
        control.noteEnd(hasLeft: true)
        readiness.set(Self.condition, .notReady(reason: "left the ring; to be ended"))
        logger.info("left the ring: everything is stored; waiting to be ended")
        try? await gracefulShutdown()
    }

    /// Milliseconds of a clock that does not go back.
    private static func now() -> Int64 {
        (ContinuousClock.now - Self.origin).milliseconds
    }

    private static let origin = ContinuousClock.now
}

/// Another process has this ingester's identity; this one must end.
struct FencedError: Error, CustomStringConvertible {
    var description: String {
        "another process has taken this ingester's identity (ring.instanceID); this one stops"
    }
}
