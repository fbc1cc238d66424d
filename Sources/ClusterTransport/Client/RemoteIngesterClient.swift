public import ClusterInterface
internal import GRPCCore
internal import GRPCNIOTransportHTTP2
public import Logging
public import MetricsModel
internal import Synchronization

/// An ingester in another process.
///
/// All writes share one stream that stays open; reads are calls of their own. Nothing is sent before ``run()``
/// runs; calls made earlier wait for it. Beside ``IngesterError`` every call may throw ``TransportError`` and,
/// where its task is cancelled, `CancellationError`.
public final class RemoteIngesterClient: IngesterClient {
    /// `host:port` of the ingester.
    public let address: String

    let client: GRPCClient<HTTP2ClientTransport.Posix>
    let settings: TransportSettings
    private let pushes: PushQueue
    private let logger: Logger
    private let toldMismatch = Mutex(false)

    /// - Throws: ``TransportError/invalidAddress(_:)``, ``TransportError/unprotected(peer:)``.
    public init(
        address: String,
        settings: TransportSettings = .init(),
        logger: Logger
    ) throws(TransportError) {
        self.address = address
        self.settings = settings
        var logger = logger
        logger[metadataKey: "peer"] = "\(address)"
        self.logger = logger
        pushes = PushQueue(peer: address, settings: settings)
        let peer = try PeerAddress(address)
        let target = try peer.target()
        let security = settings.security
        try security.check(peer, address)
        let config = HTTP2ClientTransport.Posix.Config.defaults { config in
            config.http2.maxFrameSize = TransportSettings.frameSize
            config.http2.targetWindowSize = TransportSettings.windowSize
            config.backoff = .init(
                initial: settings.shortestReconnectDelay,
                max: settings.longestReconnectDelay,
                multiplier: 2,
                jitter: 0.2
            )
            config.connection.keepalive = .init(
                time: settings.keepaliveTime,
                timeout: settings.keepaliveTime / 2,
                allowWithoutCalls: false
            )
            // TLS is put below it, of what is in force when a connection is made.
            config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
                security.protectCalling(channel, host: peer.hostName)
            }
        }
        do {
            let transport = try HTTP2ClientTransport.Posix(
                target: target,
                transportSecurity: security.protectsCalls ? .customSecure : .plaintext,
                config: config
            )
            client = GRPCClient(transport: transport)
        } catch {
            throw .invalidAddress(address)
        }
    }

    /// Keeps the connection until ``shutdown()`` has been called and pending calls have ended.
    ///
    /// Cancelling the task ends all calls at once.
    public func run() async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.keepStreamOpen()
                self.client.beginGracefulShutdown()
                return true
            }
            group.addTask {
                // Ends only with the client; what breaks in between, the calls report.
                try? await self.client.runConnections()
                return true
            }
            group.addTask {
                await self.pushes.expireWrites()
                return false
            }
            var ended = 0
            while ended < 2, let counts = await group.next() { ended += counts ? 1 : 0 }
            group.cancelAll()
        }
        pushes.abandon()
    }

    /// Whether a write is worth a try: false from a failed connection until the next good one, and while the
    /// ingester leaves.
    public var isReachable: Bool {
        switch pushes.link {
        case .connecting, .connected: true
        case .closing, .down, .retrying, .stopped: false
        }
    }

    /// Takes no more writes; ``run()`` returns once pending calls have ended.
    public func shutdown() { pushes.stop() }

    public func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        try await pushes.write(batch)
    }

    public func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        try await read(IngesterMethods.select, SelectMessage(request))
    }

    public func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        do {
            try await stream(request, take)
        } catch let error as RPCError where error.code == .unimplemented {
            // An ingester of an earlier version, which sends nothing before it says so.
            try await streamList(request, take)
        }
    }

    public func series(_ request: SelectRequest) async throws -> [Labels] {
        try await read(IngesterMethods.series, SelectMessage(request))
    }

    public func labelNames(_ request: SelectRequest) async throws -> [String] {
        try await read(IngesterMethods.labelNames, SelectMessage(request))
    }

    public func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        try await read(IngesterMethods.labelValues, SelectMessage(request, label: name))
    }

    public func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        try await read(IngesterMethods.exemplars, SelectMessage(request))
    }

    public func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        try await read(IngesterMethods.metadata, SelectMessage(request))
    }

    public func storeSamples(of tenant: TenantID) async throws {
        let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
        let _: [String] = try await read(IngesterMethods.storeSamples, SelectMessage(request))
    }

    public func countedSeries(_ request: SelectRequest) async throws -> [CountedSeries] {
        do {
            return try await read(IngesterMethods.countedSeries, SelectMessage(request))
        } catch TransportError.notSupported {
            // The answer to a call that every version knows says the same, but for the chunks.
            return try await countedByLabelSets(request)
        }
    }

    public func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 {
        let range = TimeRange(start: departure, end: .max)
        let request = SelectRequest(tenant: tenant, matchers: [], range: range)
        let answer: [String] = try await read(IngesterMethods.wholeSince, SelectMessage(request))
        guard answer.count == 1, let time = Int64(answer[0]) else {
            throw TransportError.invalidAnswer(peer: address, cause: "\(answer) is not one time")
        }
        return time
    }

    /// Opens the push stream again and again until the client has been stopped.
    private func keepStreamOpen() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var delay = self.settings.shortestReconnectDelay
                while !Task.isCancelled, self.pushes.beginConnecting() {
                    let (opened, cause) = await self.pushThroughOneStream()
                    self.pushes.lose(cause: cause)
                    if opened { delay = self.settings.shortestReconnectDelay }
                    // Spread over time: all clients of one ingester lose it in the same moment.
                    try? await Task.sleep(for: delay * Double.random(in: 0.5...1))
                    delay = min(delay * 2, self.settings.longestReconnectDelay)
                }
            }
            await pushes.drained.wait()
            group.cancelAll()
        }
    }

    /// Returns when the stream has ended: whether it had been open, and why it is no more.
    private func pushThroughOneStream() async -> (opened: Bool, cause: String) {
        let request = StreamingClientRequest<Payload>(metadata: ProtocolVersion.metadata) {
            writer in
            while let payload = await self.pushes.nextPayload() {
                try await writer.write(payload)
            }
        }
        var options = CallOptions.defaults
        options.maxRequestMessageBytes = settings.maximumMessageSize
        options.maxResponseMessageBytes = settings.maximumMessageSize
        // Writes wait for a first try, so that has to fail quickly; nobody waits for the later ones.
        if case .retrying = pushes.link { options.waitForReady = true }
        do {
            return try await client.bidirectionalStreaming(
                request: request,
                descriptor: IngesterMethods.write,
                serializer: PayloadCoder(),
                deserializer: PayloadCoder(),
                options: options
            ) { response in
                await self.receive(response)
            }
        } catch {
            logger.debug("ingester cannot be reached", metadata: ["error": "\(error)"])
            return (false, Self.cause(of: error))
        }
    }

    private func receive(
        _ response: StreamingClientResponse<Payload>
    ) async -> (opened: Bool, cause: String) {
        guard case .success(let contents) = response.accepted else {
            do {
                for try await _ in response.messages {}
                return (false, "the stream was refused")
            } catch {
                return (false, Self.cause(of: error))
            }
        }
        if let mismatch = ProtocolVersion.mismatch(contents.metadata) {
            pushes.lose(cause: mismatch)
            // Once: it is tried again and again, in case that the ingester is replaced.
            let isTold = toldMismatch.withLock { told in
                defer { told = true }
                return told
            }
            if !isTold {
                logger.error("ingester cannot be used", metadata: ["error": "\(mismatch)"])
            }
            return (false, mismatch)
        }
        pushes.connected()
        logger.info("ingester connected")
        let cause: String
        do {
            for try await payload in response.messages {
                pushes.receive(try payload.decode(PushReply.self))
            }
            cause = "the ingester closed the stream"
        } catch {
            cause = Self.cause(of: error)
        }
        // At once, before the sender ends: nobody shall wait longer than needed.
        pushes.lose(cause: cause)
        logger.info("ingester disconnected", metadata: ["error": "\(cause)"])
        return (true, cause)
    }

    /// An error of the transport in words, with what caused it.
    static func cause(of error: any Error) -> String {
        guard let error = error as? RPCError else { return String(describing: error) }
        let message = error.message.isEmpty ? "\(error.code)" : error.message
        guard let cause = error.cause else { return message }
        return "\(message) (\(cause))"
    }
}
