extension ExpressionParser {
    /// Parses a duration in brackets: an arithmetic expression, greater than 0 if it is a literal.
    mutating func parsePositiveDuration() throws(ParseError) -> DurationExpression {
        let duration = try parseDuration(above: 0).expression
        switch duration {
        case .number(let literal):
            guard DurationValue.milliseconds(literal.value) > 0 else {
                throw error("duration must be greater than 0", at: literal.sourceRange)
            }
        case .operation: try requireDurationExpressions(at: duration.sourceRange)
        }
        return duration
    }

    /// Parses what follows `offset`: a signed operand; arithmetic needs parentheses.
    mutating func parseOffsetDuration() throws(ParseError) -> DurationExpression {
        let duration = try parseSignedDuration(isOffset: true).expression
        if case .operation = duration { try requireDurationExpressions(at: duration.sourceRange) }
        return duration
    }

    private func requireDurationExpressions(at range: SourceRange) throws(ParseError) {
        guard features.contains(.durationExpressions) else {
            throw error("experimental duration expression is not enabled", at: range)
        }
    }

    private struct DurationNode {
        var expression: DurationExpression
        var depth: Int
    }

    private func node(
        _ operation: DurationOperation,
        above depth: Int = 0
    ) throws(ParseError) -> DurationNode {
        try checkDepth(depth + 1)
        return DurationNode(expression: .operation(operation), depth: depth + 1)
    }

    /// Parses arithmetic whose operators bind tighter than a level; 0 takes all.
    private mutating func parseDuration(above level: Int) throws(ParseError) -> DurationNode {
        try enter()
        var left = try parseSignedDuration(isOffset: false)
        while let operation = try peekOperator(above: level) {
            left = try parseOperation(operation, left: left)
        }
        leave()
        return left
    }

    /// The operator that comes next, if it is one of durations and binds tighter than a level.
    private mutating func peekOperator(above level: Int) throws(ParseError) -> BinaryOperator? {
        guard case .binaryOperator(let symbol) = try peek().kind,
            DurationOperation.Operator(symbol) != nil, symbol.precedence > level
        else { return nil }
        return symbol
    }

    private mutating func parseOperation(
        _ symbol: BinaryOperator,
        left: DurationNode
    ) throws(ParseError) -> DurationNode {
        let sign = try take()
        let level = symbol.precedence - (symbol == .power ? 1 : 0)
        let right = try parseDuration(above: level)
        return try node(symbol, at: sign, left, right)
    }

    private func node(
        _ symbol: BinaryOperator,
        at sign: Token,
        _ left: DurationNode,
        _ right: DurationNode
    ) throws(ParseError) -> DurationNode {
        guard let operation = DurationOperation.Operator(symbol) else { throw unexpected(sign) }
        try checkDivisor(right.expression, of: operation, at: sign)
        let range = SourceRange(
            start: left.expression.sourceRange.start,
            end: right.expression.sourceRange.end
        )
        return try node(
            DurationOperation(
                operation: operation,
                left: left.expression,
                right: right.expression,
                sourceRange: range
            ),
            above: max(left.depth, right.depth)
        )
    }

    private func checkDivisor(
        _ divisor: DurationExpression,
        of operation: DurationOperation.Operator,
        at sign: Token
    ) throws(ParseError) {
        guard case .number(let literal) = divisor, literal.value == 0 else { return }
        switch operation {
        case .divide: throw error("division by zero", at: sign.sourceRange)
        case .modulo: throw error("modulo by zero", at: sign.sourceRange)
        default: return
        }
    }

    /// Parses an operand with its sign.
    ///
    /// In an offset a sign takes only the next operand, elsewhere it takes powers as well.
    private mutating func parseSignedDuration(isOffset: Bool) throws(ParseError) -> DurationNode {
        let sign = try peek()
        guard try acceptSign() != nil else { return try parseDurationOperand(checked: true) }
        let operand =
            isOffset
            ? try parseDurationOperand(checked: false)
            : try parseDuration(above: BinaryOperator.signPrecedence)
        return try signed(operand, by: sign, isOffset: isOffset)
    }

    /// Puts a sign before an operand; a literal takes it in, and `+` is not kept.
    private func signed(
        _ operand: DurationNode,
        by sign: Token,
        isOffset: Bool
    ) throws(ParseError) -> DurationNode {
        let isNegation = sign.kind == .binaryOperator(.subtract)
        switch operand.expression {
        case .number(var literal):
            if isNegation { literal.value = -literal.value }
            literal.sourceRange.start = sign.start
            if isOffset { try checkRange(literal) }
            return DurationNode(expression: .number(literal), depth: operand.depth)
        case .operation:
            guard isNegation else { return operand }
            let range = SourceRange(start: sign.start, end: operand.expression.sourceRange.end)
            return try node(
                DurationOperation(
                    operation: .subtract,
                    right: operand.expression,
                    sourceRange: range
                ),
                above: operand.depth
            )
        }
    }

    /// - Parameter checked: Whether literals that are no possible duration are refused.
    private mutating func parseDurationOperand(
        checked: Bool
    ) throws(ParseError) -> DurationNode {
        switch try peek().kind {
        case .leftParenthesis: try parseParenthesizedDuration()
        case .keyword(.step): try parseQueryTime(.step)
        case .keyword(.range): try parseQueryTime(.range)
        case .keyword(.minOf): try parseChoice(.minimum)
        case .keyword(.maxOf): try parseChoice(.maximum)
        default: try parseDurationLiteral(checked: checked)
        }
    }

    private mutating func parseDurationLiteral(
        checked: Bool
    ) throws(ParseError) -> DurationNode {
        let literal = try parseLiteral()
        if checked { try checkRange(literal) }
        return DurationNode(expression: .number(literal), depth: 1)
    }

    private func checkRange(_ literal: NumberLiteral) throws(ParseError) {
        guard DurationValue.isInRange(literal.value) else {
            throw error("duration out of range", at: literal.sourceRange)
        }
    }

    private mutating func parseParenthesizedDuration() throws(ParseError) -> DurationNode {
        let start = try take().start
        let inner = try parseDuration(above: 0)
        try expect(.rightParenthesis)
        return try parenthesized(inner, SourceRange(start: start, end: lastEnd))
    }

    private func parenthesized(
        _ inner: DurationNode,
        _ range: SourceRange
    ) throws(ParseError) -> DurationNode {
        switch inner.expression {
        case .number:
            return try node(
                DurationOperation(
                    operation: .add,
                    right: inner.expression,
                    isParenthesized: true,
                    sourceRange: range
                ),
                above: inner.depth
            )
        case .operation(var operation):
            operation.isParenthesized = true
            operation.sourceRange = range
            return DurationNode(expression: .operation(operation), depth: inner.depth)
        }
    }

    /// Parses `step()` or `range()`.
    private mutating func parseQueryTime(
        _ operation: DurationOperation.Operator
    ) throws(ParseError) -> DurationNode {
        let start = try take().start
        try expect(.leftParenthesis)
        let end = try expect(.rightParenthesis).end
        return try node(
            DurationOperation(
                operation: operation,
                sourceRange: SourceRange(start: start, end: end)
            )
        )
    }

    /// Parses `min_of(a, b)` or `max_of(a, b)`.
    private mutating func parseChoice(
        _ operation: DurationOperation.Operator
    ) throws(ParseError) -> DurationNode {
        let start = try take().start
        try expect(.leftParenthesis)
        let left = try parseDuration(above: 0)
        try expect(.comma)
        let right = try parseDuration(above: 0)
        let end = try expect(.rightParenthesis).end
        return try node(
            DurationOperation(
                operation: operation,
                left: left.expression,
                right: right.expression,
                sourceRange: SourceRange(start: start, end: end)
            ),
            above: max(left.depth, right.depth)
        )
    }
}

extension DurationOperation.Operator {
    /// The arithmetic of durations; nil for operators they do not have.
    fileprivate init?(_ symbol: BinaryOperator) {
        switch symbol {
        case .add: self = .add
        case .subtract: self = .subtract
        case .multiply: self = .multiply
        case .divide: self = .divide
        case .modulo: self = .modulo
        case .power: self = .power
        default: return nil
        }
    }
}
