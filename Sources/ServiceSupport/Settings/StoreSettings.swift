/// The store of blocks, catalog and ring.
public struct StoreSettings: Sendable, Equatable {
    /// Key `store.url`; for `engram` it follows from ``DataSettings/directory`` unless set.
    public var url = StoreURL.sqlite(path: "./data/engram.db")
    /// Key `store.poolSize`: connections at most.
    public var poolSize = 8
    /// Key `store.migrateAtStart`.
    public var migrateAtStart = true

    static let keys = [
        ConfigurationKey(
            "store.url",
            \.store.url,
            .storeURL,
            default: "`sqlite:<data.directory>/engram.db` for `engram`, required for the others",
            holdsSecret: true,
            """
            The store: `sqlite:PATH` for `engram` only, or \
            `postgres://user:password@host:port/database?…` (a libpq URI).
            """
        ),
        ConfigurationKey(
            "store.poolSize",
            \.store.poolSize,
            .integer(1...256),
            "Connections to the store that this process opens at most."
        ),
        ConfigurationKey(
            "store.migrateAtStart",
            \.store.migrateAtStart,
            .boolean,
            """
            Whether the schema is brought up to date at start, under a lock. When false, `engram \
            migrate` has to be run before.
            """
        ),
    ]
}
