/// How the store uses its database.
public struct PostgresSettings: Sendable {
    /// Connections, and threads that wait for them; at least 1.
    public var connectionCount = 4
    /// Longest wait for a free connection before a call fails.
    public var maximumWait: Duration = .seconds(10)
    /// Longest run of one statement; the database ends it then.
    public var statementTimeout: Duration = .seconds(60)
    /// Longest wait for a connection to be made; libpq counts whole seconds, at least 2.
    public var connectTimeout: Duration = .seconds(5)
    /// Most bytes that one statement of a read returns; a longer read takes several.
    public var maximumReadSize = 32 << 20

    public init() {}
}

/// A store URL that libpq refuses.
///
/// The URL is not repeated here: it may hold a password.
public struct PostgresURLError: Error, CustomStringConvertible {
    public var description: String { "the store URL is not a libpq connection URI" }
}
