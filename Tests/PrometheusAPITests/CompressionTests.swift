import CZlib
import CZstd
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import PrometheusAPI

@Suite struct CompressionTests {
    @Test(arguments: [
        ("gzip", "gzip"), ("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip"), ("GZIP", "gzip"),
        ("deflate, gzip, br", "gzip"), ("x-gzip", "gzip"), ("*", "gzip"), ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"), ("gzip, zstd;q=0.9", "gzip"),
        ("gzip;q=0.2, zstd;q=0.3", "zstd"), ("gzip;q=0", nil), ("*;q=0", nil), ("", nil),
        ("identity", nil), ("identity, gzip;q=0.5", nil), ("br", nil), ("gzip;q=x", nil),
        ("gzip ;\tq=0.001", "gzip"), (";;,", nil), ("*, gzip;q=0", nil),
    ])
    func `the coding that the client likes best is taken`(field: String, coding: String?) {
        #expect(ContentCoding.preferred(in: [field])?.rawValue == coding)
    }

    @Test func `several fields are one list`() {
        #expect(ContentCoding.preferred(in: []) == nil)
        #expect(ContentCoding.preferred(in: ["gzip;q=0.5", "zstd;q=0.4"]) == .gzip)
    }

    @Test(arguments: [ContentCoding.gzip, .zstd], [0, 1, 1023, 70_000, 3_000_000])
    func `what is compressed reads back`(coding: ContentCoding, size: Int) throws {
        var generator = SeededGenerator(seed: UInt64(size))
        // Half of it repeats.
        let bytes = (0..<size).map { index in
            index % 2 == 0 ? UInt8(ascii: "a") : UInt8.random(in: 0...255, using: &generator)
        }
        let compressed = try coding.compress(ByteBuffer(bytes: bytes))
        #expect(Self.expand(compressed, coding, size: size) == bytes)
    }

    @Test(arguments: [ContentCoding.gzip, .zstd])
    func `compressing ends within a megabyte when it is told to`(coding: ContentCoding) {
        var asked = 0
        let bytes = ByteBuffer(repeating: 7, count: 8 * ContentCoding.partSize)
        #expect(throws: CancellationError.self) {
            try coding.compress(bytes) {
                asked += 1
                if asked == 3 { throw CancellationError() }
            }
        }
        #expect(asked == 3)
    }

    @Test(arguments: ["gzip", "zstd"])
    func `large answers come compressed where the client asks`(name: String) async throws {
        try await TestNode().serve { client async throws in
            let text = String(repeating: "x", count: ContentCoding.threshold)
            let form = ByteBuffer(string: "query=%22\(text)%22")
            let plain = try await client.send(.post, "/api/v1/query", body: form)
            #expect(plain.headers[.contentEncoding] == nil)
            #expect(plain.headers[.vary] == "Accept-Encoding")
            let answer = try await client.client.execute(
                uri: "/api/v1/query",
                method: .post,
                headers: [.acceptEncoding: name],
                body: form
            ) { $0 }
            #expect(answer.headers[.contentEncoding] == name)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[.vary] == "Accept-Encoding")
            #expect(answer.headers[.contentLength] == String(answer.body.readableBytes))
            #expect(answer.body.readableBytes < 300)
            let coding = try #require(ContentCoding(rawValue: name))
            let expanded = Self.expand(answer.body, coding, size: plain.body.utf8.count)
            #expect(expanded == Array(plain.body.utf8))
        }
    }

    @Test func `small answers and errors come as they are`() async throws {
        try await TestNode().serve { client async throws in
            for query in ["up", "up%7B"] {
                let answer = try await client.send(.get, "/api/v1/query?query=\(query)") {
                    $0[.acceptEncoding] = "gzip"
                }
                #expect(answer.headers[.contentEncoding] == nil)
                #expect(answer.body.hasPrefix("{"))
            }
        }
    }

    private static func expand(
        _ bytes: ByteBuffer,
        _ coding: ContentCoding,
        size: Int
    ) -> [UInt8]? {
        var count = 0
        // One more, so that nothing is as large as a pointer needs.
        let result = [UInt8](unsafeUninitializedCapacity: size + 1) { output, initialized in
            bytes.withUnsafeReadableBytes { input in
                switch coding {
                case .zstd:
                    count = ZSTD_decompress(
                        output.baseAddress,
                        size,
                        input.baseAddress,
                        input.count
                    )
                case .gzip: count = gunzip(input, UnsafeMutableRawBufferPointer(output))
                }
            }
            initialized = min(max(0, count), size)
        }
        return count == size ? result : nil
    }

    private static func gunzip(
        _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { return -1 }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(output.count)
        return inflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : -1
    }
}
