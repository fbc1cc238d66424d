public import MetricsModel

/// A tenant's order to forget the samples of some series in a range of time.
///
/// It means the samples that the tenant has when it is given, not those that are written later: samples that are
/// acknowledged once ``Phase/stored`` is reached stay, also in the range.
public struct SeriesDeletion: Sendable, Equatable {
    /// How far it has come.
    public enum Phase: String, Sendable, CaseIterable {
        /// Ingesters may hold samples that it means: it hides them in every place.
        case ordered
        /// All samples that it means are in blocks that have not seen it.
        case stored
        /// No block that queries find holds such samples.
        case done
    }

    public var tenant: TenantID
    /// Ascending with the time of the order; unique within the tenant, greater than 0.
    public var number: Int64
    /// PromQL selectors; a series that matches one of them is meant, without any all series are.
    public var selectors: [String]
    /// Milliseconds.
    public var range: TimeRange
    public var phase: Phase
    /// Milliseconds since the Unix epoch, by the store's clock.
    public var requestedAt: Int64
    /// When it was done; nil before.
    public var finishedAt: Int64?
    /// Samples that were taken out of blocks so far.
    public var removedSamples: Int

    public init(
        tenant: TenantID,
        number: Int64,
        selectors: [String],
        range: TimeRange,
        phase: Phase = .ordered,
        requestedAt: Int64 = 0,
        finishedAt: Int64? = nil,
        removedSamples: Int = 0
    ) {
        self.tenant = tenant
        self.number = number
        self.selectors = selectors
        self.range = range
        self.phase = phase
        self.requestedAt = requestedAt
        self.finishedAt = finishedAt
        self.removedSamples = removedSamples
    }

    /// Most selectors of one order, and most bytes of each.
    public static let maximumSelectors = 64
    public static let maximumSelectorSize = 16_384
}
