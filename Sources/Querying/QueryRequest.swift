/// One query as it came in; times in milliseconds since the Unix epoch.
public struct QueryRequest: Sendable {
    public var tenants: TenantSet
    public var text: String
    public var start: Int64
    /// Equal to `start` for an instant query.
    public var end: Int64
    /// 0 for an instant query.
    public var step: Int64
    /// Ends the query sooner than the querier's own limit would.
    public var timeout: Int64?
    public var lookbackDelta: Int64?
    public var features: QueryFeatures
    /// Whether samples are also counted for each step.
    public var countsSteps: Bool
    /// Whether the work of each node and fetch is recorded.
    public var isTraced: Bool
    /// Whether an answer may lack what ingesters hold that do not answer, with a warning.
    public var allowsPartial: Bool

    public init(
        tenants: TenantSet,
        text: String,
        start: Int64,
        end: Int64,
        step: Int64,
        timeout: Int64? = nil,
        lookbackDelta: Int64? = nil,
        features: QueryFeatures,
        countsSteps: Bool = false,
        isTraced: Bool = false,
        allowsPartial: Bool = false
    ) {
        self.tenants = tenants
        self.text = text
        self.start = start
        self.end = end
        self.step = step
        self.timeout = timeout
        self.lookbackDelta = lookbackDelta
        self.features = features
        self.countsSteps = countsSteps
        self.isTraced = isTraced
        self.allowsPartial = allowsPartial
    }
}
