import ClusterInterface
import Ingestion
import MetricsModel
import Synchronization

/// An ingester with a log, a store and a clock that a test holds in its hands.
struct Fixture {
    /// The start of a window, so that tests can count from it.
    static let start: Int64 = 1_700_000_000_000 / 7_200_000 * 7_200_000
    static let window: Int64 = 7_200_000
    static let flushDelay: Int64 = 300_000

    let log: MemoryLog
    let store: MemoryBlockStore
    let clock = TestClock(start)
    let ingester: Ingester

    /// The settings of a fixture: those of the ingester, and limits of all its tenants.
    @dynamicMemberLookup
    struct Settings {
        var ingestion = IngestionSettings()
        /// Milliseconds.
        var lateWindow = TenantLimits().lateWindowMilliseconds
        var maximumExemplars = 0

        subscript<Value>(
            dynamicMember path: WritableKeyPath<IngestionSettings, Value>
        ) -> Value {
            get { ingestion[keyPath: path] }
            set { ingestion[keyPath: path] = newValue }
        }
    }

    /// - Parameters:
    ///   - limits: Instead of the defaults with the limits of the settings.
    ///   - life: What the ingester takes; nil leaves it as it was made.
    ///   - share: Which series it stores first, of those that replicas have too.
    init(
        log: MemoryLog = MemoryLog(),
        store: MemoryBlockStore = MemoryBlockStore(),
        limits: LimitsTable? = nil,
        life: MemberLife? = .active,
        share: FlushShare? = nil,
        change: (inout Settings) -> Void = { _ in }
    ) {
        self.log = log
        self.store = store
        var settings = Settings()
        settings.flushSpread = 0
        change(&settings)
        var defaults = TenantLimits()
        defaults.lateWindowMilliseconds = settings.lateWindow
        defaults.maxExemplars = settings.maximumExemplars
        ingester = Ingester(
            settings: settings.ingestion,
            limits: limits ?? LimitsTable(defaults: defaults),
            log: log,
            store: store,
            workers: InlineWorkers(),
            now: { [clock] in clock.now },
            flushShare: { share }
        )
        if let life { ingester.setLife(life) }
    }

    static func tenant(_ name: String) throws -> TenantID { try TenantID(name) }

    static func labels(_ number: Int) -> Labels {
        ["__name__": "requests_total", "pod": "pod-\(number)"]
    }
}

/// A wall clock that only a test moves.
final class TestClock: Sendable {
    private let time: Mutex<Int64>

    init(_ start: Int64) { time = Mutex(start) }

    var now: Int64 { time.withLock { $0 } }

    func set(_ now: Int64) { time.withLock { $0 = now } }

    func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

/// Counts what tasks have done.
final class Counter: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func increment() { state.withLock { $0 += 1 } }
}

/// Does the work where it is asked for.
struct InlineWorkers: WorkerPool {
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}

extension WriteBatch {
    /// One row of a batch in the making.
    struct Row {
        var labels: Labels
        var samples: [(Int64, Double)]
        var hasKey = true
        /// Instead of the key of the labels.
        var key: [UInt8]?
    }

    init(_ tenant: TenantID, _ rows: [Row]) {
        self.init(tenant: tenant)
        let seed = TenantSeed(tenant)
        for row in rows {
            fingerprints.append(Fingerprint(seed: seed, labels: row.labels))
            if row.hasKey { keys += row.key ?? row.labels.key }
            keyEnds.append(UInt32(keys.count))
            for (timestamp, value) in row.samples {
                timestamps.append(timestamp)
                values.append(value)
            }
            sampleEnds.append(UInt32(timestamps.count))
        }
    }

    /// One row with its key.
    init(_ tenant: TenantID, _ labels: Labels, _ samples: [(Int64, Double)]) {
        self.init(tenant, [Row(labels: labels, samples: samples)])
    }
}

/// Waits until other tasks have come so far, by letting them run; a test's time limit ends it.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
