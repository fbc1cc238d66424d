import Foundation
import Glibc
import MetricsModel
import PromQL
import QueryFuzzing
import RemoteWrite
import TestSupport

/// A Prometheus of the machine with data that was written to it once.
final class PrometheusServer {
    static let isInstalled = Command.find("prometheus") != nil

    private let process: TetheredProcess
    private let port: Int
    private var connection: HTTPConnection

    /// Starts it and writes the data.
    init(_ data: DataSet) throws {
        guard let path = Command.find("prometheus") else {
            throw TestSupportError("prometheus is not installed")
        }
        port = try LoopbackPort.free()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-differential-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = folder.appendingPathComponent("prometheus.yml")
        try Data("global: {evaluation_interval: 1m}\n".utf8).write(to: configuration)
        process = try TetheredProcess(
            command: [
                path, "--config.file", configuration.path, "--storage.tsdb.path",
                folder.appendingPathComponent("data").path, "--web.listen-address",
                "127.0.0.1:\(port)", "--web.enable-remote-write-receiver", "--log.level", "warn",
                "--enable-feature=promql-at-modifier,promql-negative-offset",
            ],
            folder: folder,
            stopSignal: "KILL"
        )
        connection = try Self.connection(port)
        try write(data)
    }

    deinit { process.stop() }

    func ask(_ question: Question) throws -> Answer {
        let query = VersionRules.olderText(question.tree.text)
        let request =
            question.isInstant
            ? HTTPRequest.get(
                "/api/v1/query",
                [("query", query), ("time", Self.seconds(question.start))]
            )
            : HTTPRequest.get(
                "/api/v1/query_range",
                [
                    ("query", query), ("start", Self.seconds(question.start)),
                    ("end", Self.seconds(question.end)), ("step", Self.seconds(question.step)),
                ]
            )
        let answer = try connection.send(request)
        return try JSONDecoder().decode(PrometheusAnswer.self, from: Data(answer.body)).answer
    }

    /// One request for each quarter of an hour: it takes nothing that is much older than the newest.
    private func write(_ data: DataSet) throws {
        let times = data.series.flatMap(\.samples.timestamps)
        guard let first = times.min(), let last = times.max() else { return }
        for start in stride(from: first, through: last, by: 900_000) {
            var request = WriteRequestEncoder()
            for series in data.series {
                let points = zip(series.samples.timestamps, series.samples.values)
                let part = points.filter { (start..<start + 900_000).contains($0.0) }
                guard !part.isEmpty else { continue }
                request.add(series.labels, part.map { Sample(timestamp: $0.0, value: $0.1) })
            }
            let answer = try connection.send(
                HTTPRequest.post("/api/v1/write", request.compressed())
                    .with("Content-Type", "application/x-protobuf")
                    .with("Content-Encoding", "snappy")
                    .with("X-Prometheus-Remote-Write-Version", "0.1.0")
            )
            guard answer.isSuccess else {
                throw TestSupportError("write: \(answer.status) \(answer.text)")
            }
        }
    }

    /// A connection to a server that is ready.
    private static func connection(_ port: Int) throws -> HTTPConnection {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let connection = try? HTTPConnection(port: port),
                let answer = try? connection.send(.get("/-/ready")), answer.status == 200
            {
                return connection
            }
            guard ContinuousClock.now < deadline else {
                throw TestSupportError("prometheus is not ready after 60 s")
            }
            usleep(20_000)
        }
    }

    /// A time for the API; exact to the millisecond.
    private static func seconds(_ milliseconds: Int64) -> String {
        let rest = "\(1000 + milliseconds % 1000)".dropFirst()
        return "\(milliseconds / 1000).\(rest)"
    }
}
