internal import MetricsModel

/// Describes the nodes of a plan, following the evaluation's own choices.
struct PlanTreeBuilder {
    private let plan: QueryPlan
    private let planner: SelectorPlanner
    /// How many selectors read each fetch.
    private let uses: [Int: Int]

    /// Bytes of a node's text at most.
    private static let maximumTextSize = 120

    init(_ plan: QueryPlan) {
        self.plan = plan
        planner = SelectorPlanner(parameters: plan.parameters)
        var uses: [Int: Int] = [:]
        for index in plan.selectorIndex.values { uses[index, default: 0] += 1 }
        for index in plan.infoIndex.values { uses[index, default: 0] += 1 }
        self.uses = uses
    }

    /// - Parameters:
    ///   - grid: When the node above is evaluated; nil if never.
    ///   - labels: What the node above needs.
    func node(
        _ expression: Expression,
        over grid: StepGrid?,
        needing labels: NeededLabels
    ) -> PlanNode {
        // What changes nothing is left out.
        switch expression {
        case .parenthesized(let node):
            return self.node(node.expression, over: grid, needing: labels)
        case .unary(let node) where !node.isNegation:
            return self.node(node.operand, over: grid, needing: labels)
        default: break
        }
        let isInvariant = expression.isStepInvariant
        let own = isInvariant ? grid?.first : grid
        return PlanNode(
            text: Self.text(expression),
            sourceRange: expression.sourceRange,
            valueType: expression.valueType,
            method: method(expression),
            isStepInvariant: isInvariant,
            neededLabels: labels,
            grid: own.map(PlanNode.Grid.init),
            selector: selector(expression, over: own),
            children: children(expression, over: own, needing: labels)
        )
    }

    private static func text(_ expression: Expression) -> String {
        var text = CanonicalText(limit: maximumTextSize)
        text.append(expression)
        guard text.isTooLong else { return text.text }
        return text.text.prefix(maximumTextSize) + "…"
    }

    private func children(
        _ expression: Expression,
        over grid: StepGrid?,
        needing labels: NeededLabels
    ) -> [PlanNode] {
        switch expression {
        case .number, .string, .vectorSelector, .matrixSelector: []
        case .subquery(let node):
            [
                self.node(
                    node.expression,
                    over: grid.flatMap {
                        node.innerGrid(
                            over: $0,
                            defaultStep: plan.parameters.defaultSubqueryStep
                        )
                    },
                    needing: labels
                )
            ]
        case .call(let call): arguments(of: call, over: grid, needing: labels)
        case .aggregation(let node): operands(of: node, over: grid)
        case .binary(let node): operands(of: node, over: grid, needing: labels)
        case .unary(let node): [self.node(node.operand, over: grid, needing: labels)]
        case .parenthesized(let node):
            [self.node(node.expression, over: grid, needing: labels)]
        }
    }

    private func arguments(
        of call: Call,
        over grid: StepGrid?,
        needing labels: NeededLabels
    ) -> [PlanNode] {
        // The second argument of `info` is no selector of its own: it says what to fetch for the call.
        let arguments = call.function == .info ? call.arguments.prefix(1) : call.arguments[...]
        let own = NeededLabels(argumentOf: call, needing: labels)
        return arguments.map { node($0, over: grid, needing: needed(of: $0, own)) }
    }

    /// Scalars and texts have no labels.
    private func needed(of operand: Expression, _ labels: NeededLabels) -> NeededLabels {
        operand.valueType == .vector || operand.valueType == .matrix ? labels : .none
    }

    private func operands(of node: Aggregation, over grid: StepGrid?) -> [PlanNode] {
        let parameter = node.parameter.map { self.node($0, over: grid, needing: .none) }
        let operand = self.node(node.expression, over: grid, needing: NeededLabels(node))
        return (parameter.map { [$0] } ?? []) + [operand]
    }

    private func operands(
        of node: BinaryOperation,
        over grid: StepGrid?,
        needing labels: NeededLabels
    ) -> [PlanNode] {
        var needed = (
            left: needed(of: node.left, labels), right: needed(of: node.right, labels)
        )
        if node.left.valueType == .vector, node.right.valueType == .vector {
            needed = NeededLabels.operands(of: node, needing: labels)
        }
        return [
            self.node(node.left, over: grid, needing: needed.left),
            self.node(node.right, over: grid, needing: needed.right),
        ]
    }

    private func selector(_ expression: Expression, over grid: StepGrid?) -> PlanNode.Selector? {
        switch expression {
        case .vectorSelector(let node):
            return selector(node, window: nil, plan.selectorIndex[node.sourceRange], over: grid)
        case .matrixSelector(let node):
            let index = plan.selectorIndex[node.sourceRange]
            return selector(node.selector, window: node.range, index, over: grid)
        case .call(let call) where call.function == .info:
            guard let request = try? InfoRequest(call) else { return nil }
            let selector = VectorSelector(
                name: "",
                matchers: request.fetchedMatchers,
                shift: request.shift,
                sourceRange: call.sourceRange
            )
            return self.selector(
                selector,
                window: nil,
                plan.infoIndex[call.sourceRange],
                over: grid
            )
        default: return nil
        }
    }

    private func selector(
        _ node: VectorSelector,
        window: Int64?,
        _ fetch: Int?,
        over grid: StepGrid?
    ) -> PlanNode.Selector? {
        guard let fetch else { return nil }
        return PlanNode.Selector(
            fetch: fetch,
            isShared: uses[fetch, default: 0] > 1,
            matchers: node.matchers,
            offset: node.shift.offset,
            at: node.shift.fixedTime,
            window: window,
            range: planner.range(of: node, window: window, over: grid)
        )
    }

    private func method(_ expression: Expression) -> PlanNode.Method {
        switch expression {
        case .number, .string: return .constant
        case .vectorSelector, .matrixSelector: return .streamed
        case .subquery: return .materialised
        case .aggregation(let node): return node.operation.isFolded ? .folded : .materialised
        case .parenthesized(let node): return method(node.expression)
        case .unary, .binary, .call:
            guard expression.valueType == .vector else { return .scalar }
            guard let base = expression.streamedOperand else { return .materialised }
            // Elements that might become equal without their names are compared first.
            let mayCollide = expression.dropsNames && !base.hasOneName
            return mayCollide && !plan.parameters.features.contains(.delayedNameRemoval)
                ? .materialised : .streamed
        }
    }
}

extension AggregationOperator {
    /// Whether elements are added to their groups as they come.
    fileprivate var isFolded: Bool {
        switch self {
        case .sum, .average, .minimum, .maximum, .count, .group, .standardDeviation,
            .standardVariance:
            true
        case .bottomK, .topK, .limitK, .limitRatio, .quantile, .countValues: false
        }
    }
}

extension Expression {
    /// The operand whose elements are changed one by one; nil if all are needed first.
    fileprivate var streamedOperand: Expression? {
        switch self {
        case .unary(let node): return node.operand
        case .binary(let node):
            if node.left.valueType == .scalar { return node.right }
            return node.right.valueType == .scalar ? node.left : nil
        case .call(let call):
            if call.function.isRangeFunction {
                return call.arguments[Evaluation.rangeArgument(of: call)]
            }
            switch call.function {
            case .clamp, .clampMin, .clampMax, .round, .timestamp, .startTimestamp, .histogramAvg,
                .histogramCount, .histogramSum, .histogramStddev, .histogramStdvar:
                return call.arguments[0]
            default: return ElementwiseFunction(call.function) == nil ? nil : call.arguments[0]
            }
        default: return nil
        }
    }

    /// Whether elements lose their names on the way through.
    fileprivate var dropsNames: Bool {
        switch self {
        case .binary(let node): !node.operation.isComparison || node.returnsBool
        case .call(let call):
            call.function != .firstOverTime && call.function != .lastOverTime
        default: true
        }
    }

    /// Whether the selector below asks for one name.
    ///
    /// Labels of types and units, which only the data shows, may tell elements apart all the same.
    fileprivate var hasOneName: Bool {
        switch self {
        case .parenthesized(let node): node.expression.hasOneName
        case .vectorSelector(let node): node.matchers.contains(where: \.namesMetric)
        case .matrixSelector(let node): node.selector.matchers.contains(where: \.namesMetric)
        case .unary(let node) where !node.isNegation: node.operand.hasOneName
        case .binary, .call, .unary:
            dropsNames ? true : streamedOperand?.hasOneName ?? true
        default: true
        }
    }
}

extension LabelMatcher {
    fileprivate var namesMetric: Bool { name == Labels.metricName && operation == .equal }
}
