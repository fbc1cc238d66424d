public import MetricsModel

/// One UTC day of one tenant: what is merged under one lease.
public struct CompactionDay: Sendable, Hashable {
    public var tenant: TenantID
    /// Days since 1970-01-01, negative before.
    public var number: Int64

    static let milliseconds: Int64 = 86_400_000

    /// - Parameter time: Some time of the day, in milliseconds.
    public init(tenant: TenantID, containing time: Int64) {
        self.tenant = tenant
        let rest = time % Self.milliseconds
        number = time / Self.milliseconds - (rest < 0 ? 1 : 0)
    }

    /// The day in milliseconds; cut off where 64 bits end.
    public var range: TimeRange {
        let start = number.multipliedReportingOverflow(by: Self.milliseconds)
        let end = (number + 1).multipliedReportingOverflow(by: Self.milliseconds)
        return TimeRange(
            start: start.overflow ? .min : start.partialValue,
            end: end.overflow ? .max : end.partialValue
        )
    }

    var leaseName: String { "compaction/\(number)" }
}
