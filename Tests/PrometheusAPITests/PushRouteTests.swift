import HTTPTypes
import Ingestion
import MetricsModel
import NIOCore
import Testing

@testable import PrometheusAPI

@Suite struct PushRouteTests {
    private let series: [(Labels, [(Int64, Double)])] = [
        (["__name__": "up"], [(TestNode.now - 1, 1), (TestNode.now, 1)])
    ]

    @Test(arguments: ["/api/v1/push", "/api/prom/push", "/api/v1/write"])
    func `samples are stored and counted, and a second time too`(path: String) async throws {
        try await TestNode().serve { client async throws in
            for _ in 0..<2 {
                let answer = try await client.push(series, to: path)
                #expect(answer.status == 204)
                #expect(answer.body == "")
                #expect(Self.counts(answer) == ["2", "0", "0"])
            }
        }
    }

    @Test func `what is refused is a 400 with text and counts, and the rest is stored`()
        async throws
    {
        try await TestNode().serve { client async throws in
            let answer = try await client.push(
                series + [
                    (["job": "a"], [(TestNode.now, 1)]),
                    (["__name__": "up"], [(TestNode.now + 3_600_000, 1)]),
                ]
            )
            #expect(answer.status == 400)
            #expect(Self.counts(answer) == ["2", "0", "0"])
            #expect(!answer.body.isEmpty && answer.body.utf8.count <= 1025)
            let stored = try await client.get("/api/v1/query?query=count_over_time(up%5B1m%5D)")
            #expect(stored.body.contains(#""2""#))
        }
    }

    @Test func `another value for a timestamp is a 400`() async throws {
        try await TestNode().serve { client async throws in
            _ = try await client.push(series)
            let answer = try await client.push([(["__name__": "up"], [(TestNode.now, 2)])])
            #expect(answer.status == 400)
            #expect(Self.counts(answer) == ["0", "0", "0"])
        }
    }

    @Test func `an empty request is a success`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.push([])
            #expect(answer.status == 204)
        }
    }

    @Test(arguments: ["", "garbage", "\u{5}\u{0}"])
    func `what is no snappy block is a 400`(body: String) async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.send(
                .post,
                "/api/v1/push",
                body: ByteBuffer(string: body)
            )
            #expect(answer.status == 400)
            #expect(answer.body.hasPrefix("malformed write request: "))
            #expect(answer.headers[.retryAfter] == nil)
        }
    }

    @Test func `other content is a 415`() async throws {
        try await TestNode().serve { client async throws in
            let answer = try await client.send(.post, "/api/v1/push", body: ByteBuffer()) {
                $0[.contentType] = "application/x-protobuf;proto=io.prometheus.write.v9.Request"
            }
            #expect(answer.status == 415)
            let zstd = try await client.send(.post, "/api/v1/push", body: ByteBuffer()) {
                $0[.contentEncoding] = "zstd"
            }
            #expect(zstd.status == 415)
            #expect(zstd.body.contains("zstd"))
        }
    }

    @Test func `bodies and declared sizes above the limit are a 413`() async throws {
        try await TestNode().serve(maximumBodySize: 64) { client async throws in
            let large = try await client.send(
                .post,
                "/api/v1/push",
                body: ByteBuffer(repeating: 0, count: 65)
            )
            #expect(large.status == 413)
            #expect(large.body.contains("distributor.maxRequestSize"))
            // A bomb: a few bytes that declare 1 GiB.
            let bomb = try await client.send(
                .post,
                "/api/v1/push",
                body: ByteBuffer(bytes: [0x80, 0x80, 0x80, 0x80, 0x04, 0])
            )
            #expect(bomb.status == 413)
        }
    }

    @Test(arguments: [MemberLife.starting, .readOnly, .leaving])
    func `an ingester that takes nothing is a 503 that says when to come again`(
        life: MemberLife
    ) async throws {
        try await TestNode(life: life).serve { client async throws in
            let answer = try await client.push(series)
            #expect(answer.status == 503)
            #expect(answer.body.contains("it is \(life.name)"))
            let seconds = answer.headers[.retryAfter].flatMap { Int($0) } ?? 0
            #expect(seconds > 0)
        }
    }

    static func counts(_ answer: Client.Answer) -> [String] {
        ["Samples", "Histograms", "Exemplars"].map { kind in
            HTTPField.Name("X-Prometheus-Remote-Write-\(kind)-Written")
                .flatMap { answer.headers[$0] } ?? "absent"
        }
    }
}
