import PromQL

/// One way to execute an `eval`, all of which must give the same answer.
struct ScriptVariant {
    var name: String
    var expression: Expression
    var parameters: QueryParameters
    /// Whether it is what the script says, with annotations and texts of errors.
    var isOriginal = false
    /// In range mode: the only step whose values are compared, in milliseconds.
    var comparedTime: Int64?

    /// The query as it is; with `@` on all selectors, at other times; and all that in range mode.
    static func all(
        of evaluation: ScriptEvaluation,
        _ expression: Expression,
        _ features: EvaluationFeatures
    ) -> [ScriptVariant] {
        switch evaluation.time {
        case .range(let start, let end, let step):
            return [
                ScriptVariant(
                    name: "range",
                    expression: expression,
                    parameters: QueryParameters(
                        start: start,
                        end: end,
                        step: step,
                        features: features
                    ),
                    isOriginal: true
                )
            ]
        case .instant(let time):
            var variants = [
                ScriptVariant(
                    name: "instant",
                    expression: expression,
                    parameters: QueryParameters(time: time, features: features),
                    isOriginal: true
                )
            ]
            if expression.allowsPinning {
                let times =
                    time == 0 ? [-1000, 0, 1000] : [-10 * time, 0, time / 5, time, 10 * time]
                for other in times {
                    variants.append(
                        ScriptVariant(
                            name: "@ at \(other)",
                            expression: expression.pinned(at: time),
                            parameters: QueryParameters(
                                time: other,
                                features: features
                            )
                        )
                    )
                }
            }
            guard allowsRangeMode(evaluation) else { return variants }
            return variants + variants.map { $0.inRangeMode }
        }
    }

    private static func allowsRangeMode(_ evaluation: ScriptEvaluation) -> Bool {
        if evaluation.isOrdered || evaluation.expectedString != nil { return false }
        if evaluation.rangeVectorTimes != nil { return false }
        return !["start()", "end()", "range()", "step()"].contains {
            evaluation.query.contains($0)
        }
    }

    private var inRangeMode: ScriptVariant {
        var variant = self
        variant.name += " in range mode"
        variant.isOriginal = false
        variant.comparedTime = parameters.start
        variant.parameters = QueryParameters(
            start: parameters.start - 60_000,
            end: parameters.start + 60_000,
            step: 60_000,
            features: parameters.features
        )
        return variant
    }
}

extension Expression {
    /// Whether `@` on all selectors makes the result independent of the evaluation time.
    fileprivate var allowsPinning: Bool {
        switch self {
        case .number, .string, .vectorSelector, .matrixSelector: return true
        case .subquery(let node): return node.expression.allowsPinning
        case .parenthesized(let node): return node.expression.allowsPinning
        case .unary(let node): return node.operand.allowsPinning
        case .binary(let node): return node.left.allowsPinning && node.right.allowsPinning
        case .aggregation(let node):
            return node.expression.allowsPinning && (node.parameter?.allowsPinning ?? true)
        case .call(let node):
            switch node.function {
            case .time, .timestamp, .predictLinear, .daysInMonth, .dayOfMonth, .dayOfWeek,
                .dayOfYear, .hour, .minute, .month, .year, .start, .end, .step, .range:
                return false
            default: return node.arguments.allSatisfy(\.allowsPinning)
            }
        }
    }

    /// Puts `@` on all selectors and subqueries that have none.
    fileprivate func pinned(at time: Int64) -> Expression {
        switch self {
        case .number, .string: return self
        case .vectorSelector(var node):
            if node.shift.at == nil { node.shift.at = .timestamp(time) }
            return .vectorSelector(node)
        case .matrixSelector(var node):
            if node.selector.shift.at == nil { node.selector.shift.at = .timestamp(time) }
            return .matrixSelector(node)
        case .subquery(var node):
            // What is inside is relative to the subquery's times.
            if node.shift.at == nil { node.shift.at = .timestamp(time) }
            return .subquery(node)
        case .parenthesized(var node):
            node.expression = node.expression.pinned(at: time)
            return .parenthesized(node)
        case .unary(var node):
            node.operand = node.operand.pinned(at: time)
            return .unary(node)
        case .binary(var node):
            node.left = node.left.pinned(at: time)
            node.right = node.right.pinned(at: time)
            return .binary(node)
        case .aggregation(var node):
            node.expression = node.expression.pinned(at: time)
            node.parameter = node.parameter?.pinned(at: time)
            return .aggregation(node)
        case .call(var node):
            node.arguments = node.arguments.map { $0.pinned(at: time) }
            return .call(node)
        }
    }
}
