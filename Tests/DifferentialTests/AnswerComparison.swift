import QueryFuzzing

/// Finds where two answers to a query differ.
struct AnswerComparison {
    /// A difference in words, and its nature.
    struct Difference {
        enum Nature: Hashable {
            /// Failure against success, other error type, or other type of result.
            case kind
            case labels
            case timestamps
            case values
            case order
        }

        var nature: Nature
        var text: String
    }

    let traits: QueryTraits
    /// Whether the query asks for an order of the elements.
    let isSorted: Bool

    init(_ tree: QueryTree) {
        traits = tree.traits
        isSorted = tree.text.hasPrefix("sort")
    }

    /// The first difference; nil where the answers are the same.
    func difference(_ ours: Answer, _ theirs: Answer) -> Difference? {
        guard ours.kind == theirs.kind else {
            return Difference(nature: .kind, text: "\(ours.kind) instead of \(theirs.kind)")
        }
        if traits.contains(.ranking) { return rankingDifference(ours, theirs) }
        if ours.kind == .vector, isSorted, let difference = orderDifference(ours, theirs) {
            return difference
        }
        let left = ours.series.sorted { $0.name < $1.name }
        let right = theirs.series.sorted { $0.name < $1.name }
        guard left.map(\.labels) == right.map(\.labels) else {
            let names = Set(left.map(\.name)).symmetricDifference(right.map(\.name))
            return Difference(nature: .labels, text: "only in one: \(names.sorted())")
        }
        for (one, other) in zip(left, right) {
            if let difference = difference(one, other) { return difference }
        }
        return nil
    }

    /// Whether two values count as the same.
    func areEqual(_ left: Double, _ right: Double) -> Bool {
        if left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN) { return true }
        // Which zero is found first depends on the order of the series, which is open.
        if left == 0, right == 0, traits.contains(.extreme) { return true }
        guard !traits.isDisjoint(with: .approximate) else { return false }
        // Whether a sum is 0 or −0 depends on where it starts, and so does the sign of what is divided by it.
        if left.isInfinite, right.isInfinite { return traits.contains(.summation) }
        guard left.isFinite, right.isFinite else { return false }
        // Of numbers around 10¹² that differ by little the variance loses most digits, and which depends on their order.
        let tolerance = traits.contains(.variance) ? 1e-3 : 1e-9
        return abs(left - right) <= tolerance * max(abs(left), abs(right), 1)
    }

    private func difference(_ left: Answer.Series, _ right: Answer.Series) -> Difference? {
        guard left.timestamps == right.timestamps else {
            let times = Set(left.timestamps).symmetricDifference(right.timestamps)
            return Difference(
                nature: .timestamps,
                text: "{\(left.name)}: only in one: \(times.sorted().prefix(10))"
            )
        }
        for (time, pair) in zip(left.timestamps, zip(left.values, right.values))
        where !areEqual(pair.0, pair.1) {
            return Difference(
                nature: .values,
                text: "{\(left.name)} at \(time): \(pair.0) instead of \(pair.1)"
            )
        }
        return nil
    }

    private func orderDifference(_ ours: Answer, _ theirs: Answer) -> Difference? {
        for (left, right) in zip(ours.series, theirs.series)
        where left.values.count != 1 || right.values.count != 1
            || !areEqual(left.values[0], right.values[0])
        {
            return Difference(nature: .order, text: "\(left.values) instead of \(right.values)")
        }
        return nil
    }

    /// Of equal elements any may be chosen: only the values of each step are compared.
    private func rankingDifference(_ ours: Answer, _ theirs: Answer) -> Difference? {
        let left = Self.valuesByTime(ours)
        let right = Self.valuesByTime(theirs)
        guard left.keys.sorted() == right.keys.sorted() else {
            return Difference(nature: .timestamps, text: "steps with elements differ")
        }
        for (time, values) in left {
            let others = right[time] ?? []
            let isEqual =
                values.count == others.count && zip(values, others).allSatisfy { areEqual($0, $1) }
            if !isEqual {
                return Difference(nature: .values, text: "\(time): \(values) instead of \(others)")
            }
        }
        return nil
    }

    private static func valuesByTime(_ answer: Answer) -> [Int64: [Double]] {
        var result: [Int64: [Double]] = [:]
        for series in answer.series {
            for (time, value) in zip(series.timestamps, series.values) {
                result[time, default: []].append(value)
            }
        }
        // Zeros of both signs rank the same.
        return result.mapValues { values in
            values.map { $0 == 0 ? 0 : $0 }.sorted { $0 < $1 || (!$0.isNaN && $1.isNaN) }
        }
    }
}
