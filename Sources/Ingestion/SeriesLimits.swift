internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel

/// How many series one tenant may have on this ingester; asked for new ones only.
///
/// A limit on the whole cluster holds on each ingester of the tenant's shard for its share.
struct SeriesLimits {
    /// Series of the tenant; `Int.max` is no limit.
    private let ofTenant: Int
    /// Series of each metric; likewise.
    private let ofMetric: Int
    private let labelSets: LabelSetLimits
    private let share: RingShare

    init(_ limits: TenantLimits, share: RingShare) {
        let share = share.inShard(size: limits.ingestionTenantShardSize)
        ofTenant = Self.smaller(limits.maxSeries, share.of(limits.maxGlobalSeries))
        ofMetric = Self.smaller(
            limits.maxSeriesPerMetric,
            share.of(limits.maxGlobalSeriesPerMetric)
        )
        labelSets = limits.labelSetLimits
        self.share = share
    }

    /// Refuses nothing.
    static let none = Self(TenantLimits(), share: RingShare())

    /// Why no series can be new in a head, whatever its labels; nil where one may.
    func refusal(of head: borrowing Head) -> RefusalReason? {
        head.seriesCount >= ofTenant ? .perTenantSeriesLimit : nil
    }

    /// Why a series cannot be new in a head; nil where it may.
    ///
    /// - Parameter key: A canonical series key.
    func refusal(
        ofNew key: UnsafeBufferPointer<UInt8>,
        in head: inout Head
    ) -> RefusalReason? {
        if let refusal = refusal(of: head) { return refusal }
        if ofMetric < .max, head.seriesCount(ofMetricIn: key) >= ofMetric {
            return .perMetricSeriesLimit
        }
        guard !labelSets.sets.isEmpty else { return nil }
        var isFull = false
        head.visitSets(labelSets.sets, of: key) { set, count in
            if count >= share.of(labelSets.maxSeries[set]) { isFull = true }
        }
        return isFull ? .perLabelSetSeriesLimit : nil
    }

    /// The smaller of two limits, of which 0 is none.
    private static func smaller(_ one: Int, _ other: Int) -> Int {
        min(one > 0 ? one : .max, other > 0 ? other : .max)
    }
}
