/// How the embedded store uses its file.
public struct EmbeddedSettings: Sendable {
    /// Longest wait for another process that holds the file's lock.
    public var busyTimeout: Duration = .seconds(10)
    /// Reads that run at the same time, at least 1; writes run one by one.
    public var readerCount = 4

    public init() {}
}
