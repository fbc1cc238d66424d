public import MetricsModel

/// What senders say about one tenant's metrics, up to a bound.
///
/// A metric has several entries where its senders differ. Where it has as many as it may, one that nobody has repeated for
/// a while makes room for another.
public struct MetadataTable: Sendable {
    private struct Entry: Sendable {
        var seen: SeenMetadata
        /// Log segment that it is in.
        var segment: UInt64
    }

    private var metrics: [String: [Entry]] = [:]
    /// Metrics that may have entries; those that are there stay where it is lowered.
    public var maximumMetrics: Int
    /// Entries that one metric may have; likewise.
    public var maximumEntriesPerMetric: Int

    /// Senders repeat what they say every minute or so; what was silent for so long may be replaced, in milliseconds.
    public static let silence: Int64 = 900_000

    public init(maximumMetrics: Int, maximumEntriesPerMetric: Int) {
        self.maximumMetrics = maximumMetrics
        self.maximumEntriesPerMetric = maximumEntriesPerMetric
    }

    /// Metrics with metadata.
    public var count: Int { metrics.count }

    /// Takes what a sender says.
    ///
    /// - Parameters:
    ///   - seen: With the time of now, or of when it was said.
    ///   - segment: The log segment that it goes to if it is new.
    public mutating func observe(_ seen: SeenMetadata, segment: UInt64) -> MetadataOutcome {
        let name = seen.metadata.name
        guard var entries = metrics[name] else {
            guard metrics.count < maximumMetrics else { return .tooManyMetrics }
            metrics[name] = [Entry(seen: seen, segment: segment)]
            return .stored
        }
        if let index = entries.firstIndex(where: { $0.seen.metadata == seen.metadata }) {
            let newest = max(entries[index].seen.lastSeen, seen.lastSeen)
            metrics[name]?[index].seen.lastSeen = newest
            return .known
        }
        if entries.count >= maximumEntriesPerMetric {
            let oldest = entries.indices.min {
                entries[$0].seen.lastSeen < entries[$1].seen.lastSeen
            }
            guard let oldest, entries[oldest].seen.isSilent(at: seen.lastSeen) else {
                return .tooManyEntries
            }
            entries.remove(at: oldest)
        }
        entries.append(Entry(seen: seen, segment: segment))
        metrics[name] = entries
        return .stored
    }

    /// Forgets what no sender has repeated since a time.
    public mutating func forget(notSeenSince time: Int64) {
        for (name, entries) in metrics where entries.contains(where: { $0.seen.lastSeen < time }) {
            let kept = entries.filter { $0.seen.lastSeen >= time }
            metrics[name] = kept.isEmpty ? nil : kept
        }
    }

    /// The entries of one metric, or of all, by name, those of one metric newest first.
    public func select(_ metric: String? = nil) -> [SeenMetadata] {
        let names = metric.map { [$0] } ?? metrics.keys.sorted()
        return names.flatMap { name in
            (metrics[name] ?? []).map(\.seen).sorted { $0.lastSeen > $1.lastSeen }
        }
    }

    /// The newest entry of each metric, by name.
    public var newest: [MetricMetadata] {
        metrics.values.compactMap { entries in
            entries.max {
                ($0.seen.lastSeen, $0.seen.metadata.help, $0.seen.metadata.unit)
                    < ($1.seen.lastSeen, $1.seen.metadata.help, $1.seen.metadata.unit)
            }?.seen.metadata
        }.sorted { $0.name < $1.name }
    }

    // MARK: Log

    /// The oldest log segment with an entry that no later one has; nil if there are no entries.
    public var oldestSegmentNeeded: UInt64? {
        metrics.values.lazy.joined().map(\.segment).min()
    }

    /// The entries that are in segments before one.
    public func entries(before segment: UInt64) -> [SeenMetadata] {
        metrics.values.joined().filter { $0.segment < segment }.map(\.seen)
    }

    /// Notes that the entries in segments before one are in a later segment, too.
    public mutating func moveEntries(before segment: UInt64, to later: UInt64) {
        for (name, entries) in metrics {
            for index in entries.indices where entries[index].segment < segment {
                metrics[name]?[index].segment = later
            }
        }
    }
}

extension SeenMetadata {
    /// Whether nobody has repeated it for so long that it may be replaced.
    fileprivate func isSilent(at time: Int64) -> Bool {
        let (gap, isOverflow) = time.subtractingReportingOverflow(lastSeen)
        return isOverflow ? time > lastSeen : gap > MetadataTable.silence
    }
}

/// What became of a metadata entry.
public enum MetadataOutcome: Sendable, Equatable {
    /// It is new.
    case stored
    case known
    /// Metadata of as many metrics is there as may be.
    case tooManyMetrics
    /// As many entries of the metric are there as may be, and all of them were repeated lately.
    case tooManyEntries
}
