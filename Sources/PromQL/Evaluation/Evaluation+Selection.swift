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
        var stop = StopCheck(control)
        for group in groups {
            try budget.charge(group.steps.count)
            var builder = ColumnBuilder()
            for step in group.steps {
                try stop.count(group.members.count + 1)
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
            candidates.keepFirst(limit, inOrderOf: ranksBefore)
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
        // For each element its place in `chosen`; -1 as long as it was not chosen.
        var places = [Int32](repeating: -1, count: columns.count)
        var chosen: [(member: Int, builder: ColumnBuilder)] = []
        var candidates: [(value: Double, member: Int)] = []
        var stop = StopCheck(control)
        for group in groups {
            for step in group.steps {
                try stop.count(group.members.count + 1)
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
                    guard let sample = columns[member].sample(at: step) else { continue }
                    if places[member] < 0 {
                        places[member] = Int32(chosen.count)
                        chosen.append((member, ColumnBuilder()))
                    }
                    chosen[Int(places[member])].builder.append(sample, at: step)
                }
            }
        }
        return chosen.compactMap { member, builder in
            builder.column(columns[member].labels, dropsName: columns[member].dropsName)
        }
    }

    /// The elements whose hash falls into the share asked for.
    func ratioSample(
        _ columns: [SeriesColumn],
        _ ratio: [Double]
    ) throws(EvaluationError) -> [SeriesColumn] {
        try control.compactMap(columns) { column in
            let place = Double(LabelHash.value(of: column.labels)) / Double(UInt64.max)
            return column.filtered { step in
                ratio[step] >= 0 ? place < ratio[step] : place >= 1 + ratio[step]
            }
        }
    }
}

extension Array {
    /// Leaves only the first elements of a strict order, sorted.
    ///
    /// Where few of many are wanted, most elements cost one comparison, with the last of those kept so far.
    fileprivate mutating func keepFirst(
        _ limit: Int,
        inOrderOf precedes: (Element, Element) -> Bool
    ) {
        guard limit > 0 else { return removeAll(keepingCapacity: true) }
        guard limit < count / 4 else {
            sort(by: precedes)
            if count > limit { removeLast(count - limit) }
            return
        }
        // A heap with the last of the kept ones on top.
        for index in stride(from: limit / 2 - 1, through: 0, by: -1) {
            sink(index, limit, precedes)
        }
        for index in limit..<count where precedes(self[index], self[0]) {
            self[0] = self[index]
            sink(0, limit, precedes)
        }
        removeLast(count - limit)
        sort(by: precedes)
    }

    /// Moves an element down a heap of so many elements until none below comes after it.
    private mutating func sink(
        _ start: Int,
        _ count: Int,
        _ precedes: (Element, Element) -> Bool
    ) {
        var index = start
        while true {
            var last = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < count && precedes(self[last], self[child]) {
                last = child
            }
            guard last != index else { return }
            swapAt(index, last)
            index = last
        }
    }
}
