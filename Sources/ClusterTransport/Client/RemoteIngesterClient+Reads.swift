internal import ClusterInterface
internal import GRPCCore

extension RemoteIngesterClient {
    /// Asks for a list and puts its pieces together.
    func read<Item: ListItem>(
        _ method: MethodDescriptor,
        _ message: SelectMessage
    ) async throws -> [Item] {
        try await call(method, message) { try await self.collect($0) }
    }

    /// Hands on series piece by piece: the next is read once the last one was taken, and the ingester waits meanwhile.
    ///
    /// - Throws: The transport's own error where the ingester does not know the method.
    func stream(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        try await call(IngesterMethods.streamSeries, SelectMessage(request)) { payloads in
            var pieces = SeriesPieceCount()
            var size = 0
            for try await payload in payloads {
                size += payload.size
                guard size <= self.settings.maximumAnswerSize else {
                    throw TransportError.tooLarge(
                        peer: self.address,
                        limit: self.settings.maximumAnswerSize
                    )
                }
                let piece = try payload.decode(SeriesPieceMessage.self)
                try pieces.take(piece)
                if !piece.series.isEmpty { try await take(piece.series) }
            }
            guard pieces.isComplete else {
                throw TransportError.disconnected(
                    peer: self.address,
                    cause: "the answer ended before its last piece"
                )
            }
        }
    }

    /// Calls a method of which the request is one message.
    private func call<Result: Sendable>(
        _ method: MethodDescriptor,
        _ message: SelectMessage,
        _ receive: @escaping @Sendable (RPCAsyncSequence<Payload, any Error>) async throws -> Result
    ) async throws -> Result {
        let payload = Payload(message)
        guard payload.size <= settings.maximumMessageSize else {
            throw TransportError.tooLarge(peer: address, limit: settings.maximumMessageSize)
        }
        let request = ClientRequest(
            message: payload,
            metadata: IngesterMethods.metadata(of: message.request.tenant)
        )
        var options = CallOptions.defaults
        options.timeout = settings.readTimeout
        options.maxRequestMessageBytes = settings.maximumMessageSize
        options.maxResponseMessageBytes = settings.maximumMessageSize
        do {
            return try await client.serverStreaming(
                request: request,
                descriptor: method,
                serializer: PayloadCoder(),
                deserializer: PayloadCoder(),
                options: options
            ) { response in
                if let mismatch = ProtocolVersion.mismatch(response.metadata) {
                    throw TransportError.notSupported(peer: self.address, cause: mismatch)
                }
                return try await receive(response.messages)
            }
        } catch {
            throw translated(error, of: method)
        }
    }

    private func collect<Item: ListItem>(
        _ payloads: RPCAsyncSequence<Payload, any Error>
    ) async throws -> [Item] {
        var items: [Item] = []
        var size = 0
        for try await payload in payloads {
            size += payload.size
            guard size <= settings.maximumAnswerSize else {
                throw TransportError.tooLarge(peer: address, limit: settings.maximumAnswerSize)
            }
            items.appendPiece(try payload.decode(ListMessage<Item>.self).items)
        }
        return items
    }

    /// Says a failed read in our words.
    private func translated(_ error: any Error, of method: MethodDescriptor) -> any Error {
        if Task.isCancelled { return CancellationError() }
        if let error = error as? WireError {
            return TransportError.invalidAnswer(peer: address, cause: error.description)
        }
        guard let error = error as? RPCError else {
            guard let error = error as? RuntimeError else { return error }
            return error.code == .clientIsStopped ? TransportError.stopped(peer: address) : error
        }
        for value in error.metadata[binaryValues: IngesterMethods.failureHeader] {
            switch Result(catching: { () throws(WireError) in try RemoteFailure(decoding: value) })
            {
            case .success(.ingester(let failure)): return failure
            case .success(.other(let cause)):
                return TransportError.peerFailed(peer: address, cause: cause)
            case .failure(let error):
                return TransportError.invalidAnswer(peer: address, cause: error.description)
            }
        }
        let cause = Self.cause(of: error)
        switch error.code {
        case .unimplemented where method == IngesterMethods.streamSeries: return error
        case .deadlineExceeded:
            return TransportError.timedOut(peer: address, after: settings.readTimeout)
        case .unavailable: return TransportError.unavailable(peer: address, cause: cause)
        case .unimplemented, .failedPrecondition:
            return TransportError.notSupported(peer: address, cause: cause)
        case .resourceExhausted:
            return TransportError.tooLarge(peer: address, limit: settings.maximumMessageSize)
        default: return TransportError.peerFailed(peer: address, cause: cause)
        }
    }
}
