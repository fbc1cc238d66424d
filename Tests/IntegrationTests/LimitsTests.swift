import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    /// Limits of single tenants, out of a file that changes while the process runs.
    @Suite(.timeLimit(.minutes(3))) struct LimitsTests {}
}

extension IntegrationTests.LimitsTests {
    private static let day: Int64 = 86_400_000
    private static let failed = "engram_overrides_reload_failed"
    private static let succeeded = "engram_overrides_last_reload_success_timestamp_seconds"

    /// `engram` with an overrides file that is looked at ten times a second.
    private struct Node {
        let folder: ScratchFolder
        let engram: EngramProcess

        init(_ text: String) throws {
            folder = try ScratchFolder("limits")
            try folder.write(text, to: "overrides.yaml")
            engram = try EngramProcess.single([
                "--auth-mode", "header", "--limits-overrides-file", folder.file("overrides.yaml"),
                "--limits-overrides-reload-interval", "100ms",
            ])
        }

        func change(_ text: String) throws { try folder.write(text, to: "overrides.yaml") }

        func status(of query: String, tenant: String) throws -> Int {
            try engram.queries(tenant: tenant).get("/api/v1/query", [("query", query)]).status
        }
    }

    @Test func `features are the tenant's, a changed file is soon in force, a bad one is not`()
        throws
    {
        let feature = "promqlFeatures: [promql-experimental-functions]"
        let node = try Node("overrides:\n  team-a:\n    \(feature)\n")
        let engram = node.engram
        let query = "mad_over_time(up[5m])"
        #expect(try node.status(of: query, tenant: "team-a") == 200)
        #expect(try node.status(of: query, tenant: "team-b") == 400)
        #expect(try node.status(of: query, tenant: "team-a|team-b") == 400)
        #expect(try engram.metric(Self.failed) == 0)
        let started = try engram.metric(Self.succeeded)
        #expect(abs(started - Double(Moment.now) / 1000) < 120)

        try node.change("overrides:\n  team-b:\n    \(feature)\n    max_exemplars: 0\n")
        try eventually(within: 5, "new limits") {
            try node.status(of: query, tenant: "team-b") == 200
        }
        #expect(try node.status(of: query, tenant: "team-a") == 400)
        let shown = try engram.send(.get("/runtime_config")).text
        #expect(
            shown == """
                overrides:
                  team-b:
                    maxExemplars: 0
                    promqlFeatures: promql-experimental-functions

                """
        )
        let different = try engram.send(.get("/runtime_config?mode=diff")).text
        #expect(different.contains("promqlFeatures") && !different.contains("maxExemplars"))
        let own = try engram.send(.get("/api/v1/user-overrides").tenant("team-b")).text
        #expect(
            own == #"{"max_exemplars":0,"promql_features":["promql-experimental-functions"]}"#
        )
        let all = try engram.send(.get("/api/v1/user_limits").tenant("team-a")).text
        #expect(all.contains(#""out_of_order_time_window":"24h""#), "\(all)")
        #expect(all.contains(#""promql_features":[]"#), "\(all)")

        try node.change("overrides:\n  team-b:\n    lateWindow: long\n")
        try eventually(within: 5, "refusal") { try engram.metric(Self.failed) == 1 }
        #expect(try node.status(of: query, tenant: "team-b") == 200)
        #expect(try engram.send(.get("/runtime_config")).text == shown)
        #expect(engram.log.contains("overrides.team-b.lateWindow"), "\(engram.log)")

        try node.change("overrides: {}\n")
        try eventually(within: 5, "reload") { try engram.metric(Self.failed) == 0 }
        #expect(try node.status(of: query, tenant: "team-b") == 400)
        #expect(try engram.send(.get("/runtime_config")).text == "overrides: {}\n")
        #expect(try engram.stop() == 0)
    }

    @Test(arguments: [Executable.engram, .distributor, .ingester, .querier])
    func `a bad file ends the process at start with 78 and is named`(
        executable: Executable
    ) throws {
        let folder = try ScratchFolder("limits")
        try folder.write("overrides:\n  team-a:\n    late_window: 5y\n", to: "overrides.yaml")
        let program = try RunningProgram(
            command: [
                try executable.path, "--limits-overrides-file", folder.file("overrides.yaml"),
            ]
                + (executable == .engram
                    ? [] : ["--store-url", "postgres://nobody@127.0.0.1:1/none"]),
            environment: [:],
            log: folder.file("log")
        )
        #expect(try program.exitStatus(within: 30) == 78)
        let log = folder.tail(of: "log")
        for part in ["overrides.team-a.late_window", "5y", "overrides.yaml, line 3", "3650d"] {
            #expect(log.contains(part), "\(log)")
        }
    }

    @Test func `a tenant with a wide window can fill in years, out of order, and reads them back`()
        throws
    {
        let node = try Node("overrides:\n  archive: {out_of_order_time_window: 3650d}\n")
        let engram = node.engram
        let now = Moment.now / 60_000 * 60_000
        // Nine years, in whole days and backwards; the newest sample goes first.
        let times = stride(from: 0, through: 3285, by: 365).map { now - Int64($0) * Self.day }
        for tenant in ["archive", "plain"] {
            let first = try push(times[0], value: 0, to: engram, tenant: tenant)
            #expect(first.status == 204, "\(first.text)")
        }
        for (year, time) in times.enumerated().dropFirst() {
            let answer = try push(time, value: Double(year), to: engram, tenant: "archive")
            #expect(answer.status == 204, "\(answer.text)")
            let refused = try push(time, value: Double(year), to: engram, tenant: "plain")
            #expect(refused.status == 400)
            for part in [
                "timestamp \(time)", "late window of 86400s", "limits.lateWindow",
                "{__name__=\"filled\", series=\"0\"}", "sample-too-old 3",
            ] {
                #expect(refused.text.contains(part), "\(refused.text)")
            }
        }
        // Three samples in each of nine requests, and nothing else.
        let discarded = "engram_distributor_samples_discarded_total"
        #expect(
            try engram.metric(discarded, where: "reason=\"sample-too-old\",tenant=\"plain\"") == 27
        )
        #expect(try engram.metric(discarded, where: "tenant=\"plain\"") == 27)
        #expect(try engram.metric(discarded, where: "tenant=\"archive\"") == 0)

        for stage in ["memory", "blocks", "blocks after a restart"] {
            if stage == "blocks" { try engram.flush() }
            if stage == "blocks after a restart" {
                #expect(try engram.stop() == 0)
                try engram.start()
            }
            let range = (now - 3650 * Self.day)...(now + 999)
            let stored = try engram.queries(tenant: "archive").samples("filled", range)
            #expect(stored.count == 3, "\(stage)")
            for series in stored {
                #expect(series.values?.map(\.timestamp) == times.reversed(), "\(stage)")
                let values = times.indices.reversed().map(String.init)
                #expect(series.values?.map(\.text) == values, "\(stage)")
            }
            let plain = try engram.queries(tenant: "plain").samples("filled", range)
            #expect(plain.map { $0.values?.count } == [1, 1, 1], "\(stage)")
        }
        #expect(try engram.stop() == 0)
    }

    private func push(
        _ time: Int64,
        value: Double,
        to engram: EngramProcess,
        tenant: String
    ) throws -> HTTPAnswer {
        var body = WriteRequestEncoder()
        for series in 0..<3 {
            let labels = Labels([("__name__", "filled"), ("series", String(series))])
            body.add(labels, timestamp: time, value: value)
        }
        return try engram.send(.push(body).tenant(tenant))
    }
}
