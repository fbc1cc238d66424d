import MetricsModel

/// Writes expressions in their canonical form, on one line.
struct CanonicalText {
    private(set) var text = ""
    /// Bytes after which nothing more is written: enough to know that a text is long.
    private let limit: Int

    init(limit: Int = .max) {
        self.limit = limit
    }

    /// Whether the text is longer than the limit, and therefore incomplete.
    var isTooLong: Bool { text.utf8.count > limit }

    mutating func append(_ expression: Expression) {
        guard !isTooLong else { return }
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string: appendLiteral(expression)
        case .vectorSelector, .matrixSelector: appendSelector(expression)
        case .subquery: appendSubquery(expression)
        case .call: appendCall(expression)
        case .aggregation: appendAggregation(expression)
        case .binary: appendBinary(expression)
        case .unary, .parenthesized: appendWrapper(expression)
        }
    }

    private mutating func appendLiteral(_ expression: Expression) {
        switch expression {
        case .number(let literal): append(Self.text(literal))
        case .string(let literal): append(Self.text(literal))
        default: return
        }
    }

    private mutating func appendSelector(_ expression: Expression) {
        switch expression {
        case .vectorSelector(let selector): append(selector, range: "")
        case .matrixSelector(let matrix):
            let range = Self.duration(matrix.range, matrix.rangeExpression)
            append(matrix.selector, range: "[\(range)]")
        default: return
        }
    }

    private mutating func appendSubquery(_ expression: Expression) {
        guard case .subquery(let subquery) = expression else { return }
        append(subquery.expression)
        append(Self.suffix(subquery))
    }

    private mutating func appendCall(_ expression: Expression) {
        guard case .call(let call) = expression else { return }
        append(call.function.rawValue)
        append("(")
        append(call.arguments)
        append(")")
    }

    private mutating func appendAggregation(_ expression: Expression) {
        guard case .aggregation(let aggregation) = expression else { return }
        append(Self.head(aggregation))
        append("(")
        if let parameter = aggregation.parameter {
            append(parameter)
            append(", ")
        }
        append(aggregation.expression)
        append(")")
    }

    private mutating func appendBinary(_ expression: Expression) {
        guard case .binary(let binary) = expression else { return }
        append(binary.left)
        append(" ")
        append(Self.symbol(binary))
        append(" ")
        append(binary.right)
    }

    private mutating func appendWrapper(_ expression: Expression) {
        switch expression {
        case .unary(let unary):
            append(unary.isNegation ? "-" : "+")
            append(unary.operand)
        case .parenthesized(let node):
            append("(")
            append(node.expression)
            append(")")
        default: return
        }
    }

    private mutating func append(_ arguments: [Expression]) {
        var separator = ""
        for argument in arguments {
            append(separator)
            append(argument)
            separator = ", "
        }
    }

    private mutating func append(_ selector: VectorSelector, range: String) {
        append(selector.name)
        let written = selector.name.isEmpty ? selector.matchers[...] : selector.matchers.dropLast()
        if !written.isEmpty || selector.name.isEmpty {
            append("{")
            append(written.map(Self.text).sorted().joined(separator: ","))
            append("}")
        }
        append(range)
        let edges =
            switch selector.edges {
            case .plain: ""
            case .anchored: " anchored"
            case .smoothed: " smoothed"
            }
        if range.isEmpty {
            append(Self.at(selector.shift) + edges + Self.offset(selector.shift))
        } else {
            append(edges + Self.at(selector.shift) + Self.offset(selector.shift))
        }
    }

    private mutating func append(_ part: String) {
        text.append(part)
    }
}
