internal import ClusterInterface
public import MetricsModel

extension Ingester {
    public func storeSamples(of tenant: TenantID) async throws {
        // What is still to be read of the log is in no head, so that nothing could be said of it.
        let life = life
        guard life.takesReads else { throw IngesterError.notAcceptingReads(state: life.name) }
        if let head = heads.existing(tenant) {
            let report = await flush([head], isUrgent: true) { _, _ in .max }
            if let failure = report.failures.first {
                throw IngesterError.storageFailed(failure.cause)
            }
        }
        if let cause = log.failureReason { throw IngesterError.storageFailed(cause) }
        // Blocks whose cuts the log does not say to be finished would be stored once more after a crash, and those of a
        // flush before this one too.
        try await wait(for: log.rotate())
    }
}
