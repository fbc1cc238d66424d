/// Exponential and custom buckets have no bounds in common and cannot be added.
public struct IncompatibleHistograms: Error, Hashable, Sendable {
    /// The schema of the histogram that was to take the other.
    public let schema: Int8
    public let otherSchema: Int8
}
