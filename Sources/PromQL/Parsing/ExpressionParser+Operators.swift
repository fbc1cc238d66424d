extension ExpressionParser {
    /// Parses an expression whose operators bind tighter than a level; 0 takes all.
    mutating func parseExpression(above level: Int) throws(ParseError) -> Node {
        try enter()
        var left = try parseOperand()
        while let operation = try peekOperator(above: level) {
            left = try parseOperation(operation, left: left)
        }
        leave()
        return left
    }

    /// The operator that comes next, if it binds tighter than a level.
    private mutating func peekOperator(above level: Int) throws(ParseError) -> BinaryOperator? {
        guard case .binaryOperator(let operation) = try peek().kind, operation.precedence > level
        else { return nil }
        return operation
    }

    private mutating func parseOperand() throws(ParseError) -> Node {
        switch try peek().kind {
        case .binaryOperator(.add), .binaryOperator(.subtract): try parseSigned()
        default: try parsePostfix()
        }
    }

    private mutating func parseSigned() throws(ParseError) -> Node {
        let sign = try take()
        let operand = try parseExpression(above: BinaryOperator.signPrecedence)
        return try signed(operand, by: sign)
    }

    /// Puts a sign before an operand; a literal takes it in.
    private func signed(_ operand: Node, by sign: Token) throws(ParseError) -> Node {
        let isNegation = sign.kind == .binaryOperator(.subtract)
        if case .number(var literal) = operand.expression {
            if isNegation { literal.value = -literal.value }
            literal.sourceRange.start = sign.start
            return try node(.number(literal))
        }
        let range = SourceRange(start: sign.start, end: operand.expression.sourceRange.end)
        return try node(
            .unary(
                UnaryOperation(
                    isNegation: isNegation,
                    operand: operand.expression,
                    sourceRange: range
                )
            ),
            above: operand.depth
        )
    }

    /// Parses an operator with what follows it up to the end of its right operand.
    private mutating func parseOperation(
        _ operation: BinaryOperator,
        left: Node
    ) throws(ParseError) -> Node {
        try take()
        let modifiers = try parseModifiers()
        // The right side of `a ^ b ^ c` takes further operators of the same level.
        let level = operation.precedence - (operation == .power ? 1 : 0)
        let right = try parseExpression(above: level)
        return try node(operation, left, right, modifiers)
    }

    /// Builds the operation; a matching that does not apply to the operands is only noted.
    private mutating func node(
        _ operation: BinaryOperator,
        _ left: Node,
        _ right: Node,
        _ modifiers: BinaryModifiers
    ) throws(ParseError) -> Node {
        var binary = BinaryOperation(
            operation: operation,
            left: left.expression,
            right: right.expression,
            returnsBool: modifiers.returnsBool
        )
        var matching = modifiers.matching
        if matching.hasFill, !features.contains(.fillModifiers) {
            throw error(
                "binop fill modifiers are experimental and not enabled",
                at: binary.sourceRange
            )
        }
        if left.expression.valueType == .vector, right.expression.valueType == .vector {
            if operation.isSetOperator, matching.cardinality == .oneToOne {
                matching.cardinality = .manyToMany
            }
            binary.matching = matching
        } else if !matching.labels.isEmpty || matching.hasFill {
            inapplicableMatchings[binary.sourceRange] = matching
        }
        return try node(.binary(binary), above: max(left.depth, right.depth))
    }
}

extension BinaryOperator {
    /// How tightly it binds; operators of a higher level come first.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimUpper,
            .trimLower:
            3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .arcTangent: 5
        case .power: 6
        }
    }

    /// The level of a sign: `-a * b` is `(-a) * b`, but `-a ^ b` is `-(a ^ b)`.
    static let signPrecedence = 5
}
