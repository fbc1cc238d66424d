import ClusterInterface
import GRPCCore
import GRPCNIOTransportHTTP2
import MetricsModel
import Testing

@testable import ClusterTransport

/// Whole calls between this version and a peer of the next one, and of one too far away.
@Suite(.timeLimit(.minutes(1))) struct NextVersionTests {
    @Test func `an ingester of the next version is written to and read`() async throws {
        let peer = PeerOfVersion(WireHeader.version + 1)
        try await peer.run { address in
            try await Loopback.withClient(of: address) { client in
                let batch = WriteBatch.steady(tenant: .anonymous, rows: 3)
                let answer = WriteAnswer(unknownRows: [2])
                try await #expect(client.write(batch) == answer)
                let request = SelectRequest.everything(of: .anonymous)
                try await #expect(client.labelNames(request) == ["a", "b"])
            }
        }
    }

    @Test func `a caller of the next version is answered`() async throws {
        try await Loopback.withServer(FakeIngester()) { _, address in
            let batch = WriteBatch.steady(tenant: .anonymous, rows: 3)
            let push = NextVersion.form(of: PushMessage(sequence: 4, batch: batch).encoded())
            let replies = try await Caller.call(
                IngesterMethods.write,
                push,
                version: "\(WireHeader.version + 1)",
                at: address
            )
            #expect(
                try replies.map { try $0.decode(PushReply.self) } == [
                    .answer(sequence: 4, WriteAnswer())
                ]
            )
            let select = SelectMessage(.everything(of: .anonymous)).encoded()
            let lists = try await Caller.call(
                IngesterMethods.select,
                NextVersion.form(of: select),
                version: "\(WireHeader.version + 1)",
                at: address
            )
            #expect(lists.isEmpty)
            let pieces = try await Caller.call(
                IngesterMethods.streamSeries,
                NextVersion.form(of: select),
                version: "\(WireHeader.version + 1)",
                at: address
            )
            let ends = try pieces.map { try $0.decode(SeriesPieceMessage.self).isLast }
            #expect(ends == [true])
        }
    }

    @Test func `an ingester two versions ahead fails writes and reads and is named`() async throws {
        let peer = PeerOfVersion(WireHeader.version + 2)
        try await peer.run { address in
            try await Loopback.withClient(of: address) { client in
                for call in [
                    { _ = try await client.write(.steady(tenant: .anonymous, rows: 1)) },
                    { _ = try await client.labelNames(.everything(of: .anonymous)) },
                ] as [() async throws -> Void] {
                    await #expect {
                        try await call()
                    } throws: { error in
                        let text = String(describing: error)
                        return text.contains("speaks version 3") && text.contains(address)
                    }
                }
            }
        }
    }

    @Test(arguments: ["3", "0", "none"])
    func `a caller of a version too far away is refused before it says anything`(
        version: String
    ) async throws {
        try await Loopback.withServer(FakeIngester()) { _, address in
            for method in [
                IngesterMethods.write, IngesterMethods.select, IngesterMethods.streamSeries,
            ] {
                await #expect {
                    _ = try await Caller.call(method, [], version: version, at: address)
                } throws: { error in
                    guard let error = error as? RPCError else { return false }
                    return error.code == .failedPrecondition
                        && error.message.contains("speaks version \(version)")
                }
            }
        }
    }

    @Test func `a call that the ingester does not know is told, or done by another`() async throws {
        // It knows but the two calls of this test.
        let peer = PeerOfVersion(WireHeader.version)
        try await peer.run { address in
            try await Loopback.withClient(of: address) { client in
                let request = SelectRequest.everything(of: .anonymous)
                await #expect {
                    try await client.exemplars(request)
                } throws: { error in
                    guard case TransportError.notSupported(peer: address, _) = error else {
                        return false
                    }
                    return true
                }
                // Counted from label sets, which it does know.
                let counted = try await client.countedSeries(request)
                #expect(counted.map(\.columns.seriesCount) == [1])
            }
        }
    }
}

/// An ingester that speaks the bytes of some version and knows a few calls only.
private struct PeerOfVersion: RegistrableRPCService {
    let version: UInt8

    init(_ version: UInt8) { self.version = version }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: IngesterMethods.write,
            deserializer: PayloadCoder(),
            serializer: PayloadCoder()
        ) { request, _ in
            StreamingServerResponse(metadata: metadata) { writer in
                for try await payload in request.messages {
                    let sequence = try payload.decode(PushMessage.self).sequence
                    let answer = WriteAnswer(unknownRows: [2])
                    try await writer.write(
                        message(PushReply.answer(sequence: sequence, answer))
                    )
                }
                return [:]
            }
        }
        answer(IngesterMethods.labelNames, ["a", "b"], &router)
        answer(IngesterMethods.series, [["a": "b"] as Labels], &router)
    }

    /// Runs a server of it while the body runs.
    func run(_ body: (_ address: String) async throws -> Void) async throws {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0),
            transportSecurity: .plaintext
        )
        let server = GRPCServer(transport: transport, services: [self])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            let address = try await transport.listeningAddress
            let port = try #require(address.ipv4?.port)
            try await body("127.0.0.1:\(port)")
            server.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private var metadata: Metadata { [ProtocolVersion.header: "\(version)"] }

    private func answer<Transport: ServerTransport, Item: ListItem>(
        _ method: MethodDescriptor,
        _ items: [Item],
        _ router: inout RPCRouter<Transport>
    ) {
        router.registerHandler(
            forMethod: method,
            deserializer: PayloadCoder(),
            serializer: PayloadCoder()
        ) { _, _ in
            StreamingServerResponse(metadata: metadata) { writer in
                try await writer.write(message(ListMessage(items)))
                return [:]
            }
        }
    }

    /// A message as that version writes it.
    private func message(_ message: some WireMessage) -> Payload {
        var bytes = message.encoded()
        if version > WireHeader.version {
            bytes = NextVersion.form(of: bytes)
            bytes[0] = version
        }
        return Payload(bytes: GRPCNIOTransportBytes(bytes))
    }
}

/// A caller that says what it is told to.
private enum Caller {
    /// - Returns: what came back.
    static func call(
        _ method: MethodDescriptor,
        _ message: [UInt8],
        version: String,
        at address: String
    ) async throws -> [Payload] {
        let transport = try HTTP2ClientTransport.Posix(
            target: try PeerAddress(address).target(),
            transportSecurity: .plaintext
        )
        return try await withGRPCClient(transport: transport) { client in
            let metadata: Metadata = [ProtocolVersion.header: "\(version)"]
            let request = StreamingClientRequest<Payload>(metadata: metadata) { writer in
                try await writer.write(Payload(bytes: GRPCNIOTransportBytes(message)))
            }
            return try await client.bidirectionalStreaming(
                request: request,
                descriptor: method,
                serializer: PayloadCoder(),
                deserializer: PayloadCoder(),
                options: .defaults
            ) { response in
                var payloads: [Payload] = []
                for try await payload in response.messages { payloads.append(payload) }
                return payloads
            }
        }
    }
}
