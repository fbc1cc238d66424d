/// How the embedded store uses its file.
public struct EmbeddedSettings: Sendable {
    /// Longest wait for another process that holds the file's lock.
    public var busyTimeout: Duration = .seconds(10)
    /// Reads that run at the same time, at least 1; writes run one by one.
    public var readerCount = 4
    /// How old what is kept of the catalog may be as to commits of other processes; those of this one are seen at once.
    ///
    /// More than nothing only where no other process has samples that are in memory until they are in a block.
    public var foreignChangesWithin: Duration = .zero

    public init() {}
}
