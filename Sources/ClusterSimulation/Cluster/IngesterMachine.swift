internal import ClusterInterface
internal import HashRing
internal import Ingestion
internal import MetricsModel
internal import WriteAheadLog

/// A machine that runs an ingester: its disk stays, processes come and go.
///
/// Does what `RingMemberService`, `IngesterNode`, `FlushService` and `LogWatchService` of the services do, around the same
/// ingester and the same ``RingMembership``.
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class IngesterMachine: @unchecked Sendable {
    let name: String
    let zone: String
    let disk = SimulatedDisk()
    let endpoint: Endpoint<Ingester>
    private let cluster: SimulatedCluster
    private var simulator: Simulator { cluster.simulator }
    private(set) var process: SimulatedProcess?
    private(set) var ingester: Ingester?
    private var membership: RingMembership?
    private var store: DatabaseClient?
    private var storeCalls: [RingMembership.Effect] = []
    private var isCallingStore = false
    /// What an operator wants.
    var wantsReadOnly = false
    private var wantsStop = false
    /// Whether it has left the ring, with everything stored.
    private(set) var hasLeft = false
    var clockError: Int64

    init(_ name: String, zone: String, clockError: Int64, in cluster: SimulatedCluster) {
        self.name = name
        self.zone = zone
        self.clockError = clockError
        self.cluster = cluster
        endpoint = Endpoint(name)
    }

    var isRunning: Bool { process?.isAlive == true }

    var isServing: Bool { isRunning && membership?.phase == .serving }

    // MARK: Life

    func start() {
        guard !isRunning else { return }
        let process = SimulatedProcess(name, clockError: clockError, in: simulator)
        let settings = cluster.settings
        let store = DatabaseClient(
            process: process,
            database: cluster.database,
            network: cluster.network
        )
        let ring = cluster.ringCopy(of: process, store)
        let log = SimulatedLog(
            disk,
            of: process,
            answersEarly: settings.plantedBug == .acknowledgedBeforeSync
        )
        let name = name
        let ingester = Ingester(
            settings: settings.ingestion,
            limits: cluster.limits,
            log: log,
            store: settings.plantedBug == .flushMarkedBeforeStored
                ? EagerBlockStore(store: store) : store,
            workers: InlineWorkers(),
            now: { process.wallClock },
            flushShare: { FlushShare(ring: ring.ring, instance: name) }
        )
        let firstSegment = log.currentSegment
        let hasLog = disk.numbers.contains { $0 < firstSegment }
        if hasLog { ingester.beginReplay() }
        membership = RingMembership(
            member: RingMember(
                instance: name,
                address: name,
                zone: zone,
                state: .pending,
                tokens: []
            ),
            tokenCount: settings.tokenCount,
            tokenSeed: simulator.chance.seed()
        )
        self.process = process
        self.ingester = ingester
        self.store = store
        storeCalls = []
        isCallingStore = false
        wantsStop = false
        hasLeft = false
        replaysFrom = firstSegment
        endpoint.serve(ingester, in: process)
        process.note("starts" + (hasLog ? ", with a log" : ""))
        handle(.started)
        tick(process)
        process.repeatedly(every: 9000...11_000) { await Self.flushDue(ingester, process) }
        process.repeatedly(every: 5000...5000) {
            guard ingester.logFailure != nil else { return }
            if case .recovered = await ingester.recoverLog() { process.note("log recovered") }
        }
    }

    /// Ends the process at once; unsynced bytes may be lost.
    func crash() {
        guard let process, process.isAlive else { return }
        process.note("crashes")
        end()
        disk.losePower(&simulator.chance)
    }

    /// Has it store everything and leave the ring.
    func leave() {
        guard isRunning else { return }
        process?.note("is to leave")
        wantsStop = true
    }

    private func end() {
        process?.kill()
        endpoint.close()
        ingester = nil
        membership = nil
    }

    /// About once a second, as long as the process lives.
    private func tick(_ process: SimulatedProcess) {
        guard process.isAlive, let ingester else { return }
        simulator.after(.seconds(1)) { [self] in tick(process) }
        handle(.readOnlyRequested(ingester.logFailure != nil || wantsReadOnly))
        if wantsStop, ingester.life.takesReads { handle(.stopRequested) }
        handle(.ticked)
    }

    private static func flushDue(_ ingester: Ingester, _ process: SimulatedProcess) async {
        let report = await ingester.flushDue()
        guard process.isAlive, report.blocks > 0 || !report.failures.isEmpty else { return }
        process.note(
            "flushed \(report.samples) samples in \(report.blocks) blocks, "
                + "\(report.failures.count) tenants failed"
        )
    }

    // MARK: Ring

    private func handle(_ event: RingMembership.Event) {
        guard let process, process.isAlive, membership != nil else { return }
        for effect in membership?.handle(event, at: process.uptime) ?? [] {
            switch effect {
            case .serve(let reads, let writes): serve(reads: reads, writes: writes)
            case .stop(let reason):
                process.note("ends: \(reason)")
                hasLeft = reason == .left && wantsStop
                end()
                return
            case .register, .heartbeat, .unregister:
                storeCalls.append(effect)
                callStore(process)
            case .replayLog: process.spawn { [self] in await replay(process) }
            case .setDeletionsSeen(let number): ingester?.setDeletionsSeen(number)
            case .flushEverything: process.spawn { [self] in await flushEverything(process) }
            }
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
        ingester?.setLife(life)
        process?.note("is \(life.name)")
    }

    /// One call after the other.
    private func callStore(_ process: SimulatedProcess) {
        guard !isCallingStore, !storeCalls.isEmpty, let store, let ingester else { return }
        isCallingStore = true
        let effect = storeCalls.removeFirst()
        process.spawn { [self] in
            let event = await Self.outcome(of: effect, store, ingester)
            guard process.isAlive else { return }
            isCallingStore = false
            handle(event)
            callStore(process)
        }
    }

    private static func outcome(
        of effect: RingMembership.Effect,
        _ store: DatabaseClient,
        _ ingester: Ingester
    ) async -> RingMembership.Event {
        do {
            switch effect {
            case .register(let member):
                return .registered(
                    try await store.register(member),
                    others: try await store.members()
                )
            case .heartbeat(var member):
                member.unstoredAge = ingester.unstoredAge
                try await store.heartbeat(member)
                return .heartbeatStored
            case .unregister(let member):
                try await store.unregister(member)
                return .unregistered
            case .replayLog, .serve, .setDeletionsSeen, .flushEverything, .stop:
                preconditionFailure("\(effect) is no call to the store")
            }
        } catch StoreError.fenced {
            return .fenced
        } catch StoreError.missing {
            return .forgotten
        } catch {
            return .storeFailed
        }
    }

    private func flushEverything(_ process: SimulatedProcess) async {
        guard let ingester else { return }
        while process.isAlive {
            if await ingester.flushAll().failures.isEmpty { break }
            guard (try? await process.sleep(.seconds(1))) != nil else { return }
        }
        handle(.flushed)
    }

    // MARK: Log

    private var replaysFrom: UInt64 = 0

    private func replay(_ process: SimulatedProcess) async {
        guard let ingester else { return }
        if cluster.settings.plantedBug == .readsBeforeReplay {
            ingester.finishReplay(ReplayOutcome())
            return handle(.logReplayed)
        }
        var records = 0
        var damaged = 0
        func read(_ range: Range<UInt64>) async {
            for number in disk.numbers where range.contains(number) {
                try? await process.sleep(simulator.chance.milliseconds(5...400))
                guard process.isAlive, let segment = disk.segments[number] else { return }
                let report = segment.bytes.withUnsafeBytes { bytes in
                    SegmentReader.read(bytes) { ingester.replay($0, segment: number) }
                }
                records += report.recordCount
                damaged += report.damaged.count
            }
        }
        await read(0..<replaysFrom)
        var next = replaysFrom
        var isLast = false
        while !isLast, process.isAlive {
            let part = await ingester.endArrivals()
            isLast = part.isLast
            guard let end = part.end else { continue }
            await read(next..<end)
            next = end
        }
        guard process.isAlive else { return }
        ingester.finishReplay(ReplayOutcome())
        process.note("read \(records) records of its log, \(damaged) stretches damaged")
        handle(.logReplayed)
    }
}
