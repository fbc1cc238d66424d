/// One instance's life on the ring: it registers, replays its log, serves, flushes and leaves.
///
/// A shell feeds it events and does what it orders. Replay and registration run side by side: an instance reads its
/// own log and then answers reads even while the store is away, and takes writes once it is registered.
/// Invariant: after ``Phase/stopped`` nothing is ordered any more.
public struct RingMembership: Sendable {
    /// How often the instance tells the store that it lives.
    public struct Timing: Sendable, Equatable {
        public var heartbeatMilliseconds: Int64 = 5_000
        /// The wait before the store is asked again after a failure.
        public var retryMilliseconds: Int64 = 1_000

        public init() {}
    }

    /// Where in its life the instance is.
    public enum Phase: Sendable, Equatable {
        /// Not started.
        case idle
        /// Waits for its registration, its replay or both.
        case starting
        /// Stores what it came with before queriers may ask it, since of that some was deleted while it was away.
        case restoring
        case serving
        /// Flushes what only it has.
        case flushing
        /// All is flushed; its row goes.
        case unregistering
        case stopped
    }

    /// What has happened.
    public enum Event: Sendable, Equatable {
        case started
        /// The store has the row; `others` are the rows of all members, this one included or not.
        case registered(RingMember, others: [RingMember])
        case logReplayed
        case heartbeatStored
        /// The store did not take the last registration, heartbeat or removal; it may later.
        case storeFailed
        /// Another process has taken the identity.
        case fenced
        /// The row is gone: others took this instance for dead.
        case forgotten
        /// Time has passed; to be sent about once a second.
        case ticked
        /// An operator, or a full disk, wants no more writes, or wants them again.
        case readOnlyRequested(Bool)
        case stopRequested
        /// Everything that was in memory when it was ordered is in blocks.
        case flushed
        case unregistered
    }

    /// What the shell has to do.
    public enum Effect: Sendable, Equatable {
        case register(RingMember)
        case heartbeat(RingMember)
        case unregister(RingMember)
        case replayLog
        /// Which requests to answer from now on.
        case serve(reads: Bool, writes: Bool)
        case flushEverything
        /// What blocks have to say of themselves that are stored from now on; nil where the store knows it.
        case setDeletionsSeen(Int64?)
        /// End the process; nothing else will be ordered.
        case stop(StopReason)
    }

    /// Why the life ended.
    public enum StopReason: Sendable, Equatable {
        case left
        /// Another process has the identity; this one must not write any more.
        case fenced
    }

    public private(set) var phase = Phase.idle
    /// The row as it should be in the store.
    public private(set) var member: RingMember
    private let timing: Timing
    private let tokenCount: Int
    private var generator: SplitMix64
    private var isRegistered = false
    private var isReplayed = false
    private var wantsReadOnly = false
    private var wantsStop = false
    /// When the store is asked next; nil while an answer is awaited.
    private var nextCall: Int64?

    /// - Parameter tokenSeed: Decides between equally good tokens; any number, another one for each instance.
    public init(
        member: RingMember,
        tokenCount: Int = TokenChoice.defaultCount,
        timing: Timing = Timing(),
        tokenSeed: UInt64
    ) {
        self.member = member
        self.member.state = .pending
        self.tokenCount = tokenCount
        self.timing = timing
        generator = SplitMix64(seed: tokenSeed)
    }

    /// - Parameter now: Milliseconds of any clock that does not go back.
    public mutating func handle(_ event: Event, at now: Int64) -> [Effect] {
        switch (phase, event) {
        case (.stopped, _):
            return []
        case (.idle, .started):
            phase = .starting
            return [.replayLog, .register(member)]
        case (.idle, _):
            preconditionFailure("\(event) before the start")
        case (_, .started):
            preconditionFailure("started again while \(phase)")
        case (_, .fenced):
            phase = .stopped
            return [.serve(reads: false, writes: false), .stop(.fenced)]
        case (_, .forgotten):
            return forgotten()
        case (_, .registered(let row, let others)):
            return registered(row, others: others)
        case (.starting, .logReplayed):
            isReplayed = true
            let ready = serveIfReady()
            return ready.isEmpty ? [.serve(reads: true, writes: false)] : ready
        case (_, .logReplayed):
            preconditionFailure("log replayed while \(phase)")
        case (_, .heartbeatStored):
            nextCall = now + timing.heartbeatMilliseconds
            return []
        case (_, .storeFailed):
            nextCall = now + timing.retryMilliseconds
            return []
        case (_, .ticked):
            return callIfDue(at: now)
        case (_, .readOnlyRequested(let wanted)):
            return readOnlyRequested(wanted)
        case (.restoring, .stopRequested):
            wantsStop = true
            return [.serve(reads: true, writes: false)]
        case (.starting, .stopRequested), (.serving, .stopRequested):
            return stopRequested()
        case (_, .stopRequested):
            // Asked again while it leaves.
            return []
        case (.restoring, .flushed):
            return restored()
        case (.flushing, .flushed):
            return flushed()
        case (_, .flushed):
            preconditionFailure("flushed while \(phase)")
        case (.unregistering, .unregistered):
            phase = .stopped
            return [.stop(.left)]
        case (_, .unregistered):
            preconditionFailure("unregistered while \(phase)")
        }
    }

    /// Registers again, under the tokens it had; one that leaves anyway is gone already.
    private mutating func forgotten() -> [Effect] {
        nextCall = nil
        guard phase != .unregistering else {
            phase = .stopped
            return [.stop(.left)]
        }
        isRegistered = false
        return [.register(member)]
    }

    private mutating func registered(_ row: RingMember, others: [RingMember]) -> [Effect] {
        guard !isRegistered else { preconditionFailure("registered twice, \(phase)") }
        isRegistered = true
        member.epoch = row.epoch
        member.tokens =
            row.tokens.isEmpty
            ? TokenChoice.tokens(
                joining: member.zone,
                members: others.filter { $0.instance != member.instance },
                count: tokenCount,
                using: &generator
            )
            : row.tokens
        var effects: [Effect] = []
        if let seen = row.deletionsSeen, member.deletionsSeen == nil {
            member.deletionsSeen = seen
            effects.append(.setDeletionsSeen(seen))
            if phase == .serving { return effects + restore() }
        }
        guard phase == .starting else {
            // Asked to stop in the meantime, or was forgotten.
            return effects + (phase == .unregistering ? unregister() : beat())
        }
        member.state = .joining
        let ready = serveIfReady()
        return effects + (ready.isEmpty ? [.serve(reads: false, writes: true)] + beat() : ready)
    }

    /// Becomes active once it is registered and has replayed its log.
    private mutating func serveIfReady() -> [Effect] {
        guard isRegistered, isReplayed else { return [] }
        guard member.deletionsSeen == nil else { return restore() }
        phase = .serving
        member.state = wantsReadOnly ? .readOnly : .active
        return [.serve(reads: true, writes: member.state.takesWrites)] + beat()
    }

    /// Its state keeps queriers from asking; what is written meanwhile is stored as if it had been there before.
    private mutating func restore() -> [Effect] {
        phase = .restoring
        member.state = .joining
        return [.serve(reads: true, writes: !wantsReadOnly)] + beat() + [.flushEverything]
    }

    private mutating func restored() -> [Effect] {
        member.deletionsSeen = nil
        phase = .serving
        member.state = wantsReadOnly ? .readOnly : .active
        let settled = [Effect.setDeletionsSeen(nil)]
        guard !wantsStop else { return settled + stopRequested() }
        // Without a row it says so when it has registered again.
        return settled + [.serve(reads: true, writes: member.state.takesWrites)]
            + (isRegistered ? beat() : [])
    }

    private mutating func readOnlyRequested(_ wanted: Bool) -> [Effect] {
        guard wanted != wantsReadOnly else { return [] }
        wantsReadOnly = wanted
        if phase == .restoring { return [.serve(reads: true, writes: !wanted && !wantsStop)] }
        guard phase == .serving else { return [] }
        member.state = wanted ? .readOnly : .active
        return [.serve(reads: true, writes: member.state.takesWrites)] + beat()
    }

    private mutating func stopRequested() -> [Effect] {
        member.state = .leaving
        // What a half replayed log holds stays in the log for the next start.
        guard isReplayed else {
            phase = .stopped
            return [.serve(reads: false, writes: false), .stop(.left)]
        }
        phase = .flushing
        let announcement = isRegistered ? beat() : []
        return [.serve(reads: true, writes: false)] + announcement + [.flushEverything]
    }

    private mutating func flushed() -> [Effect] {
        phase = .unregistering
        guard isRegistered else { return [] }
        return unregister()
    }

    private mutating func unregister() -> [Effect] {
        nextCall = nil
        return [.unregister(member)]
    }

    private mutating func beat() -> [Effect] {
        nextCall = nil
        return [.heartbeat(member)]
    }

    private mutating func callIfDue(at now: Int64) -> [Effect] {
        guard let due = nextCall, now >= due else { return [] }
        nextCall = nil
        guard isRegistered else { return [.register(member)] }
        return phase == .unregistering ? unregister() : beat()
    }
}
