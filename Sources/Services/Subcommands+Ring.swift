internal import CapacityPlanning
internal import ClusterInterface
internal import Glibc
internal import HashRing
internal import MetricsModel
internal import ServiceSupport

extension Subcommands {
    /// Shows the ring, or removes a dead member from it.
    static func ring(_ arguments: [String]) async -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(RingCommand.usage, terminator: "")
            return .success
        }
        let command: RingCommand
        do {
            command = try RingCommand(arguments: arguments)
        } catch {
            StandardError.write("engram ring: \(error)\n\(RingCommand.usage)")
            return .usage
        }
        if case .simulate(let ingesters, let zones, let factor) = command.action {
            simulate(RingSimulation(ingesters: ingesters, zones: zones, replicationFactor: factor))
            return .success
        }
        let configuration = ServiceMain.load(.engram, command.rest)
        _ = Telemetry(configuration)
        do {
            let store = try Store(configuration.settings.store)
            let timeout = command.heartbeatTimeout
            let isDone = try await run(
                command.action,
                store.kind,
                heartbeatTimeout: timeout,
                limits: LimitsInForce(configuration.overrides).table
            )
            await store.close()
            return isDone ? .success : .failure
        } catch {
            StandardError.write("engram ring: \(error)\n")
            return .failure
        }
    }

    private static func run(
        _ action: RingCommand.Action,
        _ store: any RingStore,
        heartbeatTimeout: Int64,
        limits: LimitsTable
    ) async throws -> Bool {
        let members = try await store.members()
        switch action {
        case .show:
            print(RingTable(members, heartbeatTimeout: heartbeatTimeout).text, terminator: "")
            return true
        case .showShard(let name, let factor):
            let size = limits.limits(for: try TenantID(name)).ingestionTenantShardSize
            let shard = ShuffleShard(tenant: name, size: size)
            let table = RingTable(members, heartbeatTimeout: heartbeatTimeout) {
                shard.writers(of: $0, replicationFactor: factor)
            }
            print(table.text, terminator: "")
            print("tenant \"\(name)\": shard size \(size)" + (size == 0 ? ", all ingesters" : ""))
            return true
        case .forget(let instance, let factor, let isForced):
            guard let member = members.first(where: { $0.instance == instance }) else {
                StandardError.write("engram ring: no ingester \"\(instance)\" is on the ring\n")
                return false
            }
            let dead = DeadMembers(
                heartbeatTimeout: heartbeatTimeout,
                quorum: Quorum(replicationFactor: factor ?? 1)
            )
            let reason = dead.reasonToKeep(member, among: members, deadFor: member.heartbeatAge)
            if let reason, !isForced || member.heartbeatAge <= heartbeatTimeout {
                StandardError.write("engram ring: \(instance) stays: \(reason)\n")
                return false
            }
            try await store.unregister(member)
            print("\(instance) is forgotten" + (reason.map { ", although \($0)" } ?? ""))
            return true
        case .simulate:
            preconditionFailure("asks no store")
        }
    }

    private static func simulate(_ simulation: RingSimulation) {
        var generator = SystemRandomNumberGenerator()
        let isTerminal = isatty(2) == 1
        let report = simulation.run(using: &generator) { joined in
            if isTerminal {
                StandardError.write("\r\(joined) of \(simulation.ingesters) have joined")
            }
        }
        if isTerminal { StandardError.write("\n") }
        print(RingSimulationText(simulation, report).text, terminator: "")
    }
}
