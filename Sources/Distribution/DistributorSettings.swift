public import RemoteWrite

/// What an operator can set about distributing writes.
public struct DistributorSettings: Sendable, Equatable {
    /// Copies of each series, 1 to 8.
    public var replicationFactor = 3
    public var requestLimits = WriteRequestLimits()
    /// Bytes of compressed and decompressed requests held at once, until their last replica has answered.
    ///
    /// A single larger request is taken when it is alone.
    public var maximumInFlightBytes = 512 << 20
    /// Requests that are received and worked on at once.
    public var maximumInFlightRequests = 2000
    /// Replica writes that may go on after their request is answered; with more, requests wait for all replicas.
    public var maximumBackgroundWrites = 1024
    /// Series whose labels are remembered as checked and sent; 32 bytes each.
    public var maximumKnownSeries = 4 << 20
    /// Series whose relabelled labels are remembered, of tenants with rules; 40 bytes each.
    public var maximumRelabeledSeries = 1 << 20
    /// What senders are told with a transient refusal.
    public var retryAfterSeconds = 5

    public init() {}
}
