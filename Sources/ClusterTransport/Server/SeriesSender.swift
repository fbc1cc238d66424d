internal import ClusterInterface
internal import Synchronization

/// Sends pieces of series, each once the next is there, so that the last one can say that it is.
final class SeriesSender: Sendable {
    private struct State {
        /// Items of all pieces sent.
        var sent: UInt64 = 0
        /// The piece that is to be sent next.
        var pending: PackedSeries?
    }

    private let state = Mutex(State())
    private let write: @Sendable (Payload) async throws -> Void

    init(write: @escaping @Sendable (Payload) async throws -> Void) { self.write = write }

    func send(_ piece: PackedSeries) async throws {
        let message = state.withLock { state -> SeriesPieceMessage? in
            defer { state.pending = piece }
            return state.pending.map { Self.message($0, isLast: false, &state.sent) }
        }
        if let message { try await write(Payload(message)) }
    }

    /// Sends the last piece, which is empty where there is none.
    func finish() async throws {
        let message = state.withLock { state in
            Self.message(state.pending.take() ?? PackedSeries(), isLast: true, &state.sent)
        }
        try await write(Payload(message))
    }

    private static func message(
        _ piece: PackedSeries,
        isLast: Bool,
        _ sent: inout UInt64
    ) -> SeriesPieceMessage {
        sent += UInt64(piece.count)
        return SeriesPieceMessage(piece, isLast: isLast, total: sent)
    }
}
