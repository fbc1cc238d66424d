import ClusterInterface
import GRPCCore
import GRPCNIOTransportHTTP2
import MetricsModel
import Testing

@testable import ClusterTransport

/// What a server answers to bytes that our client would not send.
@Suite(.timeLimit(.minutes(1))) struct ForeignBytesTests {
    static let methods = [
        IngesterMethods.write, IngesterMethods.select, IngesterMethods.series,
        IngesterMethods.labelNames, IngesterMethods.labelValues,
    ]

    @Test(arguments: methods)
    func `garbage is answered with an error`(method: MethodDescriptor) async throws {
        for bytes: [UInt8] in [[], [1], [1, 1], [UInt8](repeating: 0xff, count: 1000)] {
            let code = try await Self.call(method, with: [bytes])
            #expect([.invalidArgument, .unimplemented].contains(code), "\(bytes): \(code)")
        }
    }

    @Test func `another version is refused on the stream`() async throws {
        var bytes = PushMessage(sequence: 1, batch: .steady(tenant: .anonymous, rows: 1)).encoded()
        bytes[0] = 9
        try await #expect(Self.call(IngesterMethods.write, with: [bytes]) == .unimplemented)
    }

    @Test func `another version is refused by reads`() async throws {
        var bytes = SelectMessage(.everything(of: .anonymous)).encoded()
        bytes[0] = 9
        try await #expect(Self.call(IngesterMethods.select, with: [bytes]) == .invalidArgument)
    }

    @Test func `a read has one message`() async throws {
        let bytes = SelectMessage(.everything(of: .anonymous)).encoded()
        try await #expect(
            Self.call(IngesterMethods.select, with: [bytes, bytes]) == .invalidArgument
        )
        try await #expect(Self.call(IngesterMethods.select, with: []) == .invalidArgument)
        try await #expect(Self.call(IngesterMethods.select, with: [bytes]) == nil)
    }

    @Test func `the header names the tenant of the message`() async throws {
        let bytes = SelectMessage(.everything(of: try TenantID("a"))).encoded()
        let same: Metadata = ["x-scope-orgid": "a"]
        let other: Metadata = ["x-scope-orgid": "b"]
        try await #expect(Self.call(IngesterMethods.select, with: [bytes], same) == nil)
        try await #expect(
            Self.call(IngesterMethods.select, with: [bytes], other) == .invalidArgument
        )
    }

    @Test func `a damaged batch ends its stream and not the others`() async throws {
        try await Loopback.withServer(FakeIngester()) { _, address in
            try await Loopback.withClient(of: address) { client in
                _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
                let code = try await Self.call(
                    IngesterMethods.write,
                    with: [[1, 1, 0, 0, 5]],
                    at: address
                )
                #expect(code == .invalidArgument)
                _ = try await client.write(.steady(tenant: .anonymous, rows: 1))
            }
        }
    }

    @Test func `a method that is none is refused`() async throws {
        let method = MethodDescriptor(fullyQualifiedService: "engram.Ingester", method: "Other")
        try await #expect(Self.call(method, with: [[1]]) == .unimplemented)
    }

    /// Sends messages to a new server.
    ///
    /// - Returns: The code of the error that came back, or nil where none did.
    private static func call(
        _ method: MethodDescriptor,
        with messages: [[UInt8]],
        _ metadata: Metadata = [:]
    ) async throws -> RPCError.Code? {
        let server = try IngesterServer(
            ingester: FakeIngester(),
            address: "127.0.0.1:0",
            settings: Loopback.settings
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let code = try await call(
                method,
                with: messages,
                metadata,
                at: try await server.listeningAddress
            )
            group.cancelAll()
            return code
        }
    }

    private static func call(
        _ method: MethodDescriptor,
        with messages: [[UInt8]],
        _ metadata: Metadata = [:],
        at address: String
    ) async throws -> RPCError.Code? {
        let transport = try HTTP2ClientTransport.Posix(
            target: try PeerAddress(address).target(),
            transportSecurity: .plaintext
        )
        return try await withGRPCClient(transport: transport) { client in
            let request = StreamingClientRequest<Payload>(metadata: metadata) { writer in
                for message in messages {
                    try await writer.write(Payload(bytes: GRPCNIOTransportBytes(message)))
                }
            }
            return await Self.errorCode {
                try await client.bidirectionalStreaming(
                    request: request,
                    descriptor: method,
                    serializer: PayloadCoder(),
                    deserializer: PayloadCoder(),
                    options: .defaults
                ) { response in
                    for try await _ in response.messages {}
                }
            }
        }
    }

    private static func errorCode(_ call: () async throws -> Void) async -> RPCError.Code? {
        do {
            try await call()
            return nil
        } catch let error as RPCError {
            return error.code
        } catch {
            Issue.record(error)
            return nil
        }
    }
}
