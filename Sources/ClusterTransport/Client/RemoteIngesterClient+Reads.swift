internal import ClusterInterface
internal import GRPCCore

extension RemoteIngesterClient {
    /// Asks for a list and puts its pieces together.
    func read<Item: ListItem>(
        _ method: MethodDescriptor,
        _ message: SelectMessage
    ) async throws -> [Item] {
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
                return try await self.collect(response.messages)
            }
        } catch {
            throw translated(error)
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
    private func translated(_ error: any Error) -> any Error {
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
