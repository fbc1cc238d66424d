internal import HTTPTypes
internal import Hummingbird
public import Ingestion

/// Operations on one ingester.
public struct IngesterAPI: Sendable {
    private let ingester: Ingester

    public init(ingester: Ingester) { self.ingester = ingester }

    func addRoutes(to router: Router<APIContext>) {
        // Cortex takes both.
        router.get("/ingester/flush") { _, _ in await flush() }
        router.post("/ingester/flush") { _, _ in await flush() }
    }

    /// 204 when everything in memory is stored, 503 with the causes when some of it is not.
    private func flush() async -> Response {
        let report = await ingester.flushAll()
        guard !report.failures.isEmpty else { return Response(status: .noContent) }
        let causes = report.failures.map { "tenant \($0.tenant): \($0.cause)\n" }.joined()
        return .text(
            "not everything could be stored; it stays in memory and log, and is tried again:\n"
                + causes,
            status: .serviceUnavailable
        )
    }
}
