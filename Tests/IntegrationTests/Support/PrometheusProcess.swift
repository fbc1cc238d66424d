import Foundation
import Glibc
import TestSupport

/// The Prometheus of the machine, scraping itself and others and writing to us.
final class PrometheusProcess {
    static let isInstalled = Command.find("prometheus") != nil

    let port: Int
    private let folder: ScratchFolder
    private var program: RunningProgram?

    /// What it scrapes; a job can have several targets.
    var targets: [(job: String, port: Int)]
    /// Ports that take remote write.
    private let receivers: [Int]
    static let scrapeInterval = 2

    /// Whether it keeps exemplars, and sends them and metadata as often as it can.
    private let sendsExemplars: Bool

    init(
        targets: [(job: String, port: Int)],
        receivers: [Int],
        sendsExemplars: Bool = false
    ) throws {
        self.sendsExemplars = sendsExemplars
        port = ServerPort.unused()
        folder = try ScratchFolder("prometheus")
        self.targets = [(job: "prometheus", port: port)] + targets
        self.receivers = receivers
    }

    var log: String { folder.tail(of: "log") }

    var queries: QueryClient { QueryClient(port: port, prefix: "") }

    func start() throws {
        guard let path = Command.find("prometheus") else {
            throw TestSupportError("prometheus is not installed")
        }
        try folder.write(configuration, to: "prometheus.yml")
        program = try RunningProgram(
            command: [
                path, "--config.file", folder.file("prometheus.yml"), "--storage.tsdb.path",
                folder.file("data"), "--web.listen-address", "127.0.0.1:\(port)", "--log.level",
                "warn",
            ] + (sendsExemplars ? ["--enable-feature", "exemplar-storage"] : []),
            log: folder.file("log")
        )
        try eventually(within: 60, "ready Prometheus: \(log)") {
            let answer = try? HTTPConnection.send(.get("/-/ready"), port: port)
            return answer?.status == 200
        }
    }

    /// Reads the configuration again.
    func reload() throws {
        try folder.write(configuration, to: "prometheus.yml")
        program?.send(SIGHUP)
    }

    /// Ends it with SIGTERM, after it has sent what it holds.
    func stop() throws {
        program?.send(SIGTERM)
        _ = try program?.exitStatus(within: 90)
    }

    /// One shard, so that samples arrive in the order in which they were scraped.
    private var configuration: String {
        var text = "global:\n  scrape_interval: \(Self.scrapeInterval)s\nscrape_configs:\n"
        var written: Set<String> = []
        for (job, _) in targets where written.insert(job).inserted {
            let addresses = targets.filter { $0.job == job }.map { "\"127.0.0.1:\($0.port)\"" }
            text += "  - job_name: \(job)\n    static_configs:\n"
            text += "      - targets: [\(addresses.joined(separator: ", "))]\n"
        }
        text += "remote_write:\n"
        for (index, port) in receivers.enumerated() {
            text += "  - name: receiver-\(index)\n    url: http://127.0.0.1:\(port)/api/v1/push\n"
            text += "    queue_config: {max_shards: 1, batch_send_deadline: 500ms}\n"
            guard sendsExemplars else { continue }
            text += "    send_exemplars: true\n    metadata_config: {send_interval: 1s}\n"
        }
        return text
    }
}
