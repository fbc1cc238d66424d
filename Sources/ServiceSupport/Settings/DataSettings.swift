/// What the process keeps on its own disk.
public struct DataSettings: Sendable, Equatable {
    /// Key `data.directory`; created when it is missing.
    public var directory = "./data"

    static let keys = [
        ConfigurationKey(
            "data.directory",
            \.data.directory,
            .path,
            for: [.engram, .ingester, .querier],
            "Directory of the write-ahead log, of the querier's cache on disk and, for `engram`, of the embedded "
                + "store."
        )
    ]
}
