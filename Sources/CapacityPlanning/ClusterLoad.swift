/// What a cluster has to carry.
public struct ClusterLoad: Sendable, Equatable {
    /// Series that get samples now, each counted once, whatever the replication.
    public var activeSeries: Double
    /// Seconds between two samples of a series.
    public var scrapeInterval = 15.0
    public var replicationFactor = 3
    public var retentionDays = 30.0
    public var tenants = 100.0
    /// Ingesters that hold a tenant's series, on average; nil for all.
    public var shardSize: Double?
    /// Samples that queries read, for each sample written.
    public var samplesReadPerSampleWritten = 10.0

    public init(activeSeries: Double) { self.activeSeries = activeSeries }

    public var samplesPerSecond: Double { activeSeries / scrapeInterval }
}

/// How the processes are cut, and how full they are meant to be.
public struct ProcessSizes: Sendable, Equatable {
    /// Bounds the time that a restart takes; nineteen seconds for a million were measured.
    public var seriesPerIngester = 4_000_000.0
    public var coresPerProcess = 4.0
    /// Of a core, when all replicas are there.
    public var utilization = 0.5
    /// Of an ingester's memory, for series and samples; the rest is for requests, flushes and reads.
    public var memoryUtilization = 0.5
    /// Seconds.
    public var ringPollInterval = 5.0
    public var heartbeatInterval = 5.0
    /// Seconds that a flushed window spans.
    public var window = 7200.0

    public init() {}
}
