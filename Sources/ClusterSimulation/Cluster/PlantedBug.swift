/// A mistake that is put into the wiring of a simulation on purpose: the checks must find it.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// Distributors answer when one ingester has a request, while queries count on two.
    case quorumOfOne
    /// The store of an ingester says that a block is stored before it is.
    case flushMarkedBeforeStored
    /// Dead ingesters are forgotten as if all others had stored everything.
    case forgottenTooEarly
    /// Queries are told of no deletions.
    case tombstoneIgnored
    /// The log says that a record is durable when it has it in memory.
    case acknowledgedBeforeSync
    /// Queries are content where two ingesters are missing.
    case tooManyMissingTolerated
    /// An ingester that has started answers queries before it has read its log.
    case readsBeforeReplay
}
