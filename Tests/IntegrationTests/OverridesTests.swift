import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    /// Limits that are changed over HTTP while everything runs.
    @Suite(.timeLimit(.minutes(4))) struct OverridesTests {}
}

extension IntegrationTests.OverridesTests {
    private static let path = "/api/v1/user-overrides"
    private static let shownVersion = "engram_overrides_store_version"
    /// Limits are polled every 10 s at most; the rest is for a machine that has much to do.
    private static let promise = 15.0

    private func request(_ series: Range<Int>) -> WriteRequestEncoder {
        var body = WriteRequestEncoder()
        for number in series {
            let labels = Labels([(Labels.metricName, "m"), ("n", "\(number)")])
            body.add(labels, timestamp: Moment.now, value: 1)
        }
        return body
    }

    private func change(_ json: String, _ query: String = "") -> HTTPRequest {
        .post(Self.path + query, Array(json.utf8)).tenant("few")
            .with("X-Engram-Author", "ann")
    }

    /// The version that a changed answer names.
    private func version(_ answer: HTTPAnswer) throws -> Double {
        #expect(answer.status == 200, "\(answer.text)")
        let tag = try #require(answer.headers["etag"])
        return try #require(Double(tag.filter { $0 != "\"" }))
    }

    private func await(_ version: Double, in processes: [EngramProcess]) throws {
        for process in processes {
            try eventually(within: Self.promise, "version \(version)", every: 0.1) {
                try process.metric(Self.shownVersion) == version
            }
        }
    }

    @Test func `a changed limit is in force everywhere, is remembered, and can be taken back`()
        throws
    {
        let folder = try ScratchFolder("overrides")
        try folder.write(
            """
            api_allowed_limits: [max_global_series_per_user, ingestion_rate]
            hard_overrides:
              few: {ingestion_rate: 1000000}
            """,
            to: "overrides.yaml"
        )
        let cluster = try LocalCluster(queriers: [
            "--limits-overrides-file", folder.file("overrides.yaml"),
        ])
        let querier = cluster.queriers[0]
        try cluster.awaitConnections(tenant: "probe")
        func push(_ series: Range<Int>) throws -> HTTPAnswer {
            try cluster.send(.push(request(series)).tenant("few"))
        }
        #expect(try push(0..<3).status == 204)

        let first = try version(
            try querier.send(change(#"{"max_global_series_per_user": 5}"#, "?comment=trial"))
        )
        try self.await(first, in: cluster.all)
        let full = try push(0..<7)
        #expect(full.status == 400 && full.text.contains("per_user_series_limit 2"), "\(full.text)")
        #expect(full.text.contains("limits.maxGlobalSeries 5"), "\(full.text)")

        // The other querier shows it, and from where it is.
        let shown = try cluster.queriers[1].send(.get(Self.path + "?sources=1").tenant("few"))
        #expect(
            shown.text == #"{"max_global_series_per_user":{"value":5,"source":"api"}}"#,
            "\(shown.text)"
        )
        #expect(try version(shown) == first)
        let page = try cluster.ingesters[0].send(.get("/runtime_config")).text
        #expect(page.contains("maxGlobalSeries: 5  # overrides API, version"), "\(page)")

        for (json, part) in [
            (#"{"max_global_series_of_user": 5}"#, "unknown limit max_global_series_of_user"),
            (#"{"retention": "1d"}"#, "cannot be modified"),
            (#"{"ingestion_rate": 1000001}"#, "ingestion_rate exceeds hard limit: 1000001 "),
            (#"{"max_global_series_per_user": "five"}"#, "five"),
        ] {
            let refused = try querier.send(change(json))
            #expect(refused.status == 400 && refused.text.contains(part), "\(refused.text)")
        }
        let stale = try querier.send(
            change(#"{"ingestion_rate": 7}"#).with("If-Match", "\"0\"")
        )
        #expect(stale.status == 412, "\(stale.text)")

        let second = try version(
            try querier.send(change(#"{"max_global_series_per_user": 100, "ingestion_rate": 50}"#))
        )
        #expect(second > first)
        try self.await(second, in: cluster.all)
        #expect(try push(0..<7).status == 204)
        #expect(try push(0..<101).status == 429)

        let history = try querier.send(.get(Self.path + "/history").tenant("few")).text
        for part in [
            #""author":"ann","comment":"trial""#,
            #"{"limit":"max_global_series_per_user","from":null,"to":5}"#,
            #"{"limit":"max_global_series_per_user","from":5,"to":100}"#,
            #"{"limit":"ingestion_rate","from":null,"to":50}"#,
        ] {
            #expect(history.contains(part), "\(history)")
        }

        let back = try version(
            try querier.send(
                .post(Self.path + "/rollback?version=\(Int(first))").tenant("few")
            )
        )
        #expect(back > second)
        try self.await(back, in: cluster.all)
        #expect(try push(0..<9).status == 400)

        // Without the database everything stays as it is, and nothing can be changed.
        func failures() -> [Double] {
            cluster.all.map { (try? $0.metric("engram_overrides_store_failures_total")) ?? 0 }
        }
        let before = failures()
        cluster.postgres.stopImmediately()
        try eventually(within: Self.promise, "a read that failed", every: 0.1) {
            zip(before, failures()).allSatisfy { $0 < $1 }
        }
        let away = try push(0..<9)
        #expect(away.status == 400 && away.text.contains("per_user_series_limit"), "\(away.text)")
        #expect(try querier.send(change(#"{"ingestion_rate": 7}"#)).status == 503)
        #expect(try querier.send(.get(Self.path).tenant("few")).text.contains(":5}"))

        try cluster.postgres.startAgain()
        let cleared = try version(
            try eventuallyChanged(by: querier, HTTPRequest(method: "DELETE", target: Self.path))
        )
        try self.await(cleared, in: cluster.all)
        #expect(try push(0..<9).status == 204)
        #expect(try querier.send(.get(Self.path).tenant("few")).text == "{}")
        #expect(try cluster.stop().allSatisfy { $0 == 0 })
    }

    /// The answer once the store is there again.
    private func eventuallyChanged(
        by querier: EngramProcess,
        _ request: HTTPRequest
    ) throws -> HTTPAnswer {
        var answer: HTTPAnswer?
        try eventually(within: 30, "change", every: 0.2) {
            let last = try querier.send(request.tenant("few"))
            answer = last
            return last.status == 200
        }
        return try #require(answer)
    }

    @Test func `one process keeps changed limits over a restart, and operators change all`()
        throws
    {
        let engram = try EngramProcess.single([
            "--auth-mode", "header", "--limits-overrides-reload-interval", "100ms",
        ])
        // No file says what may be changed.
        #expect(try engram.send(change(#"{"max_series_per_user": 5}"#)).status == 400)
        func tenants(_ arguments: String...) throws -> (status: Int32, text: String) {
            let store = "sqlite:\(engram.folder.file("data"))/engram.db"
            let log = "tenants-\(UUID().uuidString)"
            let program = try RunningProgram(
                command: [try Executable.engram.path, "tenants", "overrides"] + arguments
                    + ["--store-url", store],
                environment: [:],
                log: engram.folder.file(log)
            )
            return (try program.exitStatus(within: 30), engram.folder.tail(of: log))
        }
        #expect(try tenants("set", "few", #"{"max_series_per_user": 5}"#).status == 0)
        try eventually(within: Self.promise, "the limit") {
            try engram.send(.get(Self.path).tenant("few")).text == #"{"max_series_per_user":5}"#
        }
        #expect(try engram.send(.push(request(0..<7)).tenant("few")).status == 400)
        let bad = try tenants("set", "few", #"{"max_series_per_user": "x"}"#)
        #expect(bad.status == 1 && bad.text.contains("max_series_per_user: \"x\""), "\(bad.text)")
        #expect(try engram.stop() == 0)
        try engram.start()
        #expect(try engram.send(.push(request(10..<13)).tenant("few")).status == 400)

        let author = try tenants("set", "few", "{\"max_series_per_user\": 9}", "--author", "bob")
        #expect(author.status == 0, "\(author.text)")
        let history = try tenants("history", "few").text
        #expect(history.contains("max_series_per_user: 5 → 9"), "\(history)")
        #expect(history.contains("  bob\n"), "\(history)")
        #expect(try tenants("rollback", "few", "--version", "1").status == 0)
        #expect(try tenants("show", "few").text == "{\"max_series_per_user\":5}\n")
        #expect(try tenants("rollback", "few", "--version", "77").status == 1)
        #expect(try tenants("frobnicate", "few").status == 64)
        #expect(try tenants("clear", "few").status == 0)
        try eventually(within: Self.promise, "no limit") {
            try engram.send(.get(Self.path).tenant("few")).text == "{}"
        }
        #expect(try engram.send(.push(request(0..<20)).tenant("few")).status == 204)
        #expect(try engram.stop() == 0)
    }
}
