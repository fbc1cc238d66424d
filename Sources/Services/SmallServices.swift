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
    /// It cannot listen, or stopped by itself.
    struct Failure: Error, CustomStringConvertible {
        let address: String
        let cause: any Error

        var description: String { "cannot serve on \(address) (rpc.listen): \(cause)" }
    }

    let server: IngesterServer
    let address: String

    func run() async throws {
        try await withGracefulShutdownHandler {
            do {
                try await server.run()
            } catch {
                throw Failure(address: address, cause: error)
            }
        } onGracefulShutdown: {
            server.beginGracefulShutdown()
        }
    }
}
