public import ClusterInterface

/// How queries are run; times in milliseconds.
public struct QueryingSettings: Sendable {
    /// How far an instant selector looks back for a sample.
    public var lookbackDelta: Int64 = 300_000
    /// The step of a subquery that names none.
    public var defaultSubqueryStep: Int64 = 60_000
    /// A query that takes longer is ended.
    public var timeout: Int64 = 120_000
    /// Samples that one query may hold in memory.
    public var maximumSamples = 50_000_000
    /// Bytes that one query may hold in memory.
    public var maximumQueryMemory = 4 << 30
    /// Bytes that all queries together may hold in memory.
    public var maximumMemory = 8 << 30
    /// Exemplars that one answer may have.
    public var maximumExemplars = 100_000
    /// Bytes of blocks' pages kept for later queries; a quarter as many of their directories beside them.
    public var cacheSize = 256 << 20
    /// Queries that run at the same time; more wait for a place.
    public var maximumConcurrent = 20
    /// Queries that wait for a place at most; a further one is refused at once.
    public var maximumWaiting = 200
    /// Samples that are older are not answered, though their blocks may still be there.
    public var retention = Retention.forever

    /// Series that one question about cardinality may count; about 40 bytes of memory each.
    public var maximumCountedSeries = 10_000_000

    public init() {}
}
