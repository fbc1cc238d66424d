public import MetricsModel

/// Where distributors agree on the replica whose samples are taken, one row for each cluster of a tenant.
///
/// Ages are by the store's clock, so that no distributor's clock has to agree with another's. Every call throws
/// ``StoreError``.
public protocol HATrackerStore: Sendable {
    /// Rows of all tenants, by tenant and cluster.
    ///
    /// - Parameter span: Only rows that were written within it; nil for all.
    func haElections(changedWithin span: Duration?) async throws -> [HAElectionRow]

    /// Writes a row, if its version is still the expected one.
    ///
    /// - Returns: The row as it is now, and whether it is what was to be written.
    func compareAndSet(_ change: HAElectionChange) async throws -> HAElectionAnswer

    /// Deletes the rows of clusters whose elected replica was not heard for longer than a time.
    ///
    /// - Returns: How many were deleted.
    func removeHAElections(silentFor time: Duration) async throws -> Int
}

/// Which replica of a cluster is elected, as the store holds it.
public struct HAElectionRow: Sendable, Equatable {
    public var tenant: TenantID
    /// Value of the tenant's cluster label.
    public var cluster: String
    /// Value of the replica label whose samples are taken.
    public var replica: String
    /// Greater than that of every row of the store written before.
    public var version: Int64
    /// Samples up to this time were taken from the replica before, in milliseconds; `Int64.min` where there was none.
    public var startTime: Int64
    /// The replica's newest sample, in milliseconds; no later than it was received.
    public var newestSample: Int64
    /// How long ago the replica was last heard when the row was read, in milliseconds; not below 0.
    public var receivedAge: Int64
    /// How long ago it was elected when the row was read, in milliseconds; not below 0.
    public var electedAge: Int64

    public init(
        tenant: TenantID,
        cluster: String,
        replica: String,
        version: Int64,
        startTime: Int64,
        newestSample: Int64,
        receivedAge: Int64,
        electedAge: Int64
    ) {
        self.tenant = tenant
        self.cluster = cluster
        self.replica = replica
        self.version = version
        self.startTime = startTime
        self.newestSample = newestSample
        self.receivedAge = receivedAge
        self.electedAge = electedAge
    }
}

/// What a row is to become.
///
/// A replica that is another one than the row's is elected by it; the same one was heard again.
public struct HAElectionChange: Sendable, Equatable {
    public var tenant: TenantID
    /// Not empty, without the character NUL, at most ``maximumNameSize`` bytes.
    public var cluster: String
    /// Likewise.
    public var replica: String
    public var startTime: Int64
    public var newestSample: Int64
    /// How long ago the replica was last heard, in milliseconds.
    public var receivedAge: Int64
    /// Of the row that the change was made for; nil where there was none.
    public var expectedVersion: Int64?

    /// Bytes that a cluster's or a replica's name may have; an index of PostgreSQL takes no key much longer.
    public static let maximumNameSize = 1024

    public init(
        tenant: TenantID,
        cluster: String,
        replica: String,
        startTime: Int64,
        newestSample: Int64,
        receivedAge: Int64,
        expectedVersion: Int64?
    ) {
        self.tenant = tenant
        self.cluster = cluster
        self.replica = replica
        self.startTime = startTime
        self.newestSample = newestSample
        self.receivedAge = receivedAge
        self.expectedVersion = expectedVersion
    }
}

/// What became of a change.
public struct HAElectionAnswer: Sendable, Equatable {
    public var isWritten: Bool
    /// The row as it is now; nil where it was to be changed and is gone.
    public var row: HAElectionRow?

    public init(isWritten: Bool, row: HAElectionRow?) {
        self.isWritten = isWritten
        self.row = row
    }
}
