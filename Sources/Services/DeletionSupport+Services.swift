internal import ClusterInterface
internal import Compaction
internal import HashRing
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
    /// - Parameter ring: The ring as it is, of which this may know an older copy.
    /// - Throws: where one cannot be asked or does not do so: it may hold samples.
    func storeSamples(of tenant: TenantID, on ring: any RingStore) async throws {
        let known = readers()
        let readers = readers(of: tenant)
        guard readers.missing.isEmpty else {
            throw IngesterError.notAcceptingReads(
                state:
                    "missing: \(readers.missing.map(\.instance).sorted().joined(separator: ", "))"
            )
        }
        for member in readers.members { try await member.client.storeSamples(of: tenant) }
        // Read last: whoever comes later has no samples from before, or is told which deletions it missed.
        let names = Set(known.members.map(\.instance) + known.missing.map(\.instance))
        let unknown = try await ring.members().filter {
            $0.mayHoldSamples && !names.contains($0.instance)
        }
        guard unknown.isEmpty else {
            let list = unknown.map(\.instance).joined(separator: ", ")
            throw IngesterError.notAcceptingReads(state: "not known to this process yet: \(list)")
        }
    }
}
