internal import Glibc

/// The values that duration expressions have for the times of one query.
struct DurationArithmetic {
    /// The step of the query in seconds; 0 for instant queries.
    let stepSeconds: Double
    /// The end of the query less its start, in seconds.
    let rangeSeconds: Double

    init(_ parameters: QueryParameters) {
        stepSeconds = Double(parameters.step) / 1000
        rangeSeconds = Double(parameters.end.saturatingSubtract(parameters.start)) / 1000
    }

    /// A duration, cut to milliseconds.
    ///
    /// - Parameter allowsNegative: Whether 0 and less will do, as for offsets.
    /// - Throws: ``EvaluationError/invalidQuery(message:)`` with the place in the query.
    func milliseconds(
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
        case .number(let literal): return literal.value
        case .operation(let node):
            let left = if let operand = node.left { try seconds(operand) } else { 0.0 }
            let right = if let operand = node.right { try seconds(operand) } else { 0.0 }
            return try apply(node, left, right)
        }
    }

    private func apply(
        _ node: DurationOperation,
        _ left: Double,
        _ right: Double
    ) throws(EvaluationError) -> Double {
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
        case .step: return stepSeconds
        case .range: return rangeSeconds
        case .minimum: return ClampBounds.minimum(left, right)
        case .maximum: return ClampBounds.maximum(left, right)
        }
    }

    private func failure(_ range: SourceRange, _ text: String) -> EvaluationError {
        .invalidQuery(message: "\(range.start):\(range.end): \(text)")
    }
}
