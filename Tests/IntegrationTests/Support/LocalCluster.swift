import Foundation
import Glibc
import MetricsModel
import RemoteWrite
import TestSupport

/// Two distributors, ingesters in three zones with replication factor 3, and two queriers, on a PostgreSQL of their own.
final class LocalCluster {
    let postgres: ThrowawayPostgres
    let storeURL: String
    private let bouncer: ThrowawayPgBouncer?
    /// What all ingesters are started with.
    private let ingesterArguments: [String]
    let distributors: [EngramProcess]
    let ingesters: [EngramProcess]
    let queriers: [EngramProcess]

    var all: [EngramProcess] { ingesters + distributors + queriers }

    /// Starts all of it and waits until it can do its job.
    ///
    /// - Parameters:
    ///   - queriers: Arguments of the queriers alone, as `extra` are of the distributors.
    ///   - ingesters: Likewise.
    ///   - isPooled: Whether a pgbouncer in transaction mode stands before the database.
    ///   - dataDirectories: By zone, where an ingester's data is not in its folder.
    ///   - ingestersPerZone: Those of zone a come first.
    init(
        _ extra: [String] = [],
        queriers querierExtra: [String] = [],
        ingesters ingesterExtra: [String] = [],
        isPooled: Bool = false,
        dataDirectories: [String: String] = [:],
        ingestersPerZone: Int = 1
    ) throws {
        let postgres = try ThrowawayPostgres.start()
        let databaseURL = try postgres.freshDatabase()
        bouncer = isPooled ? try ThrowawayPgBouncer(databaseURL: databaseURL) : nil
        let storeURL = bouncer?.url(insteadOf: databaseURL) ?? databaseURL
        let common = [
            "--store-url", storeURL, "--ring-poll-interval", "300ms",
            "--ring-heartbeat-timeout", "30s", "--telemetry-log-format", "text",
        ]
        self.postgres = postgres
        self.storeURL = storeURL
        let places = ["a", "b", "c"].flatMap { zone in
            (1...ingestersPerZone).map { (zone, $0 == 1 ? zone : "\(zone)\($0)") }
        }
        ingesterArguments = common + ["--ring-heartbeat-interval", "500ms"] + ingesterExtra
        ingesters = try places.map { [ingesterArguments] zone, name in
            try Self.ingester(
                "ingester-\(name)",
                zone: zone,
                ingesterArguments,
                dataDirectory: dataDirectories[name]
            )
        }
        distributors = try (0..<2).map { _ in
            try EngramProcess(.distributor, common + ["--auth-mode", "header"] + extra)
        }
        queriers = try (0..<2).map { _ in
            try EngramProcess(.querier, common + ["--auth-mode", "header"] + querierExtra)
        }
        try start()
    }

    /// One more ingester, not started and not one of ``ingesters``.
    func ingester(_ instance: String, zone: String) throws -> EngramProcess {
        try Self.ingester(instance, zone: zone, ingesterArguments, dataDirectory: nil)
    }

    private static func ingester(
        _ instance: String,
        zone: String,
        _ arguments: [String],
        dataDirectory: String?
    ) throws -> EngramProcess {
        let rpc = "127.0.0.1:\(ServerPort.unused())"
        let own = [
            "--rpc-listen", rpc, "--ring-advertise", rpc, "--ring-zone", zone,
            "--ring-instance-id", instance,
        ]
        return try EngramProcess(.ingester, arguments + own, dataDirectory: dataDirectory)
    }

    /// Starts what does not run, and waits until all of it is ready and knows the others.
    func start() throws {
        for process in all where !process.isRunning { try process.launch() }
        for process in all { try process.waitUntilReady() }
        try awaitRing()
    }

    /// Waits until distributors and queriers know that all ingesters are active.
    func awaitRing() throws { try awaitRing(Double(ingesters.count), "ACTIVE") }

    /// Waits until distributors and queriers know so many ingesters in a state.
    func awaitRing(_ count: Double, _ state: String) throws {
        for process in distributors + queriers {
            try eventually(within: 30, "\(count) \(state) in \(process.log)", every: 0.1) {
                (try? process.metric("engram_ring_members", where: "\"\(state)\"")) == count
            }
        }
    }

    /// Waits until each distributor reaches all ingesters: a write of it fails on none of them.
    func awaitConnections(tenant: String) throws {
        var body = WriteRequestEncoder()
        body.add(["__name__": "probe"], timestamp: Moment.now, value: 1)
        for distributor in distributors {
            try eventually(within: 30, "all ingesters reached in \(distributor.log)", every: 0.05) {
                let before = try distributor.failedReplicaWrites
                let answer = try distributor.send(HTTPRequest.push(body).tenant(tenant))
                let after = try distributor.failedReplicaWrites
                return answer.status == 204 && after == before
            }
        }
    }

    /// - Returns: the exit statuses after SIGTERM: distributors first, then queriers, then ingesters.
    func stop() throws -> [Int32] {
        try (distributors + queriers + ingesters).map { try $0.stop() }
    }

    func flush() throws {
        for ingester in ingesters { try ingester.flush() }
    }

    func send(_ request: HTTPRequest) throws -> HTTPAnswer { try distributors[0].send(request) }
}

extension EngramProcess {
    /// Copies of writes that ingesters did not take.
    fileprivate var failedReplicaWrites: Double {
        get throws {
            (try? metric("engram_distributor_replica_writes_total", where: "\"failed\"")) ?? 0
        }
    }
}
