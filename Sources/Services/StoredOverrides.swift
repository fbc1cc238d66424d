internal import ClusterInterface
internal import CoreMetrics
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Keeps the limits that the store has of single tenants in force: asks again and again what has changed.
///
/// While the store is away the last good copy stays.
final class StoredOverrides: Service {
    private struct State {
        /// Newest row that was read.
        var version: Int64 = 0
        /// Those that were answered.
        var polls = 0
        var isAway = false
    }

    private let store: any OverridesStore
    private let limits: LimitsInForce
    private let interval: Duration
    private let logger: Logger
    private let state = Mutex(State())
    private let metrics = Metrics()

    /// Every so many polls all rows are read instead of those that changed: a store that was put back to an earlier time
    /// has versions that were seen before.
    private static let pollsForAll = 60
    /// Rows of one statement.
    private static let pageSize = 1000
    /// A store that did not answer is asked again after this, if that is sooner than the usual.
    private static let retryInterval = Duration.seconds(2)

    /// - Parameter interval: Longest time between two polls.
    init(
        store: any OverridesStore,
        limits: LimitsInForce,
        interval: Duration,
        logger: Logger
    ) {
        self.store = store
        self.limits = limits
        self.interval = interval
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            // The first poll was made when the store became ready.
            while (try? await Task.sleep(for: pause)) != nil { await poll() }
        }
    }

    /// Reads once what has changed; what goes wrong is logged.
    func poll() async {
        do {
            try await load()
            let wasAway = state.withLock { state in
                defer { state.isAway = false }
                return state.isAway
            }
            if wasAway { logger.info("limits of tenants can be read from the store again") }
        } catch is CancellationError {
            return
        } catch {
            metrics.failures.increment()
            let wasAway = state.withLock { state in
                defer { state.isAway = true }
                return state.isAway
            }
            guard !wasAway else { return }
            logger.warning(
                "limits of tenants cannot be read from the store, those known stay in force",
                metadata: ["error": "\(error)"]
            )
        }
    }

    /// Reads once what has changed.
    ///
    /// - Throws: Why not; all is then as before.
    func load() async throws {
        let (known, isWhole) = state.withLock { ($0.version, $0.polls % Self.pollsForAll == 0) }
        let rows = try await read(after: isWhole ? 0 : known)
        let refused = limits.apply(stored: rows, replacingThrough: isWhole ? known : nil)
        let newest = rows.last?.version ?? (isWhole ? 0 : known)
        state.withLock { state in
            state.version = newest
            state.polls += 1
        }
        metrics.noteRead(of: newest, refusedTenants: limits.refusedTenants)
        note(refused)
    }

    /// Puts a row that this process has written in force at once.
    func take(_ row: TenantOverridesRow) {
        note(limits.apply(stored: [row], replacingThrough: nil))
    }

    /// - Returns: By version.
    private func read(after version: Int64) async throws -> [TenantOverridesRow] {
        var rows: [TenantOverridesRow] = []
        while true {
            let page = try await store.tenantOverrides(
                changedAfter: rows.last?.version ?? version,
                limit: Self.pageSize
            )
            rows += page
            if page.count < Self.pageSize { return rows }
        }
    }

    private func note(_ refused: [LimitsInForce.Refused]) {
        for row in refused {
            logger.warning(
                "stored limits are not understood and left out",
                metadata: [
                    "tenant": "\(row.tenant)", "version": "\(row.version)",
                    "errors": "\(row.reasons.prefix(10).joined(separator: "; "))",
                ]
            )
        }
    }

    /// Spreads the polls of processes that started together, and is never longer than what was promised.
    private var pause: Duration {
        let isAway = state.withLock { $0.isAway }
        let longest = isAway ? min(interval, Self.retryInterval) : interval
        return longest * Double.random(in: 0.7...0.95)
    }
}

extension StoredOverrides {
    /// What operators see of it.
    private struct Metrics {
        /// `engram_overrides_store_version`: newest version that is in force; the same in all processes once a change is.
        let version = Gauge(label: "engram_overrides_store_version")
        /// `engram_overrides_store_last_read_timestamp_seconds`.
        let lastRead = Gauge(label: "engram_overrides_store_last_read_timestamp_seconds")
        /// `engram_overrides_store_failures_total`: reads that failed.
        let failures = Counter(label: "engram_overrides_store_failures_total")
        /// `engram_overrides_store_refused_tenants`: tenants with limits that are not understood.
        let refusedTenants = Gauge(label: "engram_overrides_store_refused_tenants")

        func noteRead(of newest: Int64, refusedTenants count: Int) {
            version.record(newest)
            lastRead.record(Double(WallClock.milliseconds()) / 1000)
            refusedTenants.record(count)
        }
    }
}
