/// Lets things go wrong, one after the other, and puts them right again.
///
/// Faults stay within what the design promises to survive; see docs/decisions/0033.
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class FaultDirector: @unchecked Sendable {
    private let cluster: SimulatedCluster
    private var simulator: Simulator { cluster.simulator }
    private var isActive = false
    private var hasDamaged = false
    /// What is to be put right at the end, unless it was before.
    private var repairs: [Int: () -> Void] = [:]
    private var nextRepair = 0

    /// Ingesters that may be down at once.
    private static let maximumDown = 2
    /// Members that a ring keeps while others leave.
    private static let minimumMembers = 4

    init(_ cluster: SimulatedCluster) { self.cluster = cluster }

    func begin() {
        isActive = true
        next()
    }

    /// Puts everything right.
    func heal() {
        isActive = false
        simulator.trace.note("everything is put right", at: simulator.now)
        cluster.network.faults = MessageFaults()
        for number in repairs.keys.sorted() { repairs[number]?() }
        repairs = [:]
        for machine in cluster.machines where !machine.isRunning && !machine.hasLeft {
            machine.start()
        }
    }

    private func next() {
        simulator.after(simulator.chance.seconds(5...30)) { [self] in
            guard isActive, cluster.failures.isEmpty else { return }
            act()
            next()
        }
    }

    private func act() {
        let kinds: [(FaultKinds, () -> Void)] = [
            (.partitions, partition), (.crashes, crash), (.clockSkew, setClock),
            (.outages, outage), (.slowness, slowDown), (.scaling, scale), (.zoneLoss, loseZone),
            (.fullDisks, fillDisk), (.damage, damage),
        ]
        let possible = kinds.filter { cluster.faults.contains($0.0) }
        guard let (_, action) = simulator.chance.pick(possible) else { return }
        cluster.figures.faults += 1
        action()
    }

    /// Has something put right after a while, or when all is.
    private func later(_ pause: Duration, _ repair: @escaping () -> Void) {
        let number = nextRepair
        nextRepair += 1
        repairs[number] = repair
        simulator.after(pause) { [self] in repairs.removeValue(forKey: number)?() }
    }

    private var running: [IngesterMachine] { cluster.machines.filter(\.isRunning) }

    // MARK: Faults

    private func crash() {
        if simulator.chance.happens(250) { return cluster.restartSomeService() }
        if simulator.chance.happens(80) {
            simulator.trace.note("the power fails everywhere", at: simulator.now)
            for machine in running { crash(machine, for: 5...60) }
            return
        }
        let down = cluster.machines.count { !$0.isRunning && !$0.hasLeft }
        guard down < Self.maximumDown, let machine = simulator.chance.pick(running) else { return }
        crash(machine, for: simulator.chance.happens(250) ? 60...400 : 1...40)
    }

    private func crash(_ machine: IngesterMachine, for seconds: ClosedRange<Int64>) {
        cluster.figures.crashes += 1
        machine.crash()
        later(simulator.chance.seconds(seconds)) { machine.start() }
    }

    private func loseZone() {
        let zone = "zone-\(simulator.chance.index(below: 3) + 1)"
        guard cluster.machines.allSatisfy({ $0.isRunning || $0.hasLeft || $0.zone == zone }) else {
            return
        }
        simulator.trace.note("\(zone) is lost", at: simulator.now)
        let pause = simulator.chance.number(in: 5...120)
        for machine in running where machine.zone == zone { crash(machine, for: pause...pause + 5) }
    }

    private func partition() {
        guard let machine = simulator.chance.pick(running) else { return }
        let services = cluster.distributors.map(\.name) + cluster.queriers.map(\.name)
        let pause = simulator.chance.seconds(3...90)
        switch simulator.chance.index(below: 4) {
        case 0: cut([machine.name], from: services, pause)
        case 1: cut([machine.name], from: ["database"], pause)
        case 2:
            guard let service = simulator.chance.pick(services) else { return }
            cut([service], from: ["database"], pause)
        default:
            guard let service = simulator.chance.pick(services) else { return }
            cut(
                [service],
                from: running.map(\.name).filter { _ in simulator.chance.happens(400) },
                pause
            )
        }
    }

    /// Cuts the ways between two groups, both or one of them.
    private func cut(_ group: [String], from others: [String], _ pause: Duration) {
        let cutsThere = simulator.chance.happens(800)
        let cutsBack = !cutsThere || simulator.chance.happens(700)
        simulator.trace.note(
            "\(group.joined(separator: ", ")) cut from \(others.joined(separator: ", "))"
                + (cutsThere && cutsBack ? "" : cutsThere ? ", there" : ", back"),
            at: simulator.now
        )
        let network = cluster.network
        func set(_ isCut: Bool) {
            for name in group {
                for other in others {
                    if cutsThere { network.cut(from: name, to: other, isCut) }
                    if cutsBack { network.cut(from: other, to: name, isCut) }
                }
            }
        }
        set(true)
        later(pause) { set(false) }
    }

    private func setClock() {
        guard let machine = simulator.chance.pick(cluster.machines) else { return }
        machine.clockError = cluster.clockError()
        machine.process?.clockError = machine.clockError
    }

    private func outage() {
        guard cluster.database.endpoint.process != nil else { return }
        let isFailover = simulator.chance.happens(500)
        simulator.trace.note(
            isFailover ? "database fails over" : "database is away",
            at: simulator.now
        )
        cluster.database.stopServer()
        later(simulator.chance.seconds(isFailover ? 1...10 : 5...150)) { [self] in
            simulator.trace.note("database is back", at: simulator.now)
            cluster.database.startServer(clockError: isFailover ? cluster.clockError() : 0)
        }
    }

    private func slowDown() {
        guard let process = simulator.chance.pick(running)?.process else { return }
        process.note("becomes slow")
        process.slowness = simulator.chance.milliseconds(100...4000)
        later(simulator.chance.seconds(5...90)) { process.slowness = .zero }
    }

    private func scale() {
        let members = cluster.machines.filter { !$0.hasLeft }
        switch simulator.chance.index(below: 3) {
        case 0 where members.count < 8:
            let machine = cluster.addMachine()
            machine.start()
        case 1 where members.count > Self.minimumMembers:
            guard members.allSatisfy(\.isRunning) else { return }
            simulator.chance.pick(running)?.leave()
        default:
            guard members.count > Self.minimumMembers, let machine = simulator.chance.pick(running)
            else { return }
            machine.wantsReadOnly = true
            later(simulator.chance.seconds(20...200)) { machine.wantsReadOnly = false }
        }
    }

    private func fillDisk() {
        guard let machine = simulator.chance.pick(running) else { return }
        machine.process?.note("disk is full")
        machine.disk.isFull = true
        later(simulator.chance.seconds(5...60)) { machine.disk.isFull = false }
    }

    /// Damages one ingester's log while it is down.
    private func damage() {
        guard !hasDamaged, let machine = simulator.chance.pick(running) else { return }
        hasDamaged = true
        cluster.hasLostWitness = true
        machine.crash()
        if simulator.chance.happens(300) {
            machine.disk.replace()
            simulator.trace.note("\(machine.name): disk is lost", at: simulator.now)
        } else {
            let count = machine.disk.corrupt(&simulator.chance)
            simulator.trace.note("\(machine.name): \(count) bytes damaged", at: simulator.now)
        }
        later(simulator.chance.seconds(1...30)) { machine.start() }
    }
}
