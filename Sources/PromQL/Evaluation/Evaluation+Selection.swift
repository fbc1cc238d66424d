internal import MetricsModel

/// Aggregations that look at all values of a group at a step together.
extension Evaluation {
    func quantiles(
        _ columns: [SeriesColumn],
        _ groups: [AggregationGroups.Group],
        _ quantile: [Double]
    ) throws(EvaluationError) -> [SeriesColumn] {
        var result: [SeriesColumn] = []
        var values: [Double] = []
        for group in groups {
            try control.check()
            try budget.charge(group.steps.count)
            var builder = ColumnBuilder()
            for step in group.steps {
                values.removeAll(keepingCapacity: true)
                for member in group.members {
                    let value = columns[member].value(at: step)
                    if !value.isAbsent { values.append(value) }
                }
                guard !values.isEmpty else { continue }
                builder.append(Quantile.value(quantile[step], of: &values), at: step)
            }
            if let column = builder.column(group.labels, dropsName: group.dropsName) {
                result.append(column)
            }
        }
        return result
    }

    /// The `k` largest or smallest elements of each group; NaN ranks last, then order decides.
    ///
    /// With a single step the elements are ordered by value, otherwise as they came.
    func extremes(
        _ columns: [SeriesColumn],
        _ groups: [AggregationGroups.Group],
        _ count: [Double],
        isTop: Bool
    ) throws(EvaluationError) -> [SeriesColumn] {
        func ranksBefore(
            _ left: (value: Double, member: Int),
            _ right: (value: Double, member: Int)
        )
            -> Bool
        {
            if left.value.isNaN != right.value.isNaN { return right.value.isNaN }
            if isTop ? left.value > right.value : left.value < right.value { return true }
            if isTop ? left.value < right.value : left.value > right.value { return false }
            return left.member < right.member
        }
        return try selected(columns, groups) { step, candidates in
            let limit = Int(max(0, count[step].rounded(.towardZero)))
            guard limit > 0 else { return candidates.removeAll(keepingCapacity: true) }
            candidates.sort(by: ranksBefore)
            if candidates.count > limit { candidates.removeLast(candidates.count - limit) }
        }
    }

    /// The first `k` elements of each group.
    func limited(
        _ columns: [SeriesColumn],
        _ groups: [AggregationGroups.Group],
        _ count: [Double]
    ) throws(EvaluationError) -> [SeriesColumn] {
        try selected(columns, groups, takesHistograms: true) { step, candidates in
            let limit = Int(max(0, count[step].rounded(.towardZero)))
            if candidates.count > limit { candidates.removeLast(candidates.count - limit) }
        }
    }

    /// Keeps some of each group's elements at each step.
    ///
    /// - Parameters:
    ///   - takesHistograms: Whether histograms are candidates, with an absent value.
    ///   - choose: Leaves only those to keep, in the order of an instant result.
    private func selected(
        _ columns: [SeriesColumn],
        _ groups: [AggregationGroups.Group],
        takesHistograms: Bool = false,
        _ choose: (_ step: Int, _ candidates: inout [(value: Double, member: Int)]) -> Void
    ) throws(EvaluationError) -> [SeriesColumn] {
        var builders = [ColumnBuilder](repeating: ColumnBuilder(), count: columns.count)
        var order: [Int] = []
        var candidates: [(value: Double, member: Int)] = []
        for group in groups {
            try control.check()
            for step in group.steps {
                candidates.removeAll(keepingCapacity: true)
                for member in group.members {
                    let value = columns[member].value(at: step)
                    let isCandidate =
                        !value.isAbsent
                        || (takesHistograms && columns[member].histogram(at: step) != nil)
                    if isCandidate { candidates.append((value, member)) }
                }
                choose(step, &candidates)
                for (_, member) in candidates {
                    if builders[member].isEmpty { order.append(member) }
                    if let sample = columns[member].sample(at: step) {
                        builders[member].append(sample, at: step)
                    }
                }
            }
        }
        return order.compactMap { member in
            builders[member].column(columns[member].labels, dropsName: columns[member].dropsName)
        }
    }

    /// The elements whose hash falls into the share asked for.
    func ratioSample(_ columns: [SeriesColumn], _ ratio: [Double]) -> [SeriesColumn] {
        columns.compactMap { column in
            let place = Double(LabelHash.value(of: column.labels)) / Double(UInt64.max)
            return column.filtered { step in
                ratio[step] >= 0 ? place < ratio[step] : place >= 1 + ratio[step]
            }
        }
    }
}
