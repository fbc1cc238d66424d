internal import ClusterInterface

/// Whose samples are taken for one cluster of senders, as one distributor knows it; decides, and does nothing.
///
/// One replica is elected at a time. Another one takes its place only when both hold:
///
/// - *Silence*: the elected one was not received from for longer than the failover timeout.
/// - *Sample time*: the other one's newest sample is newer than the elected one's newest by more than the sample
///   failover timeout.
///
/// Silence alone would elect a replica that lags behind: its samples would go back behind those that are stored, and
/// where two servers scraped the same counter at nearly the same time, the one that is stored second may have the
/// smaller value, which every rate takes for a reset. It would also elect whenever this machine's clock leaps, or a
/// sender pauses and then sends what it has kept. Sample times cannot pass the time at which they were received: a
/// sample of the future must not keep its replica elected.
///
/// The election is made by the store, which lets one writer win that has seen the newest version; this value says what
/// to write, and takes over what was written. What was heard of the elected replica is written once the store's
/// knowledge is older than the update timeout, so that the others see a living replica before the failover timeout is
/// over. Times are milliseconds by the clock of the caller, which may leap; ages in rows are by the store's clock.
struct HAElection: Sendable, Equatable {
    /// What becomes of a request.
    enum Decision: Sendable, Equatable {
        /// It is the elected replica's; its samples up to a time are not taken, nil takes all.
        case accept(after: Int64?)
        /// It is of another replica.
        case deduplicate
        /// Its replica is to be elected; see ``change(electing:)``.
        case elect
    }

    /// The replica whose samples are taken.
    struct Elected: Sendable, Equatable {
        var replica: String
        /// Of the store's row; 0 where the store has lost it.
        var version: Int64
        /// Samples up to this time were taken from the replica before; `Int64.min` where there was none.
        var startTime: Int64
        /// Of those that are stored, no matter of which replica; `Int64.min` where there is none.
        var newestSample: Int64
        var receivedAt: Int64
        var electedAt: Int64
        /// What the store knows of ``receivedAt``.
        var storedReceivedAt: Int64
        /// What the store knows of ``newestSample``.
        var storedNewestSample: Int64
    }

    /// One of the replicas that requests came from.
    struct Seen: Sendable, Equatable {
        var replica: String
        var receivedAt: Int64
    }

    /// Replicas that are remembered for people who look.
    static let maximumSeen = 16

    let tenantCluster: HAClusterID
    private(set) var elected: Elected?
    /// The last to be heard comes last.
    private(set) var seen: [Seen] = []

    init(_ cluster: HAClusterID) { tenantCluster = cluster }

    /// Takes note of a request, and decides about it.
    ///
    /// - Parameter newestSample: nil where it has no samples.
    mutating func receive(
        from replica: String,
        newestSample: Int64?,
        at now: Int64,
        by settings: HATrackerSettings
    ) -> Decision {
        note(replica, at: now)
        followClock(to: now, by: settings)
        let decision = decision(for: replica, newestSample: newestSample, at: now, by: settings)
        if case .accept = decision, let current = elected {
            elected?.receivedAt = max(current.receivedAt, now)
        }
        return decision
    }

    /// Takes note that samples of a replica are stored.
    ///
    /// Only now: what was received and could not be stored must come from the other replica, if this one goes away.
    mutating func noteStored(from replica: String, newestSample: Int64) {
        guard let current = elected, current.replica == replica else { return }
        elected?.newestSample = max(current.newestSample, newestSample)
    }

    /// What ``receive(from:newestSample:at:by:)`` would answer.
    func decision(
        for replica: String,
        newestSample: Int64?,
        at now: Int64,
        by settings: HATrackerSettings
    ) -> Decision {
        guard let elected else { return .elect }
        if elected.replica == replica {
            return .accept(after: elected.startTime == .min ? nil : elected.startTime)
        }
        guard let newestSample,
            Self.isMore(
                now,
                than: elected.receivedAt,
                by: settings.failoverTimeoutMilliseconds
            ),
            settings.sampleFailoverTimeoutMilliseconds == 0
                || Self.isMore(
                    min(newestSample, now),
                    than: elected.newestSample,
                    by: settings.sampleFailoverTimeoutMilliseconds
                )
        else { return .deduplicate }
        return .elect
    }

    /// What is to be written to elect a replica.
    func change(electing replica: String) -> HAElectionChange {
        HAElectionChange(
            tenant: tenantCluster.tenant,
            cluster: tenantCluster.cluster,
            replica: replica,
            startTime: elected?.newestSample ?? .min,
            newestSample: elected?.newestSample ?? .min,
            receivedAge: 0,
            expectedVersion: expectedVersion
        )
    }

    /// What is to be written because the elected replica was heard, and the store does not know for too long.
    func refresh(
        at now: Int64,
        jitter: Int64,
        by settings: HATrackerSettings
    ) -> HAElectionChange? {
        // Ages lose a little on their way; what they lose is nothing that was heard.
        guard let elected,
            elected.newestSample > elected.storedNewestSample
                || Self.isMore(
                    elected.receivedAt,
                    than: elected.storedReceivedAt,
                    by: settings.updateTimeoutMilliseconds / 5
                ),
            Self.isMore(
                now,
                than: elected.storedReceivedAt,
                by: settings.updateTimeoutMilliseconds + jitter
            )
        else { return nil }
        return HAElectionChange(
            tenant: tenantCluster.tenant,
            cluster: tenantCluster.cluster,
            replica: elected.replica,
            startTime: elected.startTime,
            newestSample: elected.newestSample,
            receivedAge: Self.age(of: elected.receivedAt, at: now),
            expectedVersion: expectedVersion
        )
    }

    /// Takes over what the store holds, unless something newer is known.
    ///
    /// - Parameter expected: The version that a change was to replace, where the row is the answer to it. A store that
    ///   holds an older one has gone back, as after a restore; what it holds counts.
    /// - Returns: Whether another replica is elected now.
    mutating func adopt(
        _ row: HAElectionRow,
        insteadOf expected: Int64? = nil,
        at now: Int64
    ) -> Bool {
        guard row.version > elected?.version ?? .min || row.version < expected ?? .min else {
            return false
        }
        let receivedAt = Self.time(row.receivedAge, before: now)
        var new = Elected(
            replica: row.replica,
            version: row.version,
            startTime: row.startTime,
            newestSample: row.newestSample,
            receivedAt: receivedAt,
            electedAt: Self.time(row.electedAge, before: now),
            storedReceivedAt: receivedAt,
            storedNewestSample: row.newestSample
        )
        guard let old = elected else {
            elected = new
            return true
        }
        if old.replica == row.replica {
            new.receivedAt = max(new.receivedAt, old.receivedAt)
            new.newestSample = max(new.newestSample, old.newestSample)
            new.startTime = max(new.startTime, old.startTime)
        } else {
            // What this distributor took of the old one last, the one that wrote the row may not know.
            new.startTime = max(new.startTime, old.newestSample)
        }
        elected = new
        return old.replica != row.replica
    }

    /// The store has no row any more: what is known is written again once the replica is heard.
    mutating func forgetRow() {
        elected?.version = 0
        elected?.storedReceivedAt = .min
        elected?.storedNewestSample = .min
    }

    /// Whether nobody was heard for longer than a time.
    func isSilent(for time: Int64, at now: Int64) -> Bool {
        let last = max(elected?.receivedAt ?? .min, seen.last?.receivedAt ?? .min)
        return Self.isMore(now, than: last, by: time)
    }

    private var expectedVersion: Int64? {
        guard let elected, elected.version > 0 else { return nil }
        return elected.version
    }

    /// After the clock went back, times that are still to come would keep a silent replica elected.
    ///
    /// Requests that are decided at the same time may differ by a little.
    private mutating func followClock(to now: Int64, by settings: HATrackerSettings) {
        guard let current = elected,
            Self.isMore(current.receivedAt, than: now, by: settings.failoverTimeoutMilliseconds)
        else { return }
        elected?.receivedAt = now
        elected?.newestSample = min(current.newestSample, now)
        elected?.storedReceivedAt = min(current.storedReceivedAt, now)
        elected?.electedAt = min(current.electedAt, now)
    }

    private mutating func note(_ replica: String, at now: Int64) {
        if let index = seen.firstIndex(where: { $0.replica == replica }) {
            seen.remove(at: index)
        } else if seen.count == Self.maximumSeen {
            seen.removeFirst()
        }
        seen.append(Seen(replica: replica, receivedAt: now))
    }

    /// Whether `later - earlier > distance`, whatever the numbers are.
    private static func isMore(_ later: Int64, than earlier: Int64, by distance: Int64) -> Bool {
        let (difference, overflow) = later.subtractingReportingOverflow(earlier)
        return overflow ? later > earlier : difference > distance
    }

    private static func age(of time: Int64, at now: Int64) -> Int64 {
        let (age, overflow) = now.subtractingReportingOverflow(time)
        return overflow ? (time < now ? .max : 0) : max(0, age)
    }

    private static func time(_ age: Int64, before now: Int64) -> Int64 {
        let (time, overflow) = now.subtractingReportingOverflow(max(0, age))
        return overflow ? .min : time
    }
}
