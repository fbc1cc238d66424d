import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct TenantTests {}
}

extension IntegrationTests.TenantTests {
    /// Milliseconds since the Unix epoch; the samples lie around the border of two windows.
    private static let start = Moment.windowBorder - 10_000
    private static let range = start...(start + 20_000)
    private static let tenants = [(name: "team-a", value: 1.0), (name: "team-b", value: 2.0)]

    @Test(.timeLimit(.minutes(2)))
    func `tenants with the same series see only their own, on the embedded store`() throws {
        let engram = try EngramProcess.single(["--auth-mode", "header"])
        try write(to: engram)
        try checkSeparation(in: engram, "memory")
        try checkFederation(in: engram)
        engram.killNow()
        try engram.start()
        try checkSeparation(in: engram, "replayed log")
        try engram.flush()
        try checkSeparation(in: engram, "flush")
        #expect(try engram.stop() == 0)
        try engram.start()
        try checkSeparation(in: engram, "blocks")
        try checkFederation(in: engram)
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: ThrowawayPostgres.unavailableReason == nil))
    func `tenants with the same series see only their own, in a cluster`() throws {
        let cluster = try LocalCluster()
        try write(to: cluster.distributors[0])
        for querier in cluster.queriers { try checkSeparation(in: querier, "memory") }
        for ingester in cluster.ingesters { ingester.killNow() }
        try cluster.start()
        try checkSeparation(in: cluster.queriers[0], "replayed log")
        try cluster.flush()
        for querier in cluster.queriers {
            try checkSeparation(in: querier, "flush")
            try checkFederation(in: querier)
        }
        #expect(Set(try cluster.stop()) == [0])
        try cluster.start()
        for querier in cluster.queriers { try checkSeparation(in: querier, "blocks") }
    }

    @Test func `a missing or bad tenant is refused on both sides`() throws {
        let engram = try EngramProcess.single(["--auth-mode", "header"])
        let bad = [
            "a/b", "a b", "a|", "..", ".", "__markers__", "user-index.json.gz", "ä", "a\u{7f}",
        ]
        for tenant in bad + [String(repeating: "x", count: 151), "team-a|team-b"] {
            let write = try engram.send(push(value: 1).tenant(tenant))
            #expect((400..<500).contains(write.status), "\(tenant): \(write.status)")
            if tenant != "team-a|team-b" {
                let read = try query(engram, tenant: tenant)
                #expect((400..<500).contains(read.status), "\(tenant): \(read.status)")
            }
        }
        let write = try engram.send(push(value: 1))
        #expect(write.status == 401)
        #expect(write.text.contains("no org id"))
        let read = try query(engram, tenant: nil)
        #expect(read.status == 401)
        #expect(read.text.contains("no org id"))
        for path in ["/prometheus/api/v1/labels", "/prometheus/api/v1/label/job/values"] {
            #expect(try engram.send(.get(path)).status == 401, "\(path)")
        }
        #expect(try engram.send(push(value: 1).tenant("all-of.it_*'()!")).status == 204)
    }

    private func query(_ engram: EngramProcess, tenant: String?) throws -> HTTPAnswer {
        try engram.queries(tenant: tenant).get("/api/v1/query", [("query", "shared")])
    }

    private func push(value: Double, extra: String? = nil) -> HTTPRequest {
        var body = WriteRequestEncoder()
        for series in 0..<5 {
            let samples = (0..<20).map { index in
                Sample(timestamp: Self.start + index * 1000, value: value * 1000 + Double(index))
            }
            body.add(Labels([("__name__", "shared"), ("series", String(series))]), samples)
        }
        if let extra {
            body.add(Labels([("__name__", extra)]), timestamp: Self.start, value: value)
        }
        return .push(body)
    }

    private func write(to process: EngramProcess) throws {
        for (name, value) in Self.tenants {
            let answer = try process.send(
                push(value: value, extra: "only_\(name.suffix(1))").tenant(name)
            )
            try #require(answer.status == 204, "\(answer.text)")
        }
    }

    private func checkSeparation(in process: EngramProcess, _ stage: String) throws {
        for (name, value) in Self.tenants {
            let client = process.queries(tenant: name)
            let stored = try client.samples("shared", Self.range)
            #expect(stored.count == 5, "\(stage), \(name)")
            for series in stored {
                #expect(series.metric["__tenant_id__"] == nil)
                let texts = (0..<20).map { String(Int(value) * 1000 + $0) }
                #expect(series.values?.map(\.text) == texts, "\(stage), \(name)")
            }
            let other = name == "team-a" ? "only_b" : "only_a"
            #expect(try client.samples(other, Self.range).isEmpty, "\(stage), \(name)")
            let seconds = [
                ("start", String(Self.start / 1000)), ("end", String(Self.start / 1000 + 20)),
            ]
            let names = try client.get("/api/v1/label/__name__/values", seconds).text
            #expect(names.contains("only_\(name.suffix(1))"), "\(stage), \(name): \(names)")
            #expect(!names.contains(other), "\(stage), \(name): \(names)")
        }
        #expect(try process.queries(tenant: "team-c").samples("shared", Self.range).isEmpty)
    }

    private func checkFederation(in process: EngramProcess) throws {
        let both = process.queries(tenant: "team-b|team-a")
        let time = Self.start + 19_000
        let sums = try both.instant("sum by (__tenant_id__) (shared)", at: time)
        #expect(sums.map(\.metric) == Self.tenants.map { ["__tenant_id__": $0.name] })
        #expect(sums.map { $0.value?.text } == ["5095", "10095"])
        let pruned = try both.instant("count(shared{__tenant_id__=\"team-b\"})", at: time)
        #expect(pruned.first?.value?.text == "5")
        let one = try process.queries(tenant: "team-a|team-a").instant("shared", at: time)
        #expect(one.count == 5)
        #expect(one.allSatisfy { $0.metric["__tenant_id__"] == nil })
    }
}
