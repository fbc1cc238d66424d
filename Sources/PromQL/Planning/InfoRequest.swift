internal import MetricsModel

/// What a call of `info` asks for: which info series, which of their labels, and when.
struct InfoRequest {
    /// The labels that tell which info series belongs to an element.
    static let identifyingLabels = ["instance", "job"]

    /// The matchers on names that choose the info metrics.
    let nameMatchers: [LabelMatcher]
    /// The matchers on all other labels.
    let dataMatchers: [LabelMatcher]
    /// `@` and `offset` of the first selector in the first argument.
    let shift: TimeShift

    init(_ call: Call) throws(EvaluationError) {
        var names: [LabelMatcher] = []
        var data: [LabelMatcher] = []
        if call.arguments.count > 1 {
            guard case .vectorSelector(let selector) = call.arguments[1].withoutParentheses,
                selector.name.isEmpty
            else { throw .invalidQuery(message: "expected label selectors only") }
            for matcher in selector.matchers {
                if matcher.name == Labels.metricName {
                    names.append(matcher)
                } else {
                    data.append(matcher)
                }
            }
        }
        if names.isEmpty { names = [LabelMatcher(name: Labels.metricName, equals: "target_info")] }
        nameMatchers = names
        dataMatchers = data
        shift = call.arguments[0].firstShift ?? TimeShift()
    }

    /// What to fetch: the names only, as series without the data labels matter as well.
    var fetchedMatchers: [LabelMatcher] {
        guard !nameMatchers.contains(where: Self.isPositive),
            let suffix = try? LabelMatcher(
                name: Labels.metricName,
                operation: .matches,
                value: ".+_info"
            )
        else { return nameMatchers }
        return nameMatchers + [suffix]
    }

    /// The data labels that are copied; nil means all of them.
    var includedLabels: LabelNameSet? {
        dataMatchers.isEmpty ? nil : LabelNameSet(dataMatchers.map(\.name))
    }

    static func isPositive(_ matcher: LabelMatcher) -> Bool {
        matcher.operation == .equal || matcher.operation == .matches
    }
}

extension Expression {
    /// The shift of the first selector or subquery in the expression that has one.
    fileprivate var firstShift: TimeShift? {
        switch self {
        case .number, .string: nil
        case .vectorSelector(let node): node.shift
        case .matrixSelector(let node): node.selector.shift
        case .subquery(let node): node.combinedShift
        case .parenthesized(let node): node.expression.firstShift
        case .unary(let node): node.operand.firstShift
        case .binary(let node): node.left.firstShift ?? node.right.firstShift
        case .aggregation(let node): node.expression.firstShift
        case .call(let node): node.arguments.lazy.compactMap(\.firstShift).first
        }
    }
}

extension Subquery {
    /// The subquery's shift together with that of the first selector inside.
    fileprivate var combinedShift: TimeShift {
        guard let inner = expression.firstShift else { return shift }
        if inner.at != nil { return inner }
        return TimeShift(offset: shift.offset.saturatingAdd(inner.offset), at: shift.at)
    }
}
