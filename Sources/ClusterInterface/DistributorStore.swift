/// Which distributors live, so that what a whole cluster may do can be shared among them; heartbeats by the store's
/// clock.
///
/// A distributor keeps nothing, so its name needs to be no more than unique. Every call throws ``StoreError``.
public protocol DistributorStore: Sendable {
    /// Notes that a distributor lives, and forgets those that have been silent for longer than the timeout.
    ///
    /// - Returns: How many live, this one included.
    func beat(distributor: String, timeout: Duration) async throws -> Int

    /// Forgets a distributor that stops; one that is not there is no error.
    func forget(distributor: String) async throws
}
