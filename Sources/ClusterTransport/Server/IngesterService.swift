internal import ClusterInterface
internal import GRPCCore
internal import MetricsModel

/// Turns calls into calls of an ingester.
struct IngesterService: RegistrableRPCService {
    private typealias Writer = @Sendable (Payload) async throws -> Void

    let ingester: any IngesterClient
    let settings: TransportSettings
    let life: ServerLife

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: IngesterMethods.write,
            deserializer: PayloadCoder(),
            serializer: PayloadCoder()
        ) { request, context in
            try Self.checkVersion(of: request.metadata)
            let receiver = PushReceiver(
                ingester: ingester,
                maximumConcurrentWrites: settings.maximumConcurrentWrites,
                life: life
            )
            return StreamingServerResponse(metadata: ProtocolVersion.metadata) { writer in
                try await receiver.serve(request.messages, writer, context.cancellation)
                return [:]
            }
        }
        register(IngesterMethods.select, with: &router) { try await ingester.select($0.request) }
        register(IngesterMethods.streamSeries, with: &router) { message, write in
            let sender = SeriesSender(write: write)
            try await ingester.streamSeries(message.request) { piece in
                try Task.checkCancellation()
                try await sender.send(piece)
            }
            try await sender.finish()
        }
        register(IngesterMethods.series, with: &router) { try await ingester.series($0.request) }
        register(IngesterMethods.labelNames, with: &router) {
            try await ingester.labelNames($0.request)
        }
        register(IngesterMethods.labelValues, with: &router) {
            try await ingester.labelValues($0.label, $0.request)
        }
        register(IngesterMethods.exemplars, with: &router) {
            try await ingester.exemplars($0.request)
        }
        register(IngesterMethods.metadata, with: &router) {
            try await ingester.metadata($0.metadataRequest)
        }
        register(IngesterMethods.storeSamples, with: &router) { message -> [String] in
            try await ingester.storeSamples(of: message.request.tenant)
            return []
        }
        register(IngesterMethods.countedSeries, with: &router) {
            try await ingester.countedSeries($0.request)
        }
        register(IngesterMethods.wholeSince, with: &router) { message -> [String] in
            let (tenant, departure) = (message.request.tenant, message.request.range.start)
            return [String(try await ingester.wholeSince(tenant, departure: departure))]
        }
    }

    /// A read that answers with a list.
    private func register<Transport: ServerTransport, Item: ListItem>(
        _ method: MethodDescriptor,
        with router: inout RPCRouter<Transport>,
        read: @escaping @Sendable (SelectMessage) async throws -> [Item]
    ) {
        register(method, with: &router) { message, write in
            for piece in try await read(message).pieces(ofSize: settings.pieceSize) {
                try Task.checkCancellation()
                try await write(Payload(ListMessage(piece)))
            }
        }
    }

    /// A read that writes what it answers; writing waits while the stream's window is full.
    private func register<Transport: ServerTransport>(
        _ method: MethodDescriptor,
        with router: inout RPCRouter<Transport>,
        answer: @escaping @Sendable (SelectMessage, @escaping Writer) async throws -> Void
    ) {
        router.registerHandler(
            forMethod: method,
            deserializer: PayloadCoder(),
            serializer: PayloadCoder()
        ) { request, context in
            try Self.checkVersion(of: request.metadata)
            return StreamingServerResponse(metadata: ProtocolVersion.metadata) { writer in
                do {
                    let message = try await Self.message(of: request)
                    try await cancelled(with: context.cancellation) {
                        try await answer(message) { try await writer.write($0) }
                    }
                } catch {
                    throw Self.status(of: error)
                }
                return [:]
            }
        }
    }

    private static func checkVersion(of metadata: Metadata) throws {
        guard let mismatch = ProtocolVersion.mismatch(metadata) else { return }
        throw RPCError(code: .failedPrecondition, message: mismatch)
    }

    /// The only message of a read, checked against the tenant of the header.
    private static func message(
        of request: StreamingServerRequest<Payload>
    ) async throws -> SelectMessage {
        var message: SelectMessage?
        for try await payload in request.messages {
            guard message == nil else {
                throw IngesterError.invalidRequest("more than one message")
            }
            message = try payload.decode(SelectMessage.self)
        }
        guard let message else { throw IngesterError.invalidRequest("no message") }
        for tenant in request.metadata[stringValues: IngesterMethods.tenantHeader]
        where tenant != message.request.tenant.name {
            throw IngesterError.invalidRequest("the tenant of the header is not the message's")
        }
        return message
    }

    /// Runs work that ends when the caller has gone; that the server drains does not end it.
    private func cancelled(
        with cancellation: ServerContext.RPCCancellationHandle,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                try await cancellation.cancelled
                // The transport tells of both in the same way.
                guard life.draining.isSet else { throw CancellationError() }
                return false
            }
            group.addTask {
                await life.aborted.wait()
                throw CancellationError()
            }
            while let isFinished = try await group.next() {
                guard isFinished else { continue }
                group.cancelAll()
                return
            }
        }
    }

    private static func status(of error: any Error) -> RPCError {
        if let error = error as? RPCError { return error }
        if error is CancellationError { return RPCError(code: .cancelled, message: "cancelled") }
        let failure = RemoteFailure(error)
        var metadata = Metadata()
        metadata.addBinary(failure.encoded(), forKey: IngesterMethods.failureHeader)
        switch failure {
        case .ingester(.notAcceptingWrites), .ingester(.notAcceptingReads),
            .ingester(.storageFailed):
            return RPCError(code: .unavailable, message: "unavailable", metadata: metadata)
        case .ingester(.overloaded):
            return RPCError(code: .resourceExhausted, message: "overloaded", metadata: metadata)
        case .ingester(.invalidRequest):
            return RPCError(code: .invalidArgument, message: "invalid request", metadata: metadata)
        case .other:
            return RPCError(code: .internalError, message: "ingester failed", metadata: metadata)
        }
    }
}
