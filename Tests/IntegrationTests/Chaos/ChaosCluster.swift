import Foundation
import TestSupport

/// Real processes that come and go: two distributors, ingesters in three zones, two queriers, and a PostgreSQL.
final class ChaosCluster {
    /// Shown in reports.
    static let blockSeconds = 60

    let postgres: ThrowawayPostgres
    let storeURL: String
    let distributors: [EngramProcess]
    private(set) var ingesters: [EngramProcess]
    let queriers: [EngramProcess]
    /// Where the last of the first ingesters runs; nil where the machine allows no such thing.
    let host: IsolatedHost?
    private let folder: ScratchFolder
    private let common: [String]
    private var addedCount = 0

    /// Starts all of it and waits until it can do its job.
    ///
    /// - Parameter host: Runs one of three ingesters; none of them where it is nil.
    init(host: IsolatedHost? = nil) throws {
        self.host = host
        folder = try ScratchFolder("chaos")
        // The host comes by an address of its own.
        try folder.write(
            "host all all 127.0.0.1/32 trust\nhost all all 10.0.0.0/8 trust\n",
            to: "hba"
        )
        let addresses = ["127.0.0.1"] + [host?.outerAddress].compactMap(\.self)
        postgres = try ThrowawayPostgres.start(settings: [
            "listen_addresses=\(addresses.joined(separator: ","))",
            "hba_file=\(folder.file("hba"))",
        ])
        storeURL = try postgres.freshDatabase()
        common = [
            "--ring-replication-factor", "3", "--ring-poll-interval", "300ms",
            "--ring-heartbeat-timeout", "15s", "--telemetry-log-format", "text",
            // One ingester may be on a host of its own, which is not reached by loopback.
            "--rpc-plaintext", "true",
        ]
        let grace = ["--limits-creation-grace-period", "1s"]
        let distributed = ["--store-url", storeURL] + common
        distributors = try (0..<2).map { _ in
            try EngramProcess(.distributor, distributed + grace + ["--auth-mode", "header"])
        }
        queriers = try (0..<2).map { _ in
            try EngramProcess(.querier, distributed + ["--auth-mode", "header"])
        }
        ingesters = []
        for zone in ["a", "b", "c"] {
            ingesters.append(
                try ingester("ingester-\(zone)", zone: zone, on: zone == "c" ? host : nil)
            )
        }
        for process in all { try process.launch() }
        try awaitReady()
    }

    var all: [EngramProcess] { ingesters + distributors + queriers }

    /// Makes, but does not start an ingester.
    private func ingester(
        _ name: String,
        zone: String,
        on host: IsolatedHost?
    ) throws -> EngramProcess {
        let rpc = "\(host?.address ?? "127.0.0.1"):\(ServerPort.unused())"
        let url = storeURL.replacingOccurrences(
            of: "@127.0.0.1:",
            with: "@\(host?.outerAddress ?? "127.0.0.1"):"
        )
        return try EngramProcess(
            .ingester,
            ["--store-url", url] + common + [
                "--rpc-listen", rpc, "--ring-advertise", rpc, "--ring-zone", zone,
                "--ring-instance-id", name, "--ring-heartbeat-interval", "500ms",
                "--ingester-block-duration", "\(Self.blockSeconds)s", "--ingester-flush-delay",
                "2s",
                "--limits-creation-grace-period", "1s",
            ],
            prefix: host?.prefix ?? []
        )
    }

    /// Starts one more ingester.
    func addIngester() throws -> String {
        addedCount += 1
        let name = "added-\(addedCount)"
        let zone = ["a", "b", "c"][addedCount % 3]
        let process = try ingester(name, zone: zone, on: nil)
        try process.launch()
        ingesters.append(process)
        return "\(name) in zone \(zone)"
    }

    /// Whether an ingester was added, and may go again.
    var hasAdded: Bool { ingesters.count > 3 }

    /// Has the ingester leave that was added last.
    func removeIngester() throws -> Int32 {
        try ingesters.removeLast().stop(within: 120)
    }

    /// Whether a process can be asked over HTTP from here.
    func isReachable(_ process: EngramProcess) -> Bool { host == nil || process !== ingesters[2] }

    /// Waits until all that should run is ready, and all know each other.
    func awaitReady(within seconds: Double = 90) throws {
        for process in all where isReachable(process) {
            try process.waitUntilReady(within: seconds)
        }
        for process in distributors + queriers {
            try eventually(within: seconds, "a whole ring in \(process.log)", every: 0.1) {
                let active = try? process.metric("engram_ring_members", where: "\"ACTIVE\"")
                return active == Double(ingesters.count)
            }
        }
    }

    func flush() throws {
        for ingester in ingesters where isReachable(ingester) { try ingester.flush() }
    }

    /// Samples in blocks of a tenant that queries read and that end before a time, ms.
    func storedSamples(of tenant: String, before time: Int64) throws -> Int {
        let answer = try postgres.query(
            """
            set engram.all_tenants = 'on'; select coalesce(sum(sample_count), 0) from blocks \
            where tenant_id = '\(tenant)' and state = 'live' and end_time <= \(time)
            """,
            url: storeURL
        )
        guard let count = answer.split(separator: "\n").last.flatMap({ Int($0) }) else {
            throw TestSupportError("not a count: \(answer)")
        }
        return count
    }
}
