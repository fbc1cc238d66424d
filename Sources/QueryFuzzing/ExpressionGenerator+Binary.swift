internal import PromQL

extension ExpressionGenerator {
    mutating func binary(depth: Int) -> QueryTree {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2: return setOperation(depth: depth)
        case 2..<5: return arithmetic(depth: depth)
        case 5..<7: return comparison(depth: depth)
        default: return matchedPair(depth: depth)
        }
    }

    private mutating func setOperation(depth: Int) -> QueryTree {
        let left = expression(.vector, depth: depth - 1)
        let right = expression(.vector, depth: depth - 1)
        let symbol = pick(["and", "or", "unless", "AND"])
        return joined(left, " \(symbol) ", matching(), right)
    }

    private mutating func arithmetic(depth: Int) -> QueryTree {
        let (symbol, isSmooth, traits) = arithmeticOperator()
        let types: (ValueType, ValueType) = pick([
            (.vector, .scalar), (.scalar, .vector), (.vector, .vector),
        ])
        let left = operand(types.0, isSmooth: isSmooth, depth: depth)
        let right = operand(types.1, isSmooth: isSmooth, depth: depth)
        let clause = types == (.vector, .vector) ? matching() : .text("")
        return joined(left, " \(symbol) ", clause, right, traits: traits)
    }

    private mutating func comparison(depth: Int) -> QueryTree {
        let symbol = pick(["==", "!=", "<", "<=", ">", ">="]) + (chance(0.4) ? " bool" : "")
        let types: (ValueType, ValueType) = pick([
            (.vector, .scalar), (.scalar, .vector), (.vector, .vector),
        ])
        let left = exact(types.0, depth: depth - 1)
        let right = exact(types.1, depth: depth - 1)
        let clause = types == (.vector, .vector) ? matching() : .text("")
        return joined(left, " \(symbol) ", clause, right)
    }

    /// Two vectors that have partners, one or several.
    private mutating func matchedPair(depth: Int) -> QueryTree {
        let (symbol, isSmooth, traits) = arithmeticOperator()
        let left = operand(.vector, isSmooth: isSmooth, depth: depth)
        let labels = pick(["job", "job, instance", "instance", ""])
        let inner = operand(.vector, isSmooth: isSmooth, depth: depth - 1)
        let summary = pick(["max", "min", "count"])
        let one = QueryTree(
            .vector,
            [.text("\(summary) by (\(labels)) ("), .child(inner), .text(")")],
            traits: .extreme
        )
        let include = pick(["", "()", "(version)", "(zone, code)"])
        let isLeft = chance(0.6)
        let group = isLeft ? " group_left \(include) " : " group_right \(include) "
        let clause = QueryTree.Part.reducible(
            "on (\(labels))" + group,
            simpler: ["on (\(labels)) "]
        )
        return isLeft
            ? joined(left, " \(symbol) ", clause, one, traits: traits)
            : joined(one, " \(symbol) ", clause, left, traits: traits)
    }

    private mutating func operand(_ type: ValueType, isSmooth: Bool, depth: Int) -> QueryTree {
        isSmooth ? expression(type, depth: depth - 1) : exact(type, depth: depth - 1)
    }

    private mutating func arithmeticOperator() -> (String, isSmooth: Bool, QueryTraits) {
        if allowsApproximate || !isComparable, chance(0.15) {
            return chance(0.5)
                ? ("^", false, .mathLibrary) : ("atan2", false, [.mathLibrary, .arcTangent])
        }
        if !isComparable, chance(0.05) { return (pick(["</", ">/"]), false, []) }
        let symbol = pick(["+", "-", "*", "/", "%"])
        return (symbol, symbol == "*" || symbol == "/", [])
    }

    /// `on`, `ignoring`, `group_…` and `fill…`, or nothing.
    private mutating func matching() -> QueryTree.Part {
        guard chance(0.6) else { return .text("") }
        let labels = (0..<pick([0, 1, 1, 2])).map { _ in pick(Vocabulary.labels + ["__name__"]) }
        var clause = "\(pick(["on", "ignoring"])) (\(labels.joined(separator: ", "))) "
        if chance(0.15) {
            clause += pick(["group_left ", "group_right (version) ", "group_left () "])
        }
        if !isComparable, chance(0.15) {
            clause += pick(["fill (0) ", "fill_left (-1) ", "fill_right (NaN) "])
        }
        return .reducible(clause, simpler: [""])
    }

    private mutating func joined(
        _ left: QueryTree,
        _ symbol: String,
        _ clause: QueryTree.Part,
        _ right: QueryTree,
        traits: QueryTraits = []
    ) -> QueryTree {
        // Without parentheses precedence decides; then types can turn out wrong.
        let isOpen = chance(0.05)
        let open = QueryTree.Part.text(isOpen ? "" : "(")
        let close = QueryTree.Part.text(isOpen ? "" : ")")
        return QueryTree(
            .vector,
            [open, .child(left), .text(symbol), clause, .child(right), close],
            traits: traits
        )
    }
}
