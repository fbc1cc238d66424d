internal import ClusterInterface
internal import Compaction
internal import MetricsModel
internal import PromQL
internal import Querying

extension DeletionSupport {
    /// With selectors of PromQL.
    static func parsing(
        storeSamples: (@Sendable (TenantID) async throws -> Void)?
    ) -> DeletionSupport {
        DeletionSupport(
            parse: { try Parser.parseSelector($0).matchers },
            storeSamples: storeSamples
        )
    }
}

extension IngesterDirectory {
    /// Has every ingester that may hold samples of a tenant store them.
    ///
    /// - Throws: where one cannot be asked or does not do so: it may hold samples.
    func storeSamples(of tenant: TenantID) async throws {
        let readers = readers(of: tenant)
        guard readers.missing.isEmpty else {
            throw IngesterError.notAcceptingReads(
                state:
                    "missing: \(readers.missing.map(\.instance).sorted().joined(separator: ", "))"
            )
        }
        for member in readers.members { try await member.client.storeSamples(of: tenant) }
    }
}
