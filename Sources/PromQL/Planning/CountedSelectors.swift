/// Finds the selectors of which only counts and sums of histograms matter.
///
/// Upstream reads these with an iterator that compares each histogram with the one before and so knows resets
/// that storage does not; remarks on conflicting resets depend on it.
struct CountedSelectors {
    private(set) var positions: Set<SourceRange> = []

    init(_ expression: Expression) {
        visit(expression, isCounted: false)
    }

    /// - Parameter isCounted: Whether the nearest function around that cares takes counts and sums.
    private mutating func visit(_ expression: Expression, isCounted: Bool) {
        switch expression {
        case .number, .string: return
        case .vectorSelector(let node): if isCounted { positions.insert(node.sourceRange) }
        case .matrixSelector(let node): if isCounted { positions.insert(node.sourceRange) }
        // What a subquery hands on is compared again, and needs the buckets.
        case .subquery(let node): visit(node.expression, isCounted: false)
        case .parenthesized(let node): visit(node.expression, isCounted: isCounted)
        case .unary(let node): visit(node.operand, isCounted: isCounted)
        case .binary(let node):
            visit(node.left, isCounted: isCounted)
            visit(node.right, isCounted: isCounted)
        case .aggregation(let node):
            visit(node.expression, isCounted: isCounted)
            if let parameter = node.parameter { visit(parameter, isCounted: isCounted) }
        case .call(let node):
            let isCounted = node.function.countsHistograms ?? isCounted
            for argument in node.arguments { visit(argument, isCounted: isCounted) }
        }
    }
}

extension Function {
    /// Whether it takes counts and sums alone of histograms, or their buckets; nil if it does neither.
    fileprivate var countsHistograms: Bool? {
        switch self {
        case .histogramCount, .histogramSum, .histogramAvg: true
        case .histogramQuantile, .histogramQuantiles, .histogramFraction: false
        default: nil
        }
    }
}
