internal import ClusterInterface
internal import Compaction
internal import Distribution
internal import HashRing
internal import MetricsModel
internal import PromQL
internal import Querying

/// One cluster with its clients, its faults and its checks, from the first process to the last check.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
public final class SimulatedCluster: @unchecked Sendable {
    let seed: UInt64
    let settings: SimulationSettings
    let simulator: Simulator
    let network: SimulatedNetwork
    let database: SimulatedDatabase
    let limits = LimitsTable()
    private(set) var machines: [IngesterMachine] = []
    private(set) var distributors: [Endpoint<Distributor>] = []
    private(set) var queriers: [Endpoint<Querier>] = []
    private var compactors: [Endpoint<Compactor>] = []
    private(set) var clients: [Client] = []
    /// Faults that happen in this run.
    let faults: FaultKinds
    let hasZones: Bool
    var figures = SimulationFigures()
    private(set) var failures: [String] = []
    /// Whether clients write and things go wrong.
    var isStorm = false
    /// Whether one ingester has lost what it acknowledged, which is not in blocks yet.
    var hasLostWitness = false

    /// A minute to midnight comes in the middle of a run: then days are merged.
    private static let day: Int64 = 20_000 * 86_400_000

    public init(seed: UInt64, settings: SimulationSettings = SimulationSettings()) {
        self.seed = seed
        self.settings = settings
        simulator = Simulator(
            seed: seed,
            startOfTime: Self.day - settings.stormSeconds * 600,
            keepsWholeTrace: settings.keepsWholeTrace
        )
        network = SimulatedNetwork(simulator)
        database = SimulatedDatabase(simulator)
        faults = Self.draw(settings.faults, &simulator.chance)
        hasZones = faults.contains(.zoneLoss) || simulator.chance.happens(300)
        let count = hasZones ? 6 : 3 + simulator.chance.index(below: 3)
        for _ in 0..<count { addMachine() }
        for number in 1...2 {
            distributors.append(Endpoint("distributor-\(number)"))
            queriers.append(Endpoint("querier-\(number)"))
            compactors.append(Endpoint("compactor-\(number)"))
        }
        for number in 1...2 {
            guard let tenant = try? TenantID("tenant-\(number)") else { continue }
            clients.append(Client(tenant: tenant, number: number, in: self))
        }
    }

    /// Each run has some of the faults only: those that are rare alone do not drown in the others.
    private static func draw(_ kinds: FaultKinds, _ chance: inout Chance) -> FaultKinds {
        var drawn = FaultKinds()
        for bit in FaultKinds.names.indices where chance.happens(450) {
            drawn.insert(FaultKinds(rawValue: 1 << bit))
        }
        drawn.formIntersection(kinds)
        // What is lost with a disk is to be the only loss.
        if drawn.contains(.damage) {
            drawn.subtract([.partitions, .crashes, .zoneLoss, .fullDisks, .scaling])
        }
        return drawn
    }

    // MARK: Run

    /// Runs it from the beginning to the end.
    public func run() -> SimulationReport {
        let scene = "\(machines.count) ingesters\(hasZones ? " in 3 zones" : ""), faults: \(faults)"
        simulator.trace.note(scene, at: 0)
        start()
        let director = FaultDirector(self)
        run(forSeconds: 40)
        isStorm = true
        director.begin()
        run(forSeconds: settings.stormSeconds)
        isStorm = false
        director.heal()
        if failures.isEmpty { settle() }
        end()
        figures.steps = simulator.stepCount
        var report = SimulationReport(seed: seed)
        report.failures = failures
        report.trace = simulator.trace.tail
        report.traceHash = simulator.trace.hash
        report.figures = figures
        report.scene = scene
        return report
    }

    /// Notes what must not be so, and ends the run.
    func fail(_ what: String) {
        simulator.trace.note("FAILED: \(what)", at: simulator.now)
        failures.append(what)
    }

    /// Lets time pass, until something fails.
    func run(forSeconds seconds: Int64) {
        let end = simulator.now + seconds * 1_000_000
        while failures.isEmpty, simulator.now < end {
            simulator.run(until: min(end, simulator.now + 1_000_000))
        }
    }

    /// Does something, and lets time pass until it is done.
    ///
    /// - Returns: nil where it is not done in time.
    func perform<Value: Sendable>(
        withinSeconds seconds: Int64,
        _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        let result = Box<Value>()
        simulator.spawn { result.value = await body() }
        let end = simulator.now + seconds * 1_000_000
        while result.value == nil, failures.isEmpty, simulator.now < end {
            simulator.run(until: simulator.now + 100_000)
        }
        return result.value
    }

    private final class Box<Value: Sendable>: @unchecked Sendable {
        var value: Value?
    }

    private func start() {
        if faults.contains(.loss) { network.faults.lostPerMille = 20 }
        if faults.contains(.delay) { network.faults.latePerMille = 50 }
        if faults.contains(.repetition) { network.faults.repeatedPerMille = 50 }
        for machine in machines { machine.start() }
        for number in distributors.indices { startDistributor(number) }
        for number in queriers.indices { startQuerier(number) }
        for number in compactors.indices { startCompactor(number) }
        for client in clients { client.start() }
    }

    private func end() {
        for client in clients { client.stop() }
        let processes =
            machines.map(\.process) + distributors.map(\.process) + queriers.map(\.process)
            + compactors.map(\.process) + [database.endpoint.process]
        simulator.stop {
            for process in processes { process?.kill() }
            network.endAll()
        }
    }

    // MARK: Processes

    func clockError() -> Int64 {
        faults.contains(.clockSkew) ? simulator.chance.number(in: -4000...4000) : 0
    }

    @discardableResult
    func addMachine() -> IngesterMachine {
        let number = machines.count
        let machine = IngesterMachine(
            "ingester-\(number + 1)",
            zone: hasZones ? "zone-\(number % 3 + 1)" : "",
            clockError: clockError(),
            in: self
        )
        machines.append(machine)
        return machine
    }

    func ringCopy(of process: SimulatedProcess, _ store: DatabaseClient) -> RingCopy {
        let copy = RingCopy(of: process, store: store, settings: settings) { [self] member in
            RemoteIngester(
                process: process,
                endpoint: machines.first { $0.name == member.address }?.endpoint
                    ?? Endpoint(member.address),
                network: network
            )
        }
        copy.run()
        return copy
    }

    private func newProcess(_ name: String) -> (SimulatedProcess, DatabaseClient, RingCopy) {
        let process = SimulatedProcess(name, clockError: clockError(), in: simulator)
        let store = DatabaseClient(process: process, database: database, network: network)
        return (process, store, ringCopy(of: process, store))
    }

    func startDistributor(_ number: Int) {
        let (process, _, ring) = newProcess(distributors[number].name)
        var settings = DistributorSettings()
        settings.replicationFactor =
            self.settings.plantedBug == .quorumOfOne ? 1 : self.settings.replicationFactor
        let distributor = Distributor(settings: settings, ring: ring, executor: simulator)
        distributors[number].serve(distributor, in: process)
    }

    func startQuerier(_ number: Int) {
        let (process, store, ring) = newProcess(queriers[number].name)
        var settings = QueryingSettings()
        // Its own time limit is by real time, and must not come into it.
        settings.timeout = 3_600_000
        let querier = Querier(
            settings: settings,
            directory: ring,
            store: store,
            deletions: self.settings.plantedBug == .tombstoneIgnored ? nil : store,
            workers: InlineWorkers(),
            executor: simulator,
            clock: VirtualClock(simulator: simulator)
        )
        queriers[number].serve(querier, in: process)
    }

    func startCompactor(_ number: Int) {
        let (process, store, ring) = newProcess(compactors[number].name)
        var settings = CompactionSettings()
        settings.delay = 60_000
        settings.lateTime = 450_000
        settings.grace = .seconds(75)
        settings.holder = process.name
        let compactor = Compactor(
            settings: settings,
            store: store,
            workers: InlineWorkers(),
            deletions: DeletionSupport(
                parse: { try Parser.parseSelector($0).matchers },
                storeSamples: { try await ring.storeSamples(of: $0) }
            ),
            now: { process.wallClock },
            clock: VirtualClock(simulator: simulator),
            order: { [simulator] in simulator.chance.happens(500) ? $0 : $0.reversed() },
            onEvent: { [self] event in note(event, of: process) }
        )
        compactors[number].serve(compactor, in: process)
        process.repeatedly(every: 30_000...60_000) { _ = try? await compactor.runPass() }
    }

    private func note(_ event: CompactionEvent, of process: SimulatedProcess) {
        switch event {
        case .progressed: break
        case .merged(let report):
            figures.merges += 1
            process.note("merged \(report.blocksIn) blocks into \(report.blocksOut)")
        case .failed(_, let cause): process.note("merge failed: \(cause)")
        case .deleted(let tenant, let blocks, let samples):
            process.note("took \(samples) samples of \(tenant) out of \(blocks) blocks")
        case .deletionFailed(let tenant, let cause):
            process.note("deletion of \(tenant) failed: \(cause)")
        case .cleaningFailed(let cause): process.note("cleaning failed: \(cause)")
        }
    }

    func anyDistributor() -> Endpoint<Distributor> {
        distributors[simulator.chance.index(below: distributors.count)]
    }

    func anyQuerier() -> Endpoint<Querier> {
        queriers[simulator.chance.index(below: queriers.count)]
    }

    /// What the clock of a distributor shows.
    func clock(of name: String) -> Int64 {
        distributors.first { $0.name == name }?.process?.wallClock ?? simulator.wallClock
    }

    /// Ends a process that keeps nothing, and starts it again.
    func restartSomeService() {
        let kind = simulator.chance.index(below: 3)
        let number = simulator.chance.index(below: 2)
        let pause = simulator.chance.seconds(1...20)
        func restart<Role>(_ endpoint: Endpoint<Role>, _ start: @escaping (Int) -> Void) {
            guard let process = endpoint.process else { return }
            process.note("crashes")
            process.kill()
            endpoint.close()
            simulator.after(pause) { start(number) }
        }
        switch kind {
        case 0: restart(distributors[number]) { [self] in startDistributor($0) }
        case 1: restart(queriers[number]) { [self] in startQuerier($0) }
        default: restart(compactors[number]) { [self] in startCompactor($0) }
        }
    }
}
