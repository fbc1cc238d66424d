internal import ClusterInterface
internal import ClusterTransport
internal import CoreMetrics
internal import Distribution
internal import HashRing
internal import LocalFiles
internal import Logging
internal import MetricsModel
internal import PrometheusAPI
internal import Querying
internal import RemoteWrite
internal import ServiceLifecycle
internal import ServiceSupport

/// The parts that several roles have, made from the settings.
extension ServiceProcess {
    /// Windows that are over are looked for this often at least; short ones 24 times while they last.
    var flushInterval: Duration { min(.seconds(30), settings.ingester.blockDuration / 24) }

    /// Requests under way have this long to end.
    static let shutdownBound = Duration.seconds(30)
    /// An ingester also flushes all that it holds.
    static let ingesterShutdownBound = Duration.seconds(1200)

    static let pushLink = OperationsAPI.Link(
        "/api/v1/push",
        "remote write (POST)",
        isToLookAt: false
    )
    static let queryLink = OperationsAPI.Link(
        "/prometheus/api/v1/query?query=up",
        "PromQL; the data source URL of Grafana is /prometheus"
    )
    static let cardinalityLink = OperationsAPI.Link(
        "/prometheus/api/v1/status/tsdb",
        "how many series there are, and of what; more under /api/v1/cardinality"
    )
    static let flushLink = OperationsAPI.Link(
        "/ingester/flush",
        "stores everything in memory (POST)",
        isToLookAt: false
    )
    static let ringLink = OperationsAPI.Link("/ingester/ring", "the ring of ingesters")
    static let limitsLink = OperationsAPI.Link(
        "/api/v1/user_limits",
        "the limits of the tenant that asks"
    )
    static let discardedLink = OperationsAPI.Link(
        "/api/v1/discarded",
        "the last series of the tenant that asks of which something was refused"
    )
    static let compactorLink = OperationsAPI.Link(
        "/compactor/status",
        "merges of blocks: what runs, what waits, what failed"
    )
    static let haTrackerLink = OperationsAPI.Link(
        "/distributor/ha_tracker",
        "pairs of senders, and which of each is elected"
    )
    static let allLinks = [
        queryLink, cardinalityLink, limitsLink, discardedLink, ringLink, haTrackerLink,
        compactorLink, pushLink,
        flushLink,
    ]

    static var coreCount: Int { SystemCores.count }

    var distributorSettings: Distribution.DistributorSettings {
        var result = Distribution.DistributorSettings()
        result.replicationFactor = settings.ring.replicationFactor
        result.requestLimits.maximumBodySize = settings.distributor.maxDecodedSize.bytes
        result.maximumInFlightRequests = settings.distributor.maxInflightRequests
        return result
    }

    var haTrackerSettings: Distribution.HATrackerSettings {
        var result = Distribution.HATrackerSettings()
        let settings = settings.haTracker
        result.failoverTimeoutMilliseconds = settings.failoverTimeout.milliseconds
        result.sampleFailoverTimeoutMilliseconds = settings.sampleFailoverTimeout.milliseconds
        result.updateTimeoutMilliseconds = settings.updateTimeout.milliseconds
        result.updateJitterMilliseconds = settings.updateJitter.milliseconds
        result.jitterSeed = .random(in: .min ... .max)
        result.maximumKeptBytes = settings.maxKeptSize.bytes
        return result
    }

    /// A distributor that agrees with others about pairs of senders through the store, and what keeps it so.
    func distributor(
        _ store: Store,
        ring: any RingView
    ) -> (distributor: Distributor, tracking: HATrackerService) {
        let distributor = Distributor(
            settings: distributorSettings,
            ring: ring,
            tracker: HATracker(store: store.kind, settings: haTrackerSettings)
        )
        let tracking = HATrackerService(
            distributor: distributor,
            pollInterval: settings.haTracker.pollInterval,
            updateTimeout: settings.haTracker.updateTimeout,
            logger: logger
        )
        return (distributor, tracking)
    }

    var transport: TransportSettings {
        var result = TransportSettings()
        result.writeTimeout = settings.distributor.pushTimeout
        result.readTimeout = settings.querier.timeout
        result.security = security.transport
        return result
    }

    /// How long samples of each tenant are kept.
    var retention: Retention {
        Retention(now: WallClock.milliseconds) { [limits] in limits.retention(of: $0) }
    }

    /// - Parameter directory: The ingesters that may hold samples.
    func compaction(
        _ store: Store,
        _ directory: any IngesterDirectory
    ) -> CompactionService {
        CompactionService(
            settings,
            store: store,
            retention: retention,
            deletions: .parsing { [ring = store.kind] in
                try await directory.storeSamples(of: $0, on: ring)
            },
            logger: logger
        )
    }

    func ring(_ store: Store, _ pool: IngesterClientPool) -> (RingClients, RingWatch) {
        let clients = RingClients(
            pool: pool,
            store: store.kind,
            settings: settings.ring,
            shards: TenantShards(limits.table, settings: settings)
        )
        let states = RingMetrics()
        let protection = security.protection
        let watch = RingWatch(
            store: store.kind,
            settings: settings.ring,
            readiness: readiness,
            logger: logger
        ) { members in
            clients.update(members)
            states.record(members)
            if let protection { readiness.set(RPCSecurity.condition, protection(members)) }
        }
        readiness.set(RingWatch.condition, .notReady(reason: "the ring has not been read yet"))
        return (clients, watch)
    }

    func operations(_ title: String, _ links: [OperationsAPI.Link]) -> OperationsAPI {
        OperationsAPI(
            title: title,
            links: links,
            sources: telemetry.operations(configuration, limits: limits, readiness: readiness)
        )
    }

    func pushAPI(_ distributor: Distributor) -> PushAPI {
        PushAPI(
            distributor: distributor,
            authentication: authentication,
            limits: limits.table,
            maximumBodySize: settings.distributor.maxRequestSize.bytes,
            now: WallClock.milliseconds
        )
    }

    func queryAPI(
        _ directory: any IngesterDirectory,
        _ store: Store,
        _ workers: WorkerThreads,
        _ deletionCopy: DeletionCopy? = nil
    ) throws -> QueryAPI {
        var querying = QueryingSettings()
        querying.timeout = settings.querier.timeout.milliseconds
        querying.lookbackDelta = settings.querier.lookbackDelta.milliseconds
        querying.maximumSamples = settings.querier.maxSamples
        querying.maximumQueryMemory = settings.querier.maxQueryMemory
        querying.maximumMemory = settings.querier.maxMemory
        querying.cacheSize = settings.querier.cacheSize
        querying.maximumConcurrent = settings.querier.maxConcurrent
        querying.retention = retention
        return QueryAPI(
            querier: Querier(
                settings: querying,
                directory: directory,
                store: store.kind,
                nearby: try diskCache(),
                deletions: store.kind,
                deletionCopy: deletionCopy,
                workers: workers,
                evaluationWorkers: workers
            ),
            authentication: authentication,
            limits: limits.table,
            version: BuildInformation.version,
            workers: workers,
            now: WallClock.milliseconds
        )
    }

    /// What a tenant may see of its limits.
    var limitsAPI: LimitsAPI {
        LimitsAPI(authentication: authentication) { [limits] tenant, onlyOverrides in
            let overrides = limits.overrides
            return LimitsAPI.Shown(
                overrides.values(of: tenant.name, onlyOverrides: onlyOverrides).map {
                    LimitsAPI.Limit(
                        $0.name,
                        LimitsAPI.Limit.Value($0.value),
                        source: $0.source.rawValue
                    )
                },
                version: overrides.storedVersion(of: tenant.name)
            )
        }
    }

    /// What changes a tenant's limits while everything runs.
    func overridesAPI(_ store: Store, _ stored: StoredOverrides) -> OverridesAPI {
        OverridesAPI(
            authentication: authentication,
            editor: OverridesEditor(
                store: store.kind,
                overrides: { [limits] in limits.overrides },
                onWrite: { stored.take($0) }
            )
        )
    }

    /// What a tenant may see of what was refused.
    func discardsAPI(_ distributor: Distributor) -> DiscardsAPI {
        DiscardsAPI(distributor: distributor, authentication: authentication)
    }

    func catalogAPI(_ store: Store) -> CatalogAPI {
        CatalogAPI(
            catalog: store.kind,
            authentication: authentication,
            now: WallClock.milliseconds
        )
    }

    /// Bytes of blocks on the local disk; nil where none are to be kept.
    private func diskCache() throws -> BlockFileCache? {
        guard settings.querier.diskCacheSize > 0 else { return nil }
        return try BlockFileCache(
            directory: settings.data.directory + "/block-cache",
            limit: settings.querier.diskCacheSize
        )
    }

    /// - Parameter announcing: Whether the way to use the process is printed once it listens.
    func server(_ parts: HTTPServer.Parts, announcing: Bool = false) -> HTTPServer {
        let listen = settings.http.listen
        let log = logger
        return HTTPServer(parts: parts, host: listen.host, port: listen.port, logger: log) { port in
            log.info("listening", metadata: ["address": "\(listen.host):\(port)"])
            if announcing { Announcement.write(host: listen.host, port: port) }
        }
    }

    private var authentication: Authentication {
        switch settings.auth.mode {
        case .none: .none(.anonymous)
        case .header: .header
        }
    }
}
