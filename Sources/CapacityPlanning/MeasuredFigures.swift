/// What one core and one byte were measured to carry; docs/scaling.md says how and where.
public struct MeasuredFigures: Sendable, Equatable {
    /// CPU seconds of a distributor for a million samples taken, decoding, checking and sending three copies.
    public var distributorSecondsPerMillion = 1.06
    /// CPU seconds of an ingester for a million copies taken and logged.
    public var ingesterSecondsPerMillionCopies = 0.46
    /// CPU seconds of the ingesters for a million samples stored, whichever of them stores.
    public var flushSecondsPerMillion = 0.48
    /// CPU seconds of PostgreSQL for a million samples stored.
    public var storeSecondsPerMillion = 0.50
    /// CPU seconds of a querier for a million samples read and aggregated.
    public var querySecondsPerMillion = 0.02
    /// CPU seconds of compaction for a million samples merged.
    public var compactionSecondsPerMillion = 0.05

    /// Bytes of a sample in a remote-write request, compressed.
    public var requestBytesPerSample = 43.0
    /// Bytes of a copy from distributor to ingester.
    public var copyBytesPerSample = 17.4
    /// Bytes of a copy in an ingester's log.
    public var logBytesPerSample = 16.8
    /// Bytes of a sample in a flushed block, labels and index included.
    public var flushedBytesPerSample = 0.77
    /// Bytes of a sample in a merged day in PostgreSQL, labels and index included.
    public var mergedBytesPerSample = 0.67

    /// Bytes of a series in an ingester's memory, without its samples.
    public var seriesBytes = 757.0
    /// Bytes of a sample in an ingester's memory.
    public var sampleBytesInMemory = 1.51
    /// Bytes of a series in what a distributor knows.
    public var knownSeriesBytes = 43.0

    /// Bytes of one member in an answer to a poll of the ring.
    public var polledBytesPerMember = 195.0
    /// CPU seconds of PostgreSQL for one member in an answer to a poll of the ring.
    public var polledSecondsPerMember = 2.5e-6
    /// CPU seconds of PostgreSQL for a heartbeat.
    public var heartbeatSeconds = 0.000135

    public init() {}
}
