internal import PromQL

extension ExpressionGenerator {
    mutating func aggregation(depth: Int) -> QueryTree {
        if isTop || !isComparable, chance(0.12) { return ranking(depth: depth) }
        var names = ["min", "max", "count", "group", "quantile", "count_values"]
        if allowsApproximate || !isComparable {
            names += ["sum", "sum", "sum", "avg", "avg", "stddev", "stdvar"]
        }
        if !isComparable { names += ["limitk", "limit_ratio"] }
        let name = pick(names)
        switch name {
        case "sum", "avg":
            let inner = expression(.vector, depth: depth - 1)
            return aggregation(name, nil, inner, traits: .summation)
        case "stddev", "stdvar":
            let inner = exact(.vector, depth: depth - 1)
            return aggregation(name, nil, inner, traits: [.summation, .variance])
        case "quantile":
            let quantile = parameter(["0.5", "0", "1", "0.9", "-1", "2", "NaN"])
            return aggregation(name, quantile, exact(.vector, depth: depth - 1))
        case "count_values":
            let label = QueryTree.Part.text(pick(["\"value\"", "\"job\"", "\"code\""]))
            return aggregation(name, label, exact(.vector, depth: depth - 1), traits: .valueCounts)
        case "limitk": return aggregation(name, count(), expression(.vector, depth: depth - 1))
        case "limit_ratio":
            let ratio = parameter(["0.5", "-0.5", "0", "1", "-1", "2"])
            return aggregation(name, ratio, expression(.vector, depth: depth - 1))
        case "min", "max":
            let inner = expression(.vector, depth: depth - 1)
            return aggregation(name, nil, inner, traits: .extreme)
        default: return aggregation(name, nil, expression(.vector, depth: depth - 1))
        }
    }

    /// Elements by rank; which of equal ones is taken is open.
    private mutating func ranking(depth: Int) -> QueryTree {
        let inner = exact(.vector, depth: depth - 1)
        return aggregation(pick(["topk", "bottomk"]), count(), inner, traits: .ranking)
    }

    private mutating func count() -> QueryTree.Part {
        var counts = ["1", "2", "3", "100", "0", "-1", "2.9"]
        if !isComparable {
            counts += ["9223372036854775807", "9223372036854774784", "-9223372036854775808"]
            counts += ["9.3e18", "NaN", "Inf", "1e18"]
        }
        return parameter(counts)
    }

    private mutating func aggregation(
        _ name: String,
        _ parameter: QueryTree.Part?,
        _ inner: QueryTree,
        traits: QueryTraits = []
    ) -> QueryTree {
        var head: [QueryTree.Part] = [.text(pick([name, name, name, name.uppercased()]))]
        let isFirst = chance(0.7)
        let clause = grouping()
        if isFirst { head.append(clause) }
        head.append(.text("("))
        if let parameter { head += [parameter, .text(", ")] }
        head += [.child(inner), .text(")")]
        if !isFirst { head.append(clause) }
        return QueryTree(.vector, head, traits: traits)
    }

    private mutating func grouping() -> QueryTree.Part {
        guard chance(0.65) else { return .text("") }
        let labels = (0..<pick([0, 1, 1, 1, 2, 2, 3])).map { _ in
            pick(Vocabulary.labels + ["__name__", "absent"])
        }
        let word = pick(["by", "by", "without"])
        let clause = " \(word) (\(labels.joined(separator: ", "))) "
        return .reducible(clause, simpler: ["", " \(word) (job) "])
    }
}
