import RemoteWrite
import TestSupport

extension HTTPRequest {
    /// A remote-write 1.0 request.
    static func push(_ body: [UInt8], path: String = "/api/v1/push") -> HTTPRequest {
        post(path, body)
            .with("Content-Type", "application/x-protobuf")
            .with("Content-Encoding", "snappy")
            .with("X-Prometheus-Remote-Write-Version", "0.1.0")
    }

    /// A remote-write 2.0 request.
    static func push(_ request: SymbolWriter) -> HTTPRequest {
        post("/api/v1/push", request.compressed)
            .with("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request")
            .with("Content-Encoding", "snappy")
            .with("X-Prometheus-Remote-Write-Version", "2.0.0")
    }

    static func push(_ request: WriteRequestEncoder) -> HTTPRequest { push(request.compressed()) }
}
