internal import ClusterTransport
internal import Distribution
internal import ServiceLifecycle

/// Keeps the connections to the ingesters.
struct ClientPoolService: Service {
    let pool: IngesterClientPool

    func run() async throws {
        await withGracefulShutdownHandler {
            await pool.run()
        } onGracefulShutdown: {
            pool.shutdown()
        }
    }
}

/// Waits at the end for replica writes that outlived their requests.
struct DrainService: Service {
    let distributor: Distributor

    func run() async throws {
        try? await gracefulShutdown()
        await distributor.waitForBackgroundWrites()
    }
}

/// Answers distributors and queriers.
struct RPCService: Service {
    let server: IngesterServer

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            server.beginGracefulShutdown()
        }
    }
}
