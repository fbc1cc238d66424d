internal import ClusterInterface
public import MetricsModel
internal import PromQL

/// Questions about how many series there are, answered by counting them: exact for any range, and the same
/// wherever the samples are.
extension Querier {
    /// What the series in a range are made of.
    ///
    /// - Parameters:
    ///   - matchers: All must pass; none means every series.
    ///   - limit: Entries of each ranking.
    /// - Throws: ``QueryError``.
    public func seriesStatistics(
        of tenants: TenantSet,
        matching matchers: [LabelMatcher] = [],
        in range: TimeRange,
        limit: Int
    ) async throws -> SeriesStatistics {
        try await count(tenants, matchers, range) { count in
            let names = count.tally.names
            var labelPairs = RankingSelection(limit: limit)
            var values = RankingSelection(limit: limit)
            var bytes = RankingSelection(limit: limit)
            for label in names {
                values.add(label.values.count) { label.name }
                bytes.add(label.size) { label.name }
                for (value, count) in zip(label.values, label.counts) {
                    labelPairs.add(count) { label.name + [UInt8(ascii: "=")] + value }
                }
            }
            let metrics = count.tally.label(named: Labels.metricName)
            return SeriesStatistics(
                seriesCount: count.tally.seriesCount,
                labelPairCount: count.tally.labelCount,
                chunkCount: count.chunkCount,
                range: count.range,
                seriesByMetric: metrics?.ranking(limit: limit) ?? CountRanking([]),
                valuesByLabel: values.finish(),
                bytesByLabel: bytes.finish(),
                seriesByLabelPair: labelPairs.finish()
            )
        }
    }

    /// How many values each label of the series has.
    ///
    /// - Parameter limit: Names that are listed; the totals are of all.
    /// - Throws: ``QueryError``.
    public func labelNameCounts(
        of tenants: TenantSet,
        matching matchers: [LabelMatcher],
        in range: TimeRange,
        limit: Int
    ) async throws -> LabelNameCounts {
        try await count(tenants, matchers, range) { count in
            var names = RankingSelection(limit: limit)
            for label in count.tally.names { names.add(label.values.count) { label.name } }
            return LabelNameCounts(
                valueCount: count.tally.labelCount,
                nameCount: count.tally.names.count,
                names: names.finish()
            )
        }
    }

    /// How many series have each value of some labels.
    ///
    /// - Parameter limit: Values that are listed of each label; the counts are of all.
    /// - Throws: ``QueryError``.
    public func labelValueCounts(
        _ names: [String],
        of tenants: TenantSet,
        matching matchers: [LabelMatcher],
        in range: TimeRange,
        limit: Int
    ) async throws -> LabelValueCounts {
        try await count(tenants, matchers, range) { count in
            var labels = Set(names).map { name in
                let label = count.tally.label(named: name)
                return LabelValueCounts.Label(
                    name: name,
                    valueCount: label?.values.count ?? 0,
                    seriesCount: label?.seriesCount ?? 0,
                    values: label?.ranking(limit: limit) ?? CountRanking([])
                )
            }
            labels.sort {
                $0.seriesCount == $1.seriesCount
                    ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
                    : $0.seriesCount > $1.seriesCount
            }
            return LabelValueCounts(seriesCount: count.tally.seriesCount, labels: labels)
        }
    }

    /// Label sets of the series that pass and have samples in the range, sorted.
    ///
    /// - Throws: ``QueryError``.
    public func countedLabels(
        of tenants: TenantSet,
        matching matchers: [LabelMatcher],
        in range: TimeRange
    ) async throws -> [Labels] {
        try await count(tenants, matchers, range, keepingLabels: true) { count in
            count.labels.sorted()
        }
    }

    /// Counts the series, then makes the answer of what was counted.
    private func count<Answer: Sendable>(
        _ tenants: TenantSet,
        _ matchers: [LabelMatcher],
        _ range: TimeRange,
        keepingLabels: Bool = false,
        _ answer: @escaping @Sendable (SeriesCount) throws -> Answer
    ) async throws -> Answer {
        try await metrics.measure(.cardinality) {
            try await timed(nil) { deadline, _ in
                let memory = self.newAccount()
                var count = SeriesCount(
                    CardinalityTally(
                        maximumSeries: self.settings.maximumCountedSeries,
                        memory: memory
                    ),
                    memory: memory,
                    keepingLabels: keepingLabels
                )
                do {
                    let (names, left) = tenants.pruned(matchers)
                    for tenant in names {
                        try await self.gatherer.countedSeries(
                            SelectRequest(tenant: tenant, matchers: left, range: range),
                            memory: memory,
                            check: { try Self.check(deadline) }
                        ) { try count.add($0, of: tenants.isFederated ? tenant : nil) }
                    }
                } catch let error as MemoryLimitExceeded {
                    throw QueryError.evaluation(.outOfMemory(error))
                }
                let counted = count
                return try await self.workers.run { try answer(counted) }
            }
        }
    }
}

/// What was counted so far.
struct SeriesCount: Sendable {
    private(set) var tally: CardinalityTally
    private(set) var chunkCount = 0
    private(set) var range = TimeRange(start: 0, end: 0)
    /// Label sets, where they are kept.
    private(set) var labels: [Labels] = []
    private let memory: MemoryAccount
    private let keepingLabels: Bool

    init(_ tally: CardinalityTally, memory: MemoryAccount, keepingLabels: Bool) {
        self.tally = tally
        self.memory = memory
        self.keepingLabels = keepingLabels
    }

    /// - Parameter tenant: Whose series they are, in the answer of several tenants.
    mutating func add(_ piece: CountedSeries, of tenant: TenantID?) throws {
        chunkCount += piece.chunkCount
        range = range.union(piece.range)
        guard keepingLabels else { return try tally.add(piece.columns, tenant: tenant) }
        var found: [Labels] = []
        try tally.add(piece.columns, tenant: tenant) { series in
            let labels = try Self.labels(series, of: piece.columns)
            found.append(tenant.map { TenantSet.labels(labels, of: $0) } ?? labels)
        }
        try memory.charge(found.reduce(0) { $0 + $1.key.count + 40 })
        labels += found
    }

    /// Columns come from other processes: labels that are none end the query, not the process.
    private static func labels(_ series: Int, of columns: LabelColumns) throws -> Labels {
        do throws(LabelsError) {
            return try Labels(validating: columns.key(of: series))
        } catch {
            throw QueryError.damaged("an ingester's answer has labels that are none: \(error)")
        }
    }
}
