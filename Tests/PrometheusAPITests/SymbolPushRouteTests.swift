import HTTPTypes
import Ingestion
import MetricsModel
import NIOCore
import RemoteWrite
import TestSupport
import Testing

@testable import PrometheusAPI

/// Remote write 2.0 over HTTP, and how the two versions are told apart.
@Suite struct SymbolPushRouteTests {
    private static let type = "application/x-protobuf;proto=io.prometheus.write.v2.Request"

    private static func request(_ value: Double = 1) -> SymbolWriter {
        var writer = SymbolWriter()
        writer.series([("__name__", "up")], [(TestNode.now, value, TestNode.now - 1)])
        writer.series([("__name__", "latency")]) {
            $0.startedHistogram(TestNode.now, count: 2)
        }
        return writer
    }

    private static func push(
        _ client: Client,
        _ body: [UInt8],
        type: String? = type
    ) async throws -> Client.Answer {
        try await client.send(.post, "/api/v1/push", body: ByteBuffer(bytes: body)) {
            $0[.contentType] = type
            $0[.contentEncoding] = "snappy"
        }
    }

    private static func counts(_ answer: Client.Answer) -> [String] {
        ["Samples", "Histograms", "Exemplars"].map { kind in
            HTTPField.Name("X-Prometheus-Remote-Write-\(kind)-Written")
                .flatMap { answer.headers[$0] } ?? "absent"
        }
    }

    @Test func `samples and histograms are stored and counted, and a second time too`()
        async throws
    {
        try await TestNode().serve { client async throws in
            for _ in 0..<2 {
                let answer = try await Self.push(client, Self.request().compressed)
                #expect(answer.status == 204)
                #expect(answer.body == "")
                #expect(Self.counts(answer) == ["1", "1", "0"])
            }
            let stored = try await client.get("/api/v1/query?query=up")
            #expect(stored.body.contains(#""__name__":"up""#))
        }
    }

    @Test(arguments: [
        "application/x-protobuf; proto=io.prometheus.write.v2.Request",
        "Application/X-Protobuf ;PROTO=io.prometheus.write.v2.Request",
        "application/x-protobuf;proto=\"io.prometheus.write.v2.Request\"",
        "application/x-protobuf;charset=utf-8;proto=io.prometheus.write.v2.Request",
    ])
    func `the type may be written in several ways`(type: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await Self.push(client, Self.request().compressed, type: type)
            #expect(answer.status == 204)
        }
    }

    @Test(arguments: [
        nil, "application/x-protobuf", "application/x-protobuf;proto=prometheus.WriteRequest",
        "application/x-protobuf; proto=prometheus.WriteRequest",
    ])
    func `without a message's name, and with the old one, a body is 1.0`(
        type: String?
    ) async throws {
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(TestNode.now, 1)])
        let body = writer.compressed
        try await TestNode().serve { client async throws in
            let answer = try await Self.push(client, body, type: type)
            #expect(answer.status == 204)
            #expect(Self.counts(answer) == ["1", "0", "0"])
        }
    }

    @Test(arguments: [
        "application/x-protobuf;proto=io.prometheus.write.v3.Request",
        "application/x-protobuf;proto=", "application/json", "text/plain;proto=x", ";", "",
    ])
    func `another type is a 415 that says what is taken`(type: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await Self.push(client, Self.request().compressed, type: type)
            #expect(answer.status == 415)
            #expect(answer.body.contains("proto=prometheus.WriteRequest"))
            #expect(answer.body.contains("proto=io.prometheus.write.v2.Request"))
            #expect(Self.counts(answer) == ["absent", "absent", "absent"])
        }
    }

    @Test func `what is refused is a 400 with text and counts, and the rest is stored`()
        async throws
    {
        try await TestNode().serve { client async throws in
            var writer = Self.request()
            writer.series([("job", "nameless")], [(TestNode.now, 1, 0)])
            let answer = try await Self.push(client, writer.compressed)
            #expect(answer.status == 400)
            #expect(answer.body.contains("missing_metric_name"))
            #expect(Self.counts(answer) == ["1", "1", "0"])
            let other = try await Self.push(client, Self.request(2).compressed)
            #expect(other.status == 400)
            #expect(Self.counts(other) == ["0", "1", "0"])
        }
    }

    @Test func `errors have counts of zero`() async throws {
        try await TestNode().serve(maximumBodySize: 64) { client async throws in
            let malformed = try await Self.push(client, [1, 0, 0xff])
            #expect(malformed.status == 400)
            #expect(Self.counts(malformed) == ["0", "0", "0"])
            let large = try await Self.push(client, [UInt8](repeating: 0, count: 65))
            #expect(large.status == 413)
            #expect(Self.counts(large) == ["0", "0", "0"])
        }
        try await TestNode(life: .readOnly).serve { client async throws in
            let answer = try await Self.push(client, Self.request().compressed)
            #expect(answer.status == 503)
            #expect(Self.counts(answer) == ["0", "0", "0"])
        }
    }

    @Test func `a body of 1.0 that is said to be 2.0 is a 400, not lost`() async throws {
        var writer = WireWriter()
        writer.series([("__name__", "up")], [(TestNode.now, 1)])
        let body = writer.compressed
        try await TestNode().serve { client async throws in
            let answer = try await Self.push(client, body)
            #expect(answer.status == 400)
            #expect(answer.body.contains("prometheus.WriteRequest"))
            #expect(Self.counts(answer) == ["0", "0", "0"])
        }
    }

    @Test func `an empty request is a success with counts`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await Self.push(client, SymbolWriter().compressed)
            #expect(answer.status == 204)
            #expect(Self.counts(answer) == ["0", "0", "0"])
        }
    }
}
