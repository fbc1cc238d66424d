import ClusterInterface
import Distribution
import HTTPTypes
import MetricsModel
import NIOCore
import RemoteWrite
import Synchronization
import TestSupport
import Testing

@testable import PrometheusAPI

/// Pairs of senders over HTTP.
@Suite struct HATrackerRouteTests {
    private static let path = "/distributor/ha_tracker"

    private static func limits() throws -> LimitsTable {
        var limits = TenantLimits()
        limits.acceptHASamples = true
        limits.haMaxClusters = 2
        return LimitsTable(overrides: [try TenantID("pair"): limits])
    }

    private static func series(
        _ replica: String,
        cluster: String = "eu"
    ) -> [(Labels, [(Int64, Double)])] {
        [(["__name__": "up", "cluster": cluster, "__replica__": replica], [(TestNode.now, 1)])]
    }

    @Test func `the other sender is answered 202 with counts of nothing`() async throws {
        try await TestNode(limits: Self.limits()).serve(authentication: .header) {
            client async throws in
            #expect(try await client.push(Self.series("a"), tenant: "pair").status == 204)
            let other = try await client.push(Self.series("b"), tenant: "pair")
            #expect(other.status == 202)
            #expect(other.body.contains("another replica of the senders' cluster is elected"))
            #expect(PushRouteTests.counts(other) == ["0", "0", "0"])
            var symbols = SymbolWriter()
            symbols.series(
                [("__name__", "up"), ("__replica__", "b"), ("cluster", "eu")],
                [(TestNode.now, 1, 0)]
            )
            let body = ByteBuffer(bytes: symbols.compressed)
            let second = try await client.send(
                .post,
                "/api/v1/push",
                tenant: "pair",
                body: body
            ) {
                $0[.contentType] = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
            }
            #expect(second.status == 202)
            #expect(PushRouteTests.counts(second) == ["0", "0", "0"])
            // Who has no pairs stores all, with all labels.
            for replica in ["a", "b"] {
                #expect(try await client.push(Self.series(replica), tenant: "plain").status == 204)
            }
            let stored = try await client.get(
                "/api/v1/query?query=count(up)%20by%20(__replica__)",
                tenant: "plain"
            )
            #expect(stored.body.contains(#""__replica__":"b""#))
        }
    }

    @Test func `a cluster too many and a store that is away are told apart`() async throws {
        let store = MemoryElectionStore()
        try await TestNode(limits: Self.limits(), elections: store).serve(authentication: .header) {
            client async throws in
            for cluster in ["one", "two"] {
                let answer = try await client.push(
                    Self.series("a", cluster: cluster),
                    tenant: "pair"
                )
                #expect(answer.status == 204)
            }
            let third = try await client.push(Self.series("a", cluster: "three"), tenant: "pair")
            #expect(third.status == 400)
            #expect(third.body.contains("too_many_ha_clusters"))
            #expect(third.body.contains("limits.haMaxClusters"))
        }
        store.isAway.withLock { $0 = true }
        try await TestNode(limits: Self.limits(), elections: store).serve(authentication: .header) {
            client async throws in
            let answer = try await client.push(Self.series("a"), tenant: "pair")
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] != nil)
            #expect(answer.body.contains("no replica of the senders' cluster can be elected now"))
        }
    }

    @Test func `the page shows who is elected, as HTML and as JSON`() async throws {
        try await TestNode(limits: Self.limits()).serve(authentication: .header) {
            client async throws in
            let none = try await client.get("\(Self.path)?format=json")
            #expect(none.status == 200 && none.body == #"{"clusters":[]}"#)
            let hostile = "<script>\"&'"
            for replica in [hostile, "b"] {
                _ = try await client.push(Self.series(replica, cluster: hostile), tenant: "pair")
            }
            let page = try await client.get(Self.path)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(!page.body.contains("<script>"))
            #expect(page.body.contains("<td>&lt;script&gt;&quot;&amp;&#39;</td>"))
            #expect(page.body.contains("b (0.0 s ago)"))
            let json = try await client.send(.get, Self.path) { $0[.accept] = "application/json" }
            #expect(json.headers[.contentType] == "application/json")
            for part in [
                #""tenant":"pair""#, #""replica":"\u003cscript\u003e"#, #""start_time":null"#,
                #""version":1"#, #""replicas":[{"name":"b""#,
            ] {
                #expect(json.body.contains(part), "\(json.body)")
            }
        }
    }

    @Test func `an operator elects, and is told what is wrong`() async throws {
        try await TestNode(limits: Self.limits()).serve(authentication: .header) {
            client async throws in
            _ = try await client.push(Self.series("a"), tenant: "pair")
            let query = "?tenant=pair&cluster=eu&replica=b"
            #expect(try await client.post(Self.path + query).status == 204)
            #expect(try await client.push(Self.series("b"), tenant: "pair").status == 204)
            #expect(try await client.push(Self.series("a"), tenant: "pair").status == 202)
            #expect(
                try await client.post(Self.path, "tenant=pair&cluster=eu&replica=a").status == 204
            )
            #expect(try await client.push(Self.series("a"), tenant: "pair").status == 204)
            for (query, status, part) in [
                ("?cluster=eu&replica=b", 400, "tenant"),
                ("?tenant=pair&replica=b", 400, "cluster"),
                ("?tenant=pair&cluster=eu", 400, "replica"),
                ("?tenant=a%7Cb&cluster=eu&replica=b", 400, "tenant"),
                ("?tenant=pair&cluster=eu&replica=%00", 400, "NUL"),
                ("?tenant=pair&cluster=us&replica=b", 404, "no cluster"),
                ("?tenant=plain&cluster=eu&replica=b", 404, "no cluster"),
            ] {
                let answer = try await client.post(Self.path + query)
                #expect(answer.status == status && answer.body.contains(part), "\(answer.body)")
            }
        }
    }
}

/// Elections in memory, with a store that can be away.
final class MemoryElectionStore: HATrackerStore {
    let isAway = Mutex(false)
    private let rows = Mutex<[HAElectionRow]>([])

    func haElections(changedWithin span: Duration?) async throws -> [HAElectionRow] {
        try requireAnswer()
        return rows.withLock { $0 }
    }

    func compareAndSet(_ change: HAElectionChange) async throws -> HAElectionAnswer {
        try requireAnswer()
        return rows.withLock { rows in
            let index = rows.firstIndex {
                $0.tenant == change.tenant && $0.cluster == change.cluster
            }
            let found = index.map { rows[$0] }
            guard found?.version == change.expectedVersion else {
                return HAElectionAnswer(isWritten: false, row: found)
            }
            let row = HAElectionRow(
                tenant: change.tenant,
                cluster: change.cluster,
                replica: change.replica,
                version: (found?.version ?? 0) + 1,
                startTime: change.startTime,
                newestSample: change.newestSample,
                receivedAge: change.receivedAge,
                electedAge: 0
            )
            if let index { rows[index] = row } else { rows.append(row) }
            return HAElectionAnswer(isWritten: true, row: row)
        }
    }

    func removeHAElections(silentFor time: Duration) async throws -> Int { 0 }

    private func requireAnswer() throws(StoreError) {
        if isAway.withLock({ $0 }) { throw .unavailable("no answer") }
    }
}
