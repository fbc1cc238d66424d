public import MetricsModel

/// Where limits of single tenants are kept that are changed while everything runs, with all that they were before.
///
/// A change is a row that is only ever added; a tenant's newest row is in force. Every call throws ``StoreError``.
public protocol OverridesStore: Sendable {
    /// The newest row of each tenant, by version.
    ///
    /// Whoever asks for what came after the last row that it has seen misses nothing: versions ascend in the order in
    /// which changes are committed.
    ///
    /// - Parameters:
    ///   - version: Only rows after this one; 0 for all.
    ///   - limit: Most rows in the answer.
    func tenantOverrides(
        changedAfter version: Int64,
        limit: Int
    ) async throws
        -> [TenantOverridesRow]

    /// A tenant's rows, newest first.
    ///
    /// - Parameters:
    ///   - version: Only rows up to this one; nil for all.
    ///   - limit: Most rows in the answer.
    func tenantOverrides(
        of tenant: TenantID,
        through version: Int64?,
        limit: Int
    ) async throws
        -> [TenantOverridesRow]

    /// Adds a row, if the tenant's newest one is still the expected one.
    ///
    /// - Returns: The row as it was written; nil where another change came first.
    func write(_ change: TenantOverridesChange) async throws -> TenantOverridesRow?
}

/// One change of a tenant's limits, as the store holds it.
public struct TenantOverridesRow: Sendable, Equatable {
    public var tenant: TenantID
    /// Above 0, and greater than that of every row of the store written before, whatever its tenant.
    public var version: Int64
    /// A JSON object: limits by name with their values, all that the tenant has from then on.
    public var document: String
    /// Who wrote it, as they say themselves; empty where that is not known.
    public var author: String
    /// Why, likewise.
    public var comment: String
    /// By the store's clock, in milliseconds since the Unix epoch.
    public var changedAt: Int64

    public init(
        tenant: TenantID,
        version: Int64,
        document: String,
        author: String,
        comment: String,
        changedAt: Int64
    ) {
        self.tenant = tenant
        self.version = version
        self.document = document
        self.author = author
        self.comment = comment
        self.changedAt = changedAt
    }
}

/// What is to become of a tenant's limits.
public struct TenantOverridesChange: Sendable, Equatable {
    public var tenant: TenantID
    /// Without the character NUL, like the next two.
    public var document: String
    public var author: String
    public var comment: String
    /// Of the row that the change was made for; 0 where there was none.
    public var expectedVersion: Int64

    public init(
        tenant: TenantID,
        document: String,
        author: String = "",
        comment: String = "",
        expectedVersion: Int64
    ) {
        self.tenant = tenant
        self.document = document
        self.author = author
        self.comment = comment
        self.expectedVersion = expectedVersion
    }
}
