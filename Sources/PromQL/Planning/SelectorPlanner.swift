internal import MetricsModel

/// Collects the selectors of a query with the times of the samples they need.
struct SelectorPlanner {
    let parameters: QueryParameters
    private(set) var selectors: [PlannedSelector] = []
    private(set) var selectorIndex: [SourceRange: Int] = [:]
    private(set) var infoIndex: [SourceRange: Int] = [:]
    /// The index of each list of matchers, by its bytes: equal strings may differ in them.
    private var known: [[UInt8]: Int] = [:]

    init(parameters: QueryParameters) {
        self.parameters = parameters
    }

    /// Collects what an expression needs that is evaluated at the steps of a grid; nil is none.
    mutating func visit(_ expression: Expression, over grid: StepGrid?) throws(EvaluationError) {
        switch expression {
        case .number, .string: return
        case .vectorSelector(let node):
            selectorIndex[node.sourceRange] = add(
                node.matchers,
                range(of: node, window: nil, over: grid)
            )
        case .matrixSelector(let node):
            selectorIndex[node.sourceRange] = add(
                node.selector.matchers,
                range(of: node.selector, window: node.range, over: grid)
            )
        case .subquery(let node):
            let inner = grid.flatMap {
                node.innerGrid(over: $0, defaultStep: parameters.defaultSubqueryStep)
            }
            try visit(node.expression, over: inner)
        case .call(let node):
            if node.function == .info {
                try visitInfo(node, over: grid)
            } else {
                for argument in node.arguments { try visit(argument, over: grid) }
            }
        case .aggregation(let node):
            try visit(node.expression, over: grid)
            if let parameter = node.parameter { try visit(parameter, over: grid) }
        case .binary(let node):
            try visit(node.left, over: grid)
            try visit(node.right, over: grid)
        case .unary(let node): try visit(node.operand, over: grid)
        case .parenthesized(let node): try visit(node.expression, over: grid)
        }
    }

    private mutating func visitInfo(_ call: Call, over grid: StepGrid?) throws(EvaluationError) {
        try visit(call.arguments[0], over: grid)
        let request = try InfoRequest(call)
        let selector = VectorSelector(
            name: "",
            matchers: request.fetchedMatchers,
            shift: request.shift,
            sourceRange: call.sourceRange
        )
        infoIndex[call.sourceRange] = add(
            selector.matchers,
            range(of: selector, window: nil, over: grid)
        )
    }

    /// The samples a selector needs at the steps of a grid.
    ///
    /// - Parameter window: Milliseconds of a range selector; nil for an instant selector.
    func range(
        of selector: VectorSelector,
        window: Int64?,
        over grid: StepGrid?
    ) -> TimeRange {
        guard let grid else { return TimeRange(start: 0, end: 0) }
        let lookback = parameters.lookbackDelta
        var after = selector.shift.reference(at: grid.start)
        var through = selector.shift.reference(at: grid.last)
        if let window {
            after = after.saturatingSubtract(window)
            if selector.edges != .plain { after = after.saturatingSubtract(lookback) }
        } else {
            after = after.saturatingSubtract(lookback)
        }
        if selector.edges == .smoothed { through = through.saturatingAdd(lookback) }
        return TimeRange(start: after.saturatingAdd(1), end: through.saturatingAdd(1))
    }

    /// Adds a selector or widens an equal one; returns its index.
    private mutating func add(_ matchers: [LabelMatcher], _ range: TimeRange) -> Int {
        let key = Self.key(matchers)
        if let index = known[key] {
            selectors[index].range = selectors[index].range.union(range)
            return index
        }
        known[key] = selectors.count
        selectors.append(PlannedSelector(matchers: matchers, range: range))
        return selectors.count - 1
    }

    private static func key(_ matchers: [LabelMatcher]) -> [UInt8] {
        var key: [UInt8] = []
        for matcher in matchers {
            for text in [matcher.name, matcher.operation.rawValue, matcher.value] {
                withUnsafeBytes(of: text.utf8.count.littleEndian) { key.append(contentsOf: $0) }
                key.append(contentsOf: text.utf8)
            }
        }
        return key
    }
}

extension Subquery {
    /// The times at which the expression is evaluated for all steps of the outer grid together.
    func innerGrid(over grid: StepGrid, defaultStep: Int64) -> StepGrid? {
        StepGrid(
            multiplesOf: step > 0 ? step : defaultStep,
            after: shift.reference(at: grid.start).saturatingSubtract(range),
            through: shift.reference(at: grid.last)
        )
    }
}
