/// The read path.
public struct QuerierSettings: Sendable, Equatable {
    /// Key `querier.roles`: what the process does, of ``allRoles``; never empty.
    public var roles = Self.allRoles
    /// Key `querier.timeout`.
    public var timeout = Duration.seconds(120)
    /// Key `querier.lookbackDelta`.
    public var lookbackDelta = Duration.seconds(300)
    /// Key `querier.maxSamples`: samples one query may hold in memory at a time.
    public var maxSamples = 50_000_000
    /// Key `querier.maxQueryMemory`: bytes one query may hold at a time.
    public var maxQueryMemory = 4 << 30
    /// Key `querier.maxMemory`: bytes all queries of the process may hold at a time.
    public var maxMemory = 8 << 30
    /// Key `querier.cacheSize`: bytes of pages of blocks kept in memory.
    public var cacheSize = 256 << 20
    /// Key `querier.diskCacheSize`: bytes of blocks kept on the local disk, below `data.directory`; 0 is none.
    public var diskCacheSize = 0
    /// Key `querier.maxConcurrent`: queries that run at a time; more wait.
    public var maxConcurrent = 20

    private static let queriers: [Executable] = [.engram, .querier]

    /// Answers queries.
    public static let queryRole = "query"
    /// Merges and removes blocks.
    public static let compactRole = "compact"
    public static let allRoles = [queryRole, compactRole]

    static let keys = [
        ConfigurationKey(
            "querier.roles",
            \.querier.roles,
            .list(of: allRoles),
            for: [.querier],
            """
            What the process does: `query` answers queries, `compact` merges blocks and removes those that are \
            not needed any more. `--roles` is short for `--querier-roles`.
            """
        ),
        ConfigurationKey(
            "querier.timeout",
            \.querier.timeout,
            .duration(.seconds(1)...Duration.seconds(3600)),
            for: queriers,
            "Longest a query may take; a request's `timeout` parameter can only shorten it."
        ),
        ConfigurationKey(
            "querier.lookbackDelta",
            \.querier.lookbackDelta,
            .duration(.seconds(1)...Duration.seconds(86_400)),
            for: queriers,
            "How far back an instant selector looks for the newest sample of a series."
        ),
        ConfigurationKey(
            "querier.maxSamples",
            \.querier.maxSamples,
            .integer(1000...10_000_000_000),
            for: queriers,
            "Samples that one query may hold in memory at a time."
        ),
        ConfigurationKey(
            "querier.maxQueryMemory",
            \.querier.maxQueryMemory,
            .integer(1_048_576...1_099_511_627_776),
            for: queriers,
            "Bytes that one query may hold in memory at a time; a query that needs more fails with status 422."
        ),
        ConfigurationKey(
            "querier.maxMemory",
            \.querier.maxMemory,
            .integer(1_048_576...17_592_186_044_416),
            for: queriers,
            "Bytes that all queries of the process may hold in memory at a time."
        ),
        ConfigurationKey(
            "querier.cacheSize",
            \.querier.cacheSize,
            .integer(0...1_099_511_627_776),
            for: queriers,
            "Bytes of decompressed pages of blocks that are kept in memory for later queries, and a quarter as many "
                + "of their directories beside them."
        ),
        ConfigurationKey(
            "querier.diskCacheSize",
            \.querier.diskCacheSize,
            .integer(0...17_592_186_044_416),
            for: queriers,
            "Bytes of blocks, as stored, that are kept in files of `data.directory`/block-cache for later queries and "
                + "processes; 0 keeps none, else at least 16777216. What a deleted tenant had there goes with age."
        ),
        ConfigurationKey(
            "querier.maxConcurrent",
            \.querier.maxConcurrent,
            .integer(1...10_000),
            for: queriers,
            "Queries that one process evaluates at a time; more wait for their turn."
        ),
    ]
}
