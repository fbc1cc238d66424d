/// Merging and removing blocks.
public struct CompactorSettings: Sendable, Equatable {
    /// Key `compactor.interval`.
    public var interval = Duration.seconds(300)
    /// Key `compactor.concurrency`.
    public var concurrency = 1
    /// Key `compactor.grace`; longer than ``QuerierSettings/timeout``.
    public var grace = Duration.seconds(900)

    private static let compactors: [Executable] = [.engram, .querier]

    static let keys = [
        ConfigurationKey(
            "compactor.interval",
            \.compactor.interval,
            .duration(.seconds(1)...Duration.seconds(86_400)),
            for: compactors,
            "How often blocks that can be merged or removed are looked for."
        ),
        ConfigurationKey(
            "compactor.concurrency",
            \.compactor.concurrency,
            .integer(1...64),
            for: compactors,
            "Merges that one process runs at a time; each takes about a core and up to 500 MiB."
        ),
        ConfigurationKey(
            "compactor.grace",
            \.compactor.grace,
            .duration(.seconds(1)...Duration.seconds(7 * 86_400)),
            for: compactors,
            """
            How long the bytes of replaced and expired blocks stay, for queries that run meanwhile. More than \
            `querier.timeout` of every querier.
            """
        ),
    ]
}
