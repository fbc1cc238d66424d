public import Logging
internal import Synchronization

/// The clients of all ingesters that this process talks to, one for each address.
public final class IngesterClientPool: Sendable {
    private let settings: TransportSettings
    private let logger: Logger
    private let state = Mutex(State())
    /// Clients that are to be run.
    private let started: AsyncStream<RemoteIngesterClient>
    private let start: AsyncStream<RemoteIngesterClient>.Continuation

    private struct State {
        var clients: [String: RemoteIngesterClient] = [:]
        var isStopped = false
    }

    public init(settings: TransportSettings = .init(), logger: Logger) {
        self.settings = settings
        self.logger = logger
        (started, start) = AsyncStream.makeStream()
    }

    /// The client of an address, made and connected where there is none yet.
    ///
    /// - Throws: ``TransportError/invalidAddress(_:)``, or ``TransportError/stopped(peer:)`` after
    ///   ``shutdown()``.
    public func client(for address: String) throws(TransportError) -> RemoteIngesterClient {
        try state.withLock { state throws(TransportError) in
            if let client = state.clients[address] { return client }
            guard !state.isStopped else { throw .stopped(peer: address) }
            let client = try RemoteIngesterClient(
                address: address,
                settings: settings,
                logger: logger
            )
            state.clients[address] = client
            start.yield(client)
            return client
        }
    }

    /// Closes the clients of all other addresses; their pending calls still end in their own way.
    public func retain(only addresses: Set<String>) {
        let removed = state.withLock { state in
            let removed = state.clients.filter { !addresses.contains($0.key) }
            for address in removed.keys { state.clients[address] = nil }
            return removed.values
        }
        for client in removed { client.shutdown() }
    }

    /// Runs the clients until ``shutdown()`` has been called and pending calls have ended.
    ///
    /// Cancelling the task ends all calls at once. To be called once.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await client in started { group.addTask { await client.run() } }
        }
        shutdown()
    }

    /// Takes no more writes; ``run()`` returns once pending calls have ended.
    public func shutdown() {
        state.withLock { $0.isStopped = true }
        retain(only: [])
        start.finish()
    }
}
