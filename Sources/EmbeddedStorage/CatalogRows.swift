import ClusterInterface
import MetricsModel

/// Catalog rows of one version of the file, by tenant.
struct CatalogRows {
    /// Bound on rows in memory, about 200 bytes each.
    static let maximumCount = 1 << 16

    private var version: Int64?
    private var tenants: [TenantID: Covered] = [:]
    private var count = 0

    /// All rows of one tenant that overlap a range, in the catalog's order.
    private struct Covered {
        var range: TimeRange
        var rows: [BlockRecord]
    }

    /// Whether the rows of a range are here, of whatever version.
    func covers(_ tenant: TenantID, _ range: TimeRange) -> Bool {
        tenants[tenant]?.range.includes(range) == true
    }

    /// The rows of a tenant that overlap a range; nil where they are not here or not of this version.
    func find(_ tenant: TenantID, _ range: TimeRange, version: Int64) -> [BlockRecord]? {
        guard version == self.version, let covered = tenants[tenant],
            covered.range.includes(range)
        else { return nil }
        return covered.rows.filter { $0.range.overlaps(range) }
    }

    /// The range to read for a request: whole days, so that ranges that move with the time stay inside, and with
    /// what is here already, so that ranges of several lengths do not drive out each other.
    func toCover(_ tenant: TenantID, _ range: TimeRange, version: Int64) -> TimeRange {
        let days = range.wholeDays
        guard version == self.version, let covered = tenants[tenant]?.range,
            covered.start <= days.end, days.start <= covered.end
        else { return days }
        return covered.union(days)
    }

    /// Keeps rows; those of another version, or all where they become too many, are forgotten.
    mutating func keep(
        _ rows: [BlockRecord],
        of tenant: TenantID,
        _ range: TimeRange,
        version: Int64
    ) {
        let replaced = tenants[tenant]?.rows.count ?? 0
        if version != self.version || count - replaced + rows.count > Self.maximumCount {
            self = CatalogRows()
        } else {
            count -= replaced
            tenants[tenant] = nil
        }
        guard rows.count <= Self.maximumCount else { return }
        self.version = version
        tenants[tenant] = Covered(range: range, rows: rows)
        count += rows.count
    }
}

extension TimeRange {
    /// Whether another range lies in this one.
    fileprivate func includes(_ other: TimeRange) -> Bool {
        start <= other.start && other.end <= end
    }

    /// The days, since the epoch, that this range touches.
    fileprivate var wholeDays: TimeRange {
        let day: Int64 = 86_400_000
        func floor(_ time: Int64) -> Int64 {
            let part = time % day
            let (floor, overflows) = time.subtractingReportingOverflow(part < 0 ? part + day : part)
            return overflows ? .min : floor
        }
        let last = floor(end)
        let (next, overflows) = last.addingReportingOverflow(last == end ? 0 : day)
        return TimeRange(start: floor(start), end: overflows ? .max : next)
    }
}
