/// Everything a process is configured with, read and checked once at start.
///
/// Each part is the settings of one section; what an executable does not use keeps its default.
public struct ServiceSettings: Sendable, Equatable {
    public var http = HTTPSettings()
    public var rpc = RPCSettings()
    public var data = DataSettings()
    public var store = StoreSettings()
    public var auth = AuthSettings()
    public var ring = RingSettings()
    public var distributor = DistributorSettings()
    public var haTracker = HATrackerSettings()
    public var ingester = IngesterSettings()
    public var querier = QuerierSettings()
    public var compactor = CompactorSettings()
    public var limits = LimitsSettings()
    public var overrides = OverridesSettings()
    public var telemetry = TelemetrySettings()

    /// The defaults of one executable: those beside the properties suit `engram`, the executables of
    /// a cluster differ where this says so.
    public init(defaultsFor executable: Executable) {
        guard executable != .engram else { return }
        auth.mode = .header
        ring.replicationFactor = 3
        telemetry.logFormat = .json
        switch executable {
        case .engram: break
        case .distributor: http.listen = NetworkAddress(host: "0.0.0.0", port: 9010)
        case .ingester: http.listen = NetworkAddress(host: "0.0.0.0", port: 9020)
        case .querier: http.listen = NetworkAddress(host: "0.0.0.0", port: 9030)
        }
    }
}
