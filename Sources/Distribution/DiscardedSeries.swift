internal import Synchronization

/// A series of which something was refused for good, as its tenant can look it up later.
public struct DiscardedSeries: Sendable, Equatable {
    /// What was refused.
    public enum Kind: String, Sendable, CaseIterable {
        /// Samples and native histograms.
        case sample
        case exemplar
        case metadata
    }

    public var kind: Kind
    public var reason: DiscardReason
    /// Its labels the way Prometheus writes them, shortened where they are long; empty where no single series is meant.
    public var series: String
    /// The fault in words, with the values that show it; shortened where it is long.
    public var fault: String
    /// The limit that was met, nil where the reason is about none.
    public var limit: MetLimit?
    /// What was refused of it for this reason, as far as it was noted; at least so much.
    public var count: Int
    /// When it was first and last refused for this reason, in milliseconds since the Unix epoch.
    public var firstTime: Int64
    public var lastTime: Int64

    /// Bytes that it takes, about.
    var size: Int { series.utf8.count + fault.utf8.count + Self.fixedSize }

    private static let fixedSize = 160
}

extension DiscardedSeries {
    /// Bytes of the words for a fault that are kept.
    private static let faultLength = 500

    init(
        _ example: RefusalTally.Example,
        _ kind: Kind,
        time: Int64,
        limits: WriteLimits
    ) {
        self.init(
            kind: kind,
            reason: example.reason,
            series: example.series,
            fault: ShortText.prefix(of: example.fault, bytes: Self.faultLength),
            limit: MetLimit(example.reason, in: limits),
            count: example.count,
            firstTime: time,
            lastTime: time
        )
    }
}

/// A limit of a tenant by the name and with the value of its configuration.
public struct MetLimit: Sendable, Equatable {
    /// Such as `limits.maxLabelsSize`.
    public var name: String
    /// A number, or a duration as text.
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The limit that a reason is about; nil where it is about none.
    init?(_ reason: DiscardReason, in limits: WriteLimits) {
        func number(_ name: String, _ value: Int) -> Self { Self(name: name, value: "\(value)") }
        func duration(_ name: String, _ milliseconds: Int64) -> Self {
            Self(name: name, value: ShortText.duration(milliseconds: milliseconds))
        }
        switch reason {
        case .tooManyLabelNames:
            self = number("limits.maxLabelNamesPerSeries", limits.maximumLabelNamesPerSeries)
        case .labelNameTooLong:
            self = number("limits.maxLabelNameLength", limits.maximumLabelNameLength)
        case .labelValueTooLong:
            self = number("limits.maxLabelValueLength", limits.maximumLabelValueLength)
        case .labelsSizeExceeded: self = number("limits.maxLabelsSize", limits.maximumLabelsSize)
        case .outOfOrder, .tooOld:
            self = duration("limits.lateWindow", limits.lateWindowMilliseconds)
        case .tooOldByAge, .exemplarTooOld:
            guard let age = limits.maximumSampleAgeMilliseconds else { return nil }
            self = duration("limits.maxSampleAge", age)
        case .tooFarInFuture, .exemplarTooFarInFuture:
            self = duration("limits.creationGracePeriod", limits.creationGracePeriodMilliseconds)
        case .metadataNameTooLong, .metadataHelpTooLong, .metadataUnitTooLong:
            self = number("limits.maxMetadataLength", limits.maximumMetadataLength)
        case .rateLimited: self = number("limits.ingestionRate", limits.ingestionRate)
        case .perTenantSeriesLimit:
            self =
                limits.maximumGlobalSeries > 0
                ? number("limits.maxGlobalSeries", limits.maximumGlobalSeries)
                : number("limits.maxSeries", limits.maximumSeries)
        case .perMetricSeriesLimit:
            self =
                limits.maximumGlobalSeriesPerMetric > 0
                ? number("limits.maxGlobalSeriesPerMetric", limits.maximumGlobalSeriesPerMetric)
                : number("limits.maxSeriesPerMetric", limits.maximumSeriesPerMetric)
        case .perTenantMetadataLimit:
            self =
                limits.maximumGlobalMetadata > 0
                ? number("limits.maxGlobalMetadata", limits.maximumGlobalMetadata)
                : number("limits.maxMetadata", limits.maximumMetadata)
        case .perMetricMetadataLimit:
            self =
                limits.maximumGlobalMetadataPerMetric > 0
                ? number("limits.maxGlobalMetadataPerMetric", limits.maximumGlobalMetadataPerMetric)
                : number("limits.maxMetadataPerMetric", limits.maximumMetadataPerMetric)
        default: return nil
        }
    }
}

/// The last refused series of each tenant, in memory.
///
/// A series that is refused again and again for one reason has one place. Bounded: so many series of a tenant, and so many
/// bytes of all; tenants of whom nothing was refused for longest are forgotten first.
final class DiscardLog: Sendable {
    fileprivate struct Tenant {
        /// By time of the last refusal.
        var entries: [DiscardedSeries] = []
        var size = 0
        var lastTime: Int64 = 0
    }

    fileprivate struct State {
        var tenants: [String: Tenant] = [:]
        var size = 0
    }

    /// Series of one tenant.
    static let maximumSeries = 100
    /// Bytes of all, about.
    private let maximumSize: Int
    private let state = Mutex(State())

    init(maximumSize: Int = 32 << 20) { self.maximumSize = maximumSize }

    /// Notes what was refused of one request.
    func note(_ examples: [DiscardedSeries], of tenant: String) {
        guard let last = examples.last else { return }
        state.withLock { state in
            var entry = state.tenants[tenant] ?? Tenant()
            state.tenants[tenant] = nil
            let before = entry.size
            for example in examples { entry.add(example) }
            entry.lastTime = last.lastTime
            state.size += entry.size - before
            state.tenants[tenant] = entry
            if state.size > maximumSize { state.makeRoom(below: maximumSize * 7 / 8) }
        }
    }

    /// The last refused series of a tenant, newest first.
    ///
    /// - Parameter reason: nil is any.
    func series(of tenant: String, reason: DiscardReason?) -> [DiscardedSeries] {
        let entries = state.withLock { $0.tenants[tenant]?.entries ?? [] }
        return entries.reversed().filter { reason == nil || $0.reason == reason }
    }
}

extension DiscardLog.Tenant {
    fileprivate mutating func add(_ example: DiscardedSeries) {
        var new = example
        let known = entries.firstIndex {
            $0.reason == new.reason && $0.kind == new.kind && $0.series == new.series
        }
        if let known {
            let old = entries.remove(at: known)
            size -= old.size
            new.firstTime = old.firstTime
            new.count = old.count.addingReportingOverflow(new.count).partialValue
        } else if entries.count == DiscardLog.maximumSeries {
            size -= entries.removeFirst().size
        }
        size += new.size
        entries.append(new)
    }
}

extension DiscardLog.State {
    /// Forgets the tenants of whom nothing was refused for longest; the last one stays.
    fileprivate mutating func makeRoom(below limit: Int) {
        let oldest = tenants.sorted { ($0.value.lastTime, $0.key) < ($1.value.lastTime, $1.key) }
        for (name, tenant) in oldest.dropLast() where size > limit {
            tenants[name] = nil
            size -= tenant.size
        }
    }
}
