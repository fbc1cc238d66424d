internal import NIOCore
internal import Synchronization

/// The sockets of one server, so that they can be closed from outside.
///
/// Cancelling the task that accepts connections or streams would drop those on their way to it, and NIO ends
/// the process when a channel is dropped unused (swift-nio issues 2637 and 2813). So a server is never
/// cancelled: its sockets are closed, and then it ends by itself.
final class OpenConnections: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// How long a connection that was accepted before takes, at the very most, to reach its task.
    private static let handOverTime = Duration.milliseconds(20)

    func addListener(_ channel: any Channel) -> EventLoopFuture<Void> {
        state.withLock { $0.listener = channel }
        return channel.eventLoop.makeSucceededVoidFuture()
    }

    func addConnection(_ channel: any Channel) -> EventLoopFuture<Void> {
        let isClosed = state.withLock { state in
            state.connections[ObjectIdentifier(channel)] = channel
            return state.isClosed
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.connections[ObjectIdentifier(channel)] = nil }
        }
        if isClosed { channel.close(promise: nil) }
        return channel.eventLoop.makeSucceededVoidFuture()
    }

    /// Accepts no more connections; afterwards the listener can be closed without dropping any.
    func stopAccepting() async {
        guard let listener = state.withLock({ $0.listener }) else { return }
        try? await listener.setOption(.autoRead, value: false).get()
        // Not a task that cancellation could shorten.
        await withCheckedContinuation { continuation in
            listener.eventLoop.scheduleTask(in: TimeAmount(Self.handOverTime)) {
                continuation.resume()
            }
        }
    }

    /// Closes all connections, and each that still comes.
    func closeAll() {
        let connections = state.withLock { state in
            state.isClosed = true
            return state.connections.values
        }
        for connection in connections { connection.close(promise: nil) }
    }
}
