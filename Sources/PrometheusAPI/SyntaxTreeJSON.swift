internal import MetricsModel
internal import PromQL

/// Writes syntax trees as the nodes of `parse_query`.
///
/// Every key of a node is always there; times and durations are in milliseconds. Recursion ends because the parser
/// bounds the depth of a tree.
struct SyntaxTreeJSON {
    var json = JSONBuffer()

    mutating func node(_ expression: Expression) {
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string: literal(expression)
        case .vectorSelector, .matrixSelector: selector(expression)
        case .subquery: subquery(expression)
        case .call: call(expression)
        case .aggregation: aggregation(expression)
        case .binary: binary(expression)
        case .unary, .parenthesized: wrapper(expression)
        }
    }

    private mutating func literal(_ expression: Expression) {
        switch expression {
        case .number(let literal):
            json.raw("{\"type\":\"numberLiteral\",\"val\":")
            json.string(Self.decimal(literal))
            json.raw("}")
        case .string(let literal):
            json.raw("{\"type\":\"stringLiteral\",\"val\":")
            json.string(literal.value)
            json.raw("}")
        default: return
        }
    }

    private mutating func selector(_ expression: Expression) {
        switch expression {
        case .vectorSelector(let selector):
            json.raw("{\"type\":\"vectorSelector\"")
            members(selector)
            json.raw("}")
        case .matrixSelector(let matrix):
            json.raw("{\"type\":\"matrixSelector\"")
            members(matrix.selector)
            duration(",\"range\":", ",\"rangeExpr\":", matrix.range, matrix.rangeExpression)
            json.raw("}")
        default: return
        }
    }

    private mutating func subquery(_ expression: Expression) {
        guard case .subquery(let subquery) = expression else { return }
        json.raw("{\"type\":\"subquery\",\"expr\":")
        node(subquery.expression)
        duration(",\"range\":", ",\"rangeExpr\":", subquery.range, subquery.rangeExpression)
        duration(",\"step\":", ",\"stepExpr\":", subquery.step, subquery.stepExpression)
        members(subquery.shift)
        json.raw("}")
    }

    private mutating func call(_ expression: Expression) {
        guard case .call(let call) = expression else { return }
        let signature = call.function.signature
        json.raw("{\"type\":\"call\",\"func\":{\"name\":")
        json.string(call.function.rawValue)
        json.raw(",\"argTypes\":")
        json.list(signature.argumentTypes) { $0.string($1.rawValue) }
        json.raw(",\"variadic\":")
        json.integer(Int64(signature.variadic))
        json.raw(",\"returnType\":")
        json.string(signature.returnType.rawValue)
        json.raw("},\"args\":[")
        for (index, argument) in call.arguments.enumerated() {
            if index > 0 { json.raw(",") }
            node(argument)
        }
        json.raw("]}")
    }

    private mutating func aggregation(_ expression: Expression) {
        guard case .aggregation(let aggregation) = expression else { return }
        json.raw("{\"type\":\"aggregation\",\"op\":")
        json.string(aggregation.operation.rawValue)
        json.raw(",\"expr\":")
        node(aggregation.expression)
        json.raw(",\"param\":")
        if let parameter = aggregation.parameter { node(parameter) } else { json.raw("null") }
        json.raw(",\"grouping\":")
        json.list(aggregation.grouping) { $0.string($1) }
        json.raw(",\"without\":")
        json.boolean(aggregation.isWithout)
        json.raw("}")
    }

    private mutating func binary(_ expression: Expression) {
        guard case .binary(let binary) = expression else { return }
        json.raw("{\"type\":\"binaryExpr\",\"op\":")
        json.string(binary.operation.rawValue)
        json.raw(",\"lhs\":")
        node(binary.left)
        json.raw(",\"rhs\":")
        node(binary.right)
        json.raw(",\"bool\":")
        json.boolean(binary.returnsBool)
        json.raw(",\"matching\":")
        if let matching = binary.matching { object(matching) } else { json.raw("null") }
        json.raw("}")
    }

    private mutating func wrapper(_ expression: Expression) {
        switch expression {
        case .unary(let unary):
            json.raw("{\"type\":\"unaryExpr\",\"op\":")
            json.string(unary.isNegation ? "-" : "+")
            json.raw(",\"expr\":")
            node(unary.operand)
        case .parenthesized(let parenthesized):
            json.raw("{\"type\":\"parenExpr\",\"expr\":")
            node(parenthesized.expression)
        default: return
        }
        json.raw("}")
    }

    /// What instant and range selectors have in common.
    private mutating func members(_ selector: VectorSelector) {
        json.raw(",\"name\":")
        json.string(selector.name)
        json.raw(",\"matchers\":")
        json.list(selector.matchers) { json, matcher in
            json.raw("{\"name\":")
            json.string(matcher.name)
            json.raw(",\"value\":")
            json.string(matcher.value)
            json.raw(",\"type\":")
            json.string(matcher.operation.rawValue)
            json.raw("}")
        }
        members(selector.shift)
        json.raw(",\"anchored\":")
        json.boolean(selector.edges == .anchored)
        json.raw(",\"smoothed\":")
        json.boolean(selector.edges == .smoothed)
    }

    private mutating func members(_ shift: TimeShift) {
        duration(",\"offset\":", ",\"offsetExpr\":", shift.offset, shift.offsetExpression)
        json.raw(",\"timestamp\":")
        if case .timestamp(let time) = shift.at { json.integer(time) } else { json.raw("null") }
        json.raw(",\"startOrEnd\":")
        switch shift.at {
        case .start: json.raw("\"start\"")
        case .end: json.raw("\"end\"")
        case .timestamp, nil: json.raw("null")
        }
    }

    private mutating func object(_ matching: VectorMatching) {
        json.raw("{\"card\":")
        json.string(matching.cardinality.rawValue)
        json.raw(",\"labels\":")
        json.list(matching.labels) { $0.string($1) }
        json.raw(",\"on\":")
        json.boolean(matching.isOn)
        json.raw(",\"include\":")
        json.list(matching.include) { $0.string($1) }
        json.raw(",\"fillValues\":{\"lhs\":")
        json.number(matching.fillLeft)
        json.raw(",\"rhs\":")
        json.number(matching.fillRight)
        json.raw("}}")
    }

    /// A duration and the expression it comes from; with an expression it has no value before the query runs: 0.
    private mutating func duration(
        _ key: StaticString,
        _ expressionKey: StaticString,
        _ milliseconds: Int64,
        _ expression: DurationExpression?
    ) {
        json.raw(key)
        json.integer(expression == nil ? milliseconds : 0)
        json.raw(expressionKey)
        node(expression)
    }

    private mutating func node(_ expression: DurationExpression?) {
        switch expression {
        case nil: json.raw("null")
        case .number(let literal):
            json.raw("{\"type\":\"numberLiteral\",\"val\":")
            json.string(Self.decimal(literal))
            json.raw(",\"duration\":")
            json.boolean(literal.isDuration)
            json.raw("}")
        case .operation(let operation):
            json.raw("{\"type\":\"durationExpr\",\"op\":")
            json.string(operation.operation.rawValue)
            json.raw(",\"lhs\":")
            node(operation.left)
            json.raw(",\"rhs\":")
            node(operation.right)
            json.raw(",\"wrapped\":")
            json.boolean(operation.isParenthesized)
            json.raw("}")
        }
    }

    /// The number in plain decimals, durations as their seconds.
    private static func decimal(_ literal: NumberLiteral) -> String {
        var literal = literal
        literal.isDuration = false
        return Expression.number(literal).description
    }
}
