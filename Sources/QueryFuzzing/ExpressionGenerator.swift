internal import PromQL

/// Draws random queries, nearly all of the right types, over the data of ``DataSetGenerator``.
public struct ExpressionGenerator<Random: RandomNumberGenerator> {
    public var random: Random
    let scope: QueryScope
    /// Whether values are drawn whose last digits depend on the implementation.
    var allowsApproximate = true
    /// Whether elements may be ranked here; only at the top can a comparison allow for ties.
    var isTop = true

    public init(_ scope: QueryScope, random: Random) {
        self.scope = scope
        self.random = random
    }

    var isComparable: Bool { scope == .prometheus242 }

    /// A query.
    ///
    /// - Parameter isInstant: Whether it may return range vectors and strings.
    public mutating func query(isInstant: Bool) -> QueryTree {
        isTop = true
        allowsApproximate = true
        let depth = Int.random(in: 0...4, using: &random)
        if isInstant {
            if chance(0.06) { return matrix(depth: min(depth, 2)) }
            if chance(0.01) { return QueryTree(.string, "\"text\\n\\u00e9\"") }
        }
        return chance(0.08) ? scalar(depth: depth) : vector(depth: depth)
    }

    /// An expression of the given type.
    mutating func expression(_ type: ValueType, depth: Int) -> QueryTree {
        // A mistake now and then: both have to refuse it.
        let type = chance(0.002) ? pick([.scalar, .vector, .matrix, .string]) : type
        let wasTop = isTop
        isTop = false
        defer { isTop = wasTop }
        return switch type {
        case .scalar: scalar(depth: depth)
        case .vector: vector(depth: depth)
        case .matrix: matrix(depth: depth)
        case .string: QueryTree(.string, "\"text\"")
        }
    }

    /// An expression whose values are the same to the last bit in every implementation.
    mutating func exact(_ type: ValueType, depth: Int) -> QueryTree {
        let allowed = allowsApproximate
        if isComparable { allowsApproximate = false }
        defer { allowsApproximate = allowed }
        return expression(type, depth: depth)
    }

    mutating func vector(depth: Int) -> QueryTree {
        guard depth > 0 else { return instantSelector() }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<9: return instantSelector()
        case 9..<34: return rangeCall(depth: depth)
        case 34..<55: return aggregation(depth: depth)
        case 55..<78: return binary(depth: depth)
        case 78..<88: return elementwise(depth: depth)
        case 88..<96: return otherCall(depth: depth)
        default: return wrapped(depth: depth)
        }
    }

    /// Parentheses and signs.
    private mutating func wrapped(depth: Int) -> QueryTree {
        let inner = expression(.vector, depth: depth - 1)
        if chance(0.5) { return QueryTree(.vector, [.text("("), .child(inner), .text(")")]) }
        let sign = pick(["-", "+", "- "])
        return QueryTree(.vector, [.text(sign), .child(inner)], traits: .negation)
    }

    mutating func matrix(depth: Int) -> QueryTree {
        guard depth > 0, chance(0.3) else { return rangeSelector(pick(Vocabulary.metrics)) }
        return subquery(depth: depth)
    }

    mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    /// A call with the given arguments.
    func call(
        _ name: String,
        _ arguments: [QueryTree.Part],
        traits: QueryTraits = []
    ) -> QueryTree {
        var parts: [QueryTree.Part] = [.text(name + "(")]
        for (index, argument) in arguments.enumerated() {
            if index > 0 { parts.append(.text(", ")) }
            parts.append(argument)
        }
        return QueryTree(.vector, parts + [.text(")")], traits: traits)
    }
}
