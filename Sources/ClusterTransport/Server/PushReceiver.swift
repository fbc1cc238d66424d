internal import ClusterInterface
internal import GRPCCore

/// The server's end of one push stream.
struct PushReceiver: Sendable {
    let ingester: any IngesterClient
    /// Batches of this stream in work at the same time; the stream is not read on while so many are.
    let maximumConcurrentWrites: Int
    let life: ServerLife

    /// Answers each batch, in any order, until the client closes the stream.
    ///
    /// - Throws: where the stream breaks, or carries bytes that are no message.
    func serve(
        _ messages: RPCAsyncSequence<Payload, any Error>,
        _ writer: RPCWriter<Payload>,
        _ cancellation: ServerContext.RPCCancellationHandle
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await life.draining.wait()
                // The client may have gone already; whoever reads the stream learns of it.
                if life.draining.isSet { try? await writer.write(Payload(PushReply.goodbye)) }
            }
            group.addTask {
                // Nobody is left to answer: what is in work ends, too.
                guard (try? await cancellation.cancelled) != nil, !life.draining.isSet else {
                    return
                }
                throw RPCError(code: .cancelled, message: "the client has gone")
            }
            group.addTask {
                await life.aborted.wait()
                throw RPCError(code: .unavailable, message: "the server has stopped")
            }
            group.addTask {
                try await answer(messages, writer)
                throw Finished()
            }
            do {
                while try await group.next() != nil {}
            } catch is Finished {
                group.cancelAll()
            }
        }
    }

    /// Ends the tasks beside the one that reads.
    private struct Finished: Error {}

    private func answer(
        _ messages: RPCAsyncSequence<Payload, any Error>,
        _ writer: RPCWriter<Payload>
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            for try await payload in messages {
                let message = try Self.message(in: payload)
                if running == maximumConcurrentWrites {
                    try await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { try await writer.write(Payload(await reply(to: message))) }
            }
            try await group.waitForAll()
        }
    }

    private func reply(to message: PushMessage) async -> PushReply {
        do {
            return .answer(
                sequence: message.sequence,
                try await ingester.write(message.batch)
            )
        } catch {
            return .failure(sequence: message.sequence, RemoteFailure(error))
        }
    }

    /// - Throws: where the bytes are no message: a stream of which one message is damaged has no others
    ///   that could be trusted.
    private static func message(in payload: Payload) throws -> PushMessage {
        do throws(WireError) {
            return try payload.decode(PushMessage.self)
        } catch {
            throw RPCError(
                code: error.isOfOtherVersion ? .unimplemented : .invalidArgument,
                message: error.description
            )
        }
    }
}
