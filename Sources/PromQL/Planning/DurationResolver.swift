internal import Glibc

/// Replaces what depends on the query's times: duration expressions, `@ start()` and `@ end()`.
struct DurationResolver {
    let parameters: QueryParameters

    func resolve(_ expression: Expression) throws(EvaluationError) -> Expression {
        switch expression {
        case .number, .string:
            return expression
        case .vectorSelector(let node):
            return .vectorSelector(try resolve(node))
        case .matrixSelector(var node):
            node.selector = try resolve(node.selector)
            if let range = node.rangeExpression {
                node.range = try milliseconds(range, allowsNegative: false)
                node.rangeExpression = nil
            }
            return .matrixSelector(node)
        case .subquery(var node):
            node.expression = try resolve(node.expression)
            node.shift = try resolve(node.shift)
            if let range = node.rangeExpression {
                node.range = try milliseconds(range, allowsNegative: false)
                node.rangeExpression = nil
            }
            if let step = node.stepExpression {
                node.step = try milliseconds(step, allowsNegative: false)
                node.stepExpression = nil
            }
            return .subquery(node)
        case .call(var node):
            for index in node.arguments.indices {
                node.arguments[index] = try resolve(node.arguments[index])
            }
            return .call(node)
        case .aggregation(var node):
            node.expression = try resolve(node.expression)
            if let parameter = node.parameter { node.parameter = try resolve(parameter) }
            return .aggregation(node)
        case .binary(var node):
            node.left = try resolve(node.left)
            node.right = try resolve(node.right)
            return .binary(node)
        case .unary(var node):
            node.operand = try resolve(node.operand)
            return .unary(node)
        case .parenthesized(var node):
            node.expression = try resolve(node.expression)
            return .parenthesized(node)
        }
    }

    private func resolve(_ selector: VectorSelector) throws(EvaluationError) -> VectorSelector {
        var selector = selector
        selector.shift = try resolve(selector.shift)
        return selector
    }

    private func resolve(_ shift: TimeShift) throws(EvaluationError) -> TimeShift {
        var shift = shift
        switch shift.at {
        case .start: shift.at = .timestamp(parameters.start)
        case .end: shift.at = .timestamp(parameters.end)
        case .timestamp, nil: break
        }
        if let offset = shift.offsetExpression {
            shift.offset = try milliseconds(offset, allowsNegative: true)
            shift.offsetExpression = nil
        }
        return shift
    }

    private func milliseconds(
        _ expression: DurationExpression,
        allowsNegative: Bool
    ) throws(EvaluationError) -> Int64 {
        let seconds = try seconds(expression)
        guard seconds.isFinite else {
            throw failure(expression.sourceRange, "duration is NaN or infinite")
        }
        guard allowsNegative || seconds > 0 else {
            throw failure(expression.sourceRange, "duration must be greater than 0")
        }
        guard DurationValue.isInRange(seconds) else {
            throw failure(expression.sourceRange, "duration is out of range")
        }
        return Int64(seconds * 1000)
    }

    private func seconds(_ expression: DurationExpression) throws(EvaluationError) -> Double {
        switch expression {
        case .number(let literal): literal.value
        case .operation(let node): try seconds(node)
        }
    }

    private func seconds(_ node: DurationOperation) throws(EvaluationError) -> Double {
        switch node.operation {
        case .step: return Double(parameters.step) / 1000
        case .range: return Double(parameters.end.saturatingSubtract(parameters.start)) / 1000
        default: break
        }
        guard let operand = node.right else { return 0 }
        let right = try seconds(operand)
        guard let first = node.left else { return node.operation == .subtract ? -right : right }
        let left = try seconds(first)
        switch node.operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            guard right != 0 else { throw failure(node.sourceRange, "division by zero") }
            return left / right
        case .modulo:
            guard right != 0 else { throw failure(node.sourceRange, "modulo by zero") }
            return fmod(left, right)
        case .power: return pow(left, right)
        case .minimum: return ClampBounds.minimum(left, right)
        case .maximum: return ClampBounds.maximum(left, right)
        case .step, .range: return 0
        }
    }

    private func failure(_ range: SourceRange, _ text: String) -> EvaluationError {
        .invalidQuery(message: "\(range.start):\(range.end): \(text)")
    }
}
