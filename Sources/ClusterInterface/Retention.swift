public import MetricsModel

/// How long samples of each tenant are kept.
public struct Retention: Sendable {
    /// Everything, always.
    public static let forever = Retention(now: { 0 }, of: { _ in 0 })

    private let now: @Sendable () -> Int64
    private let milliseconds: @Sendable (TenantID) -> Int64

    /// - Parameters:
    ///   - now: Milliseconds since the Unix epoch.
    ///   - milliseconds: How long, in milliseconds; 0 and less keep for ever.
    public init(
        now: @escaping @Sendable () -> Int64,
        of milliseconds: @escaping @Sendable (TenantID) -> Int64
    ) {
        self.now = now
        self.milliseconds = milliseconds
    }

    /// The time of the oldest samples that are kept, in milliseconds since the Unix epoch; nil where all are.
    public func oldestTime(of tenant: TenantID) -> Int64? {
        let kept = milliseconds(tenant)
        guard kept > 0 else { return nil }
        let (time, overflows) = now().subtractingReportingOverflow(kept)
        return overflows ? nil : time
    }
}
