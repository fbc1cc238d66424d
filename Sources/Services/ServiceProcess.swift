internal import ClusterInterface
internal import ClusterTransport
internal import Compaction
internal import CoreMetrics
internal import Distribution
internal import HashRing
internal import Ingestion
internal import Logging
internal import MetricsModel
internal import PrometheusAPI
internal import Querying
internal import RemoteWrite
internal import ServiceLifecycle
internal import ServiceSupport

/// One process: the services of its role, wired as the configuration says.
struct ServiceProcess {
    let configuration: LoadedConfiguration
    let telemetry: Telemetry
    let security: RPCSecurity
    let readiness = Readiness()
    let limits: LimitsInForce

    var settings: ServiceSettings { configuration.settings }
    var logger: Logger { telemetry.logger }

    init(configuration: LoadedConfiguration, telemetry: Telemetry, security: RPCSecurity) {
        self.configuration = configuration
        self.telemetry = telemetry
        self.security = security
        limits = LimitsInForce(configuration.overrides)
    }

    /// Runs until a signal or a failure.
    func run() async throws -> ExitCode {
        logger.info("starting", metadata: ["version": "\(BuildInformation.version)"])
        try DataDirectory.create(settings, for: configuration.executable)
        let store = try Store(settings.store, isAlone: configuration.executable == .engram)
        var services: [any Service] = []
        if !settings.overrides.file.isEmpty { services.append(overridesWatch()) }
        let stored = StoredOverrides(
            store: store.kind,
            limits: limits,
            interval: settings.overrides.reloadInterval,
            logger: logger
        )
        if let watch = security.watch { services.append(watch) }
        if case .sqlite = settings.store.url {
            try await store.prepare(migrating: settings.store.migrateAtStart, logger: logger)
            await stored.poll()
        } else {
            // A database may be away for long: the process answers probes and signals meanwhile.
            readiness.set(StoreService.condition, .notReady(reason: "waiting for the store"))
            services.append(storeService(store) { await stored.poll() })
        }
        services.append(stored)
        let code: ExitCode
        switch configuration.executable {
        case .engram: code = try await runSingle(store, stored, services)
        case .distributor: code = await runDistributor(store, services)
        case .ingester: code = try await runIngester(store, services)
        case .querier: code = try await runQuerier(store, stored, services)
        }
        await store.close()
        return code
    }

    private func runSingle(
        _ store: Store,
        _ stored: StoredOverrides,
        _ first: [any Service]
    ) async throws -> ExitCode {
        let workers = WorkerThreads(count: Self.coreCount)
        let node = try ingesterNode(store, workers) { nil }
        let local = LocalIngester(node.ingester, instance: settings.ring.instanceID)
        let (distributor, tracking) = distributor(store, ring: local)
        node.ingester.setLife(.replaying)
        readiness.set(RingMemberService.condition, .notReady(reason: node.ingester.life.name))

        var parts = HTTPServer.Parts(operations: operations("Engram", Self.allLinks))
        parts.push = pushAPI(distributor)
        parts.discards = discardsAPI(distributor)
        parts.haTracker = HATrackerAPI(distributor: distributor, now: WallClock.milliseconds)
        parts.limits = limitsAPI
        parts.overrides = overridesAPI(store, stored)
        let query = try queryAPI(local, store, workers)
        parts.query = query
        parts.deletions = DeletionAPI(query, store: store.kind)
        parts.catalog = catalogAPI(store)
        parts.ingester = IngesterAPI(ingester: node.ingester, control: nil)
        parts.ring = RingAPI { [local.member] }
        let compaction = compaction(store, local)
        parts.compactor = CompactorAPI { compaction.compactor.status }
        RingMetrics().record([local.member])
        var services = first + [compaction, tracking]
        services.append(
            FlushService(
                ingester: node.ingester,
                interval: flushInterval,
                logger: logger
            )
        )
        services.append(node.watch())
        if settings.telemetry.selfMonitoringInterval > .zero {
            services.append(
                SelfMonitoring(
                    distributor: distributor,
                    limits: limits.table,
                    registry: telemetry.registry,
                    tenant: try TenantID(settings.telemetry.selfMonitoringTenant),
                    instance: settings.http.listen.description,
                    interval: settings.telemetry.selfMonitoringInterval,
                    logger: logger
                )
            )
        }
        services.append(server(parts, announcing: true))
        services.append(ReplayService(node: node, readiness: readiness))
        let code = await ServiceRunner.run(
            services,
            logger: logger,
            shutdownBound: Self.shutdownBound
        )
        node.close()
        return code
    }

    private func runDistributor(_ store: Store, _ first: [any Service]) async -> ExitCode {
        let pool = IngesterClientPool(settings: transport, logger: logger)
        let (clients, watch) = ring(store, pool)
        let (distributor, tracking) = distributor(store, ring: clients)
        var parts = HTTPServer.Parts(
            operations: operations(
                "Engram distributor",
                [
                    Self.pushLink, Self.limitsLink, Self.discardedLink, Self.ringLink,
                    Self.haTrackerLink,
                ]
            )
        )
        parts.push = pushAPI(distributor)
        parts.discards = discardsAPI(distributor)
        parts.haTracker = HATrackerAPI(distributor: distributor, now: WallClock.milliseconds)
        parts.limits = limitsAPI
        parts.ring = RingAPI { watch.members }
        let presence = DistributorPresence(
            store: store.kind,
            settings: settings.ring,
            name: DistributorPresence.name(listening: settings.http.listen),
            logger: logger,
            onCount: { distributor.setDistributorCount($0) }
        )
        return await ServiceRunner.run(
            first + [
                ClientPoolService(pool: pool), watch, presence,
                DrainService(distributor: distributor), tracking, server(parts),
            ],
            logger: logger,
            shutdownBound: Self.shutdownBound
        )
    }

    private func runIngester(
        _ store: Store,
        _ first: [any Service]
    ) async throws -> ExitCode {
        let workers = WorkerThreads(count: Self.coreCount)
        let watch = RingWatch(
            store: store.kind,
            settings: settings.ring,
            readiness: Readiness(),
            logger: logger
        )
        let (instance, copies) = (settings.ring.instanceID, settings.ring.replicationFactor)
        let shards = TenantShards(limits.table, settings: settings)
        let node = try ingesterNode(store, workers) {
            guard copies > 1 else { return nil }
            return FlushShare(ring: watch.ring, instance: instance) {
                shards.writers(of: $0, on: $1)
            }
        }
        let timeout = settings.ring.heartbeatTimeout.milliseconds
        watch.observe { members in
            let writers = members.filter { $0.state.takesWrites && $0.heartbeatAge <= timeout }
            node.ingester.setRingShare(
                RingShare(
                    ingesterCount: max(1, writers.count),
                    replicationFactor: copies,
                    zoneCount: Set(writers.map(\.zone)).count
                )
            )
            shards.forget(before: .max)
        }
        let rpc = try IngesterServer(
            ingester: node.ingester,
            address: settings.rpc.listen.description,
            settings: transport
        )
        readiness.set(RingMemberService.condition, .notReady(reason: "reading the log"))
        var timing = RingMembership.Timing()
        timing.heartbeatMilliseconds = settings.ring.heartbeatInterval.milliseconds
        let member = RingMember(
            instance: settings.ring.instanceID,
            address: (settings.ring.advertise ?? settings.rpc.listen).description,
            httpAddress: "http://\(settings.http.listen)",
            zone: settings.ring.zone,
            state: .pending,
            tokens: []
        )
        let control = MemberControl(directory: settings.data.directory)
        let life = RingMemberService(
            membership: RingMembership(
                // Drawn anew each time: instances that join together must not draw the same tokens.
                member: member,
                timing: timing,
                tokenSeed: .random(in: .min ... .max)
            ),
            store: store.kind,
            ingester: node.ingester,
            control: control,
            replay: { try await node.replay() },
            readiness: readiness,
            logger: logger
        )
        var parts = HTTPServer.Parts(
            operations: operations("Engram ingester", [Self.flushLink, Self.ringLink])
        )
        parts.ingester = IngesterAPI(
            ingester: node.ingester,
            control: IngesterAPI.Control(
                isReadOnly: { control.wantsReadOnly },
                setReadOnly: { try control.setReadOnly($0) },
                leave: { await control.leave() }
            )
        )
        parts.ring = RingAPI { watch.members }
        let code = await ServiceRunner.run(
            first + [
                watch, server(parts),
                RPCService(server: rpc, address: settings.rpc.listen.description),
                FlushService(
                    ingester: node.ingester,
                    interval: flushInterval,
                    logger: logger
                ),
                node.watch(),
                // Last, so that it stops first: it flushes and leaves while the rest still serves reads.
                life,
            ],
            logger: logger,
            shutdownBound: Self.ingesterShutdownBound
        )
        node.close()
        return code
    }

    private func runQuerier(
        _ store: Store,
        _ stored: StoredOverrides,
        _ first: [any Service]
    ) async throws -> ExitCode {
        let roles = settings.querier.roles
        let pool = IngesterClientPool(settings: transport, logger: logger)
        let (clients, watch) = ring(store, pool)
        var services = first + [ClientPoolService(pool: pool), watch]
        var links: [OperationsAPI.Link] = []
        if roles.contains(QuerierSettings.queryRole) {
            links += [Self.queryLink, Self.cardinalityLink, Self.limitsLink]
        }
        if roles.contains(QuerierSettings.compactRole) { links.append(Self.compactorLink) }
        var parts = HTTPServer.Parts(
            operations: operations("Engram querier", links + [Self.ringLink])
        )
        parts.ring = RingAPI { watch.members }
        if roles.contains(QuerierSettings.queryRole) {
            let copy = DeletionCopy()
            services.append(DeletionCopyService(copy: copy, store: store, logger: logger))
            let workers = WorkerThreads(count: Self.coreCount)
            let query = try queryAPI(clients, store, workers, copy)
            parts.query = query
            parts.deletions = DeletionAPI(query, store: store.kind)
            parts.catalog = catalogAPI(store)
            parts.limits = limitsAPI
            parts.overrides = overridesAPI(store, stored)
        }
        if roles.contains(QuerierSettings.compactRole) {
            let compaction = compaction(store, clients)
            services.append(compaction)
            parts.compactor = CompactorAPI { compaction.compactor.status }
        }
        return await ServiceRunner.run(
            services + [server(parts)],
            logger: logger,
            shutdownBound: Self.shutdownBound
        )
    }

    private func ingesterNode(
        _ store: Store,
        _ workers: WorkerThreads,
        flushShare: @escaping @Sendable () -> FlushShare?
    ) throws -> IngesterNode {
        try IngesterNode(
            settings,
            limits: limits.table,
            store: store.kind,
            workers: workers,
            flushShare: flushShare,
            logger: logger
        )
    }

    private func overridesWatch() -> some Service {
        OverridesWatch(
            configuration,
            clock: ContinuousClock(),
            now: WallClock.milliseconds,
            logger: logger,
            apply: limits.apply
        )
    }

    /// - Parameter onPrepared: Done before the process counts as ready.
    private func storeService(
        _ store: Store,
        onPrepared: @escaping @Sendable () async -> Void
    ) -> StoreService {
        StoreService(
            store: store,
            migrating: settings.store.migrateAtStart,
            onPrepared: onPrepared,
            readiness: readiness,
            logger: logger
        )
    }
}
