internal import ClusterInterface
internal import MetricsModel

/// Stands for a member that there is no way to; every call fails with the reason.
struct UnreachableIngester: IngesterClient {
    let reason: String

    private var error: IngesterError { .notAcceptingReads(state: "unreachable: \(reason)") }

    func write(_ batch: WriteBatch) async throws -> WriteAnswer {
        throw IngesterError.notAcceptingWrites(state: "unreachable: \(reason)")
    }

    func select(_ request: SelectRequest) async throws -> [SelectedSeries] { throw error }

    func series(_ request: SelectRequest) async throws -> [Labels] { throw error }

    func labelNames(_ request: SelectRequest) async throws -> [String] { throw error }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        throw error
    }

    func storeSamples(of tenant: TenantID) async throws { throw error }

    func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 { throw error }

    func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] { throw error }

    func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] { throw error }
}
