import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    /// Deletion of series through the HTTP interface of the real process.
    @Suite(.timeLimit(.minutes(3))) struct DeletionTests {}
}

extension IntegrationTests.DeletionTests {
    private static let tenant = "forgetful"
    private static let count = 120
    private static let step: Int64 = 5000
    private static let start = (Moment.now - 20 * 60_000) / step * step
    private static var end: Int64 { start + Int64(count) * step }
    /// Of the samples of one pod, the middle third.
    private static let deleted = start + 40 * step..<start + 80 * step

    @Test func `what is deleted is gone from memory at once, from blocks soon, and for good`()
        throws
    {
        let engram = try EngramProcess.single([
            "--auth-mode", "header", "--compactor-interval", "1s",
        ])
        for pod in ["a", "b"] { try write(pod, (0..<Self.count).map { $0 }, to: engram) }
        #expect(try counts(engram) == ["a": 120, "b": 120])

        let preview = try delete(["dry_run": "1"], engram)
        #expect(preview.status == 200)
        #expect(preview.text.contains(#""series":1,"samples":40"#), "\(preview.text)")
        #expect(try counts(engram) == ["a": 120, "b": 120])

        let answer = try delete([:], engram)
        #expect(answer.status == 204, "\(answer.text)")
        // Nothing is flushed yet, or not everything: the answer is the same.
        #expect(try counts(engram) == ["a": 80, "b": 120])
        try eventually(within: 60, "the deletion to be done") {
            try counts(engram) == ["a": 80, "b": 120]
                && (try deletions(engram)).contains(#""phase":"done""#)
        }
        let done = try deletions(engram)
        #expect(done.contains(#""removedSamples":40"#), "\(done)")

        engram.killNow()
        try engram.start()
        #expect(try counts(engram) == ["a": 80, "b": 120])

        // What is written now is new, and stays.
        try write("a", Array(50..<60), to: engram)
        #expect(try counts(engram) == ["a": 90, "b": 120])
        try engram.flush()
        #expect(try counts(engram) == ["a": 90, "b": 120])
        #expect(try engram.stop() == 0)
    }

    @Test func `the same samples, written again after a deletion, are there again`() throws {
        let engram = try EngramProcess.single([
            "--auth-mode", "header", "--compactor-interval", "1s",
        ])
        // Each flush makes the block of the one before.
        for round in 1...3 {
            try write("a", Array(0..<Self.count), to: engram)
            #expect(try counts(engram) == ["a": 120], "round \(round)")
            try engram.flush()
            #expect(try counts(engram) == ["a": 120], "round \(round)")
            #expect(try delete([:], engram).status == 204)
            try eventually(within: 60, "deletion \(round) to be done") {
                try deletions(engram).components(separatedBy: #""phase":"done""#).count == round + 1
            }
            #expect(try counts(engram) == ["a": 80], "round \(round)")
        }
        try write("a", Array(0..<Self.count), to: engram)
        engram.killNow()
        try engram.start()
        try engram.flush()
        #expect(try counts(engram) == ["a": 120])
        #expect(try engram.stop() == 0)
    }

    @Test func `a tenant that is deleted leaves no block, and others are whole`() throws {
        let engram = try EngramProcess.single([
            "--auth-mode", "header", "--compactor-interval", "1s", "--compactor-grace", "2s",
            "--querier-timeout", "1s",
        ])
        try write("a", Array(0..<Self.count), to: engram)
        try write("a", Array(0..<Self.count), to: engram, tenant: "other")
        try engram.flush()
        let order = try engram.send(post("/purger/delete_tenant", []))
        #expect(order.status == 200, "\(order.text)")
        #expect(try counts(engram).isEmpty)
        try eventually(within: 60, "the deletion to be done") {
            try deletions(engram).contains(#""phase":"done""#)
        }
        try eventually(within: 60, "no row to be left") {
            try engram.send(.get("/purger/delete_tenant_status").tenant(Self.tenant)).text
                .contains(#""blocks_deleted":true"#)
        }
        #expect(try counts(engram).isEmpty)
        #expect(try counts(engram, tenant: "other") == ["a": 120])
        #expect(try engram.stop() == 0)
    }

    @Test(arguments: [
        ([("match[]", "up"), ("start", "4000000000")], "in the future"),
        ([("start", "1")], "no match[]"),
        ([("match[]", "{")], "match[]"),
        ([("match[]", #"{a=~".*"}"#)], "non-empty matcher"),
    ])
    func `an order that says nothing is refused`(
        parameters: [(String, String)],
        reason: String
    ) throws {
        let engram = try EngramProcess.single(["--auth-mode", "header"])
        let answer = try engram.send(
            post("/prometheus/api/v1/admin/tsdb/delete_series", parameters)
        )
        #expect(answer.status == 400 && answer.text.contains(reason), "\(answer.text)")
        #expect(try engram.stop() == 0)
    }

    private func post(_ path: String, _ parameters: [(String, String)]) -> HTTPRequest {
        var request = HTTPRequest.get(path, parameters)
        request.method = "POST"
        request.body = []
        return request.tenant(Self.tenant)
    }

    private func delete(
        _ more: [String: String],
        _ engram: EngramProcess
    ) throws -> HTTPAnswer {
        try engram.send(
            post(
                "/prometheus/api/v1/admin/tsdb/delete_series",
                [
                    ("match[]", #"requests_total{pod="a"}"#),
                    ("start", QueryClient.seconds(Self.deleted.lowerBound)),
                    ("end", QueryClient.seconds(Self.deleted.upperBound - 1)),
                ] + more.map { ($0.key, $0.value) }
            )
        )
    }

    private func deletions(_ engram: EngramProcess) throws -> String {
        try engram.queries(tenant: Self.tenant).get("/api/v1/admin/tsdb/deletions").text
    }

    /// Samples of each pod.
    private func counts(
        _ engram: EngramProcess,
        tenant: String = tenant
    ) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for series in try engram.queries(tenant: tenant).samples(
            "requests_total",
            Self.start...Self.end
        ) {
            counts[series.metric["pod"] ?? ""] = series.values?.count ?? 0
        }
        return counts
    }

    private func write(
        _ pod: String,
        _ numbers: [Int],
        to engram: EngramProcess,
        tenant: String = tenant
    ) throws {
        var body = WriteRequestEncoder()
        body.add(
            Labels([("__name__", "requests_total"), ("pod", pod)]),
            numbers.map { Sample(timestamp: Self.start + Int64($0) * Self.step, value: Double($0)) }
        )
        let answer = try engram.send(.push(body).tenant(tenant))
        try #require(answer.status == 204, "\(answer.text)")
    }
}
