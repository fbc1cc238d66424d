extension ExpressionParser {
    /// Parses the innermost part of an expression, without what may follow it.
    mutating func parsePrimary() throws(ParseError) -> Node {
        switch try peek().kind {
        case .leftParenthesis: try parseParenthesized()
        case .number, .duration, .string: try parseLiteralNode()
        case .leftBrace: try parseSelectorNode(named: nil)
        case .aggregator(let operation): try parseAggregationOrSelector(operation)
        default: try parseNamed()
        }
    }

    private mutating func parseParenthesized() throws(ParseError) -> Node {
        let start = try take().start
        let inner = try parseExpression(above: 0)
        try expect(.rightParenthesis)
        return try parenthesized(inner, start: start)
    }

    private func parenthesized(_ inner: Node, start: Int) throws(ParseError) -> Node {
        let range = SourceRange(start: start, end: lastEnd)
        return try node(
            .parenthesized(Parenthesized(expression: inner.expression, sourceRange: range)),
            above: inner.depth
        )
    }

    private mutating func parseLiteralNode() throws(ParseError) -> Node {
        let token = try peek()
        guard token.kind == .string else { return try node(.number(try parseLiteral())) }
        try take()
        return try node(.string(stringLiteral(token)))
    }

    /// Parses a selector whose name, if any, is already consumed.
    private mutating func parseSelectorNode(named name: Token?) throws(ParseError) -> Node {
        try node(.vectorSelector(try parseVectorSelector(named: name)))
    }

    /// Parses what starts with a word other than an aggregation: a call or a selector.
    private mutating func parseNamed() throws(ParseError) -> Node {
        let name = try peek()
        guard name.kind.canNameMetric else { throw unexpected(name) }
        try take()
        if name.kind.canNameFunction, try peek().kind == .leftParenthesis {
            return try parseCall(name)
        }
        return try parseSelectorNode(named: name)
    }

    // MARK: Calls

    private mutating func parseCall(_ name: Token) throws(ParseError) -> Node {
        let arguments = try parseArguments()
        return try call(name, arguments)
    }

    private func call(_ name: Token, _ arguments: Arguments) throws(ParseError) -> Node {
        guard let function = Function(rawValue: text(name)) else {
            throw error(
                "unknown function with name \(QuotedText.quote(text(name)))",
                at: name.sourceRange
            )
        }
        if function.isExperimental, !features.contains(.experimentalFunctions) {
            throw error(
                "function \(QuotedText.quote(text(name))) is not enabled",
                at: name.sourceRange
            )
        }
        let range = SourceRange(start: name.start, end: lastEnd)
        return try node(
            .call(Call(function: function, arguments: arguments.expressions, sourceRange: range)),
            above: arguments.depth
        )
    }

    private struct Arguments {
        var expressions: [Expression] = []
        /// The depth of the deepest one.
        var depth = 0

        mutating func append(_ node: Node) {
            expressions.append(node.expression)
            depth = max(depth, node.depth)
        }
    }

    private mutating func parseArguments() throws(ParseError) -> Arguments {
        try expect(.leftParenthesis)
        var arguments = Arguments()
        guard try accept(.rightParenthesis) == nil else { return arguments }
        arguments.append(try parseExpression(above: 0))
        while try acceptArgumentComma() {
            arguments.append(try parseExpression(above: 0))
        }
        try expect(.rightParenthesis)
        return arguments
    }

    /// Consumes a comma, if there is one, behind which another argument must start.
    private mutating func acceptArgumentComma() throws(ParseError) -> Bool {
        guard let comma = try accept(.comma) else { return false }
        guard try peek().kind.startsExpression else {
            throw error("trailing commas not allowed in function call args", at: comma.sourceRange)
        }
        return true
    }

    // MARK: Aggregations

    private typealias Grouping = (labels: [String], isWithout: Bool)

    /// Parses what starts with the name of an aggregation, which may also be that of a metric.
    private mutating func parseAggregationOrSelector(
        _ operation: AggregationOperator
    ) throws(ParseError) -> Node {
        let name = try take()
        switch try peek().kind {
        case .leftParenthesis, .keyword(.by), .keyword(.without):
            return try parseAggregation(operation, start: name.start)
        default: return try parseSelectorNode(named: name)
        }
    }

    private mutating func parseAggregation(
        _ operation: AggregationOperator,
        start: Int
    ) throws(ParseError) -> Node {
        let outer = context
        context = .aggregation
        var grouping = try parseGrouping()
        let arguments = try parseArguments()
        context = outer
        if grouping == nil { grouping = try parseGrouping() }
        return try aggregation(operation, grouping ?? ([], false), arguments, start: start)
    }

    private func aggregation(
        _ operation: AggregationOperator,
        _ grouping: Grouping,
        _ arguments: Arguments,
        start: Int
    ) throws(ParseError) -> Node {
        let range = SourceRange(start: start, end: lastEnd)
        guard let last = arguments.expressions.last, let first = arguments.expressions.first else {
            throw error("no arguments for aggregate expression provided", at: range)
        }
        if operation.isExperimental, !features.contains(.experimentalFunctions) {
            throw error(
                "\(operation.rawValue)() is experimental and must be enabled with "
                    + "--enable-feature=promql-experimental-functions",
                at: range
            )
        }
        let count = arguments.expressions.count
        let wanted = operation.parameterType == nil ? 1 : 2
        guard count == wanted else {
            throw error(
                "wrong number of arguments for aggregate expression provided, "
                    + "expected \(wanted), got \(count)",
                at: range
            )
        }
        return try node(
            .aggregation(
                Aggregation(
                    operation: operation,
                    expression: last,
                    parameter: count == 2 ? first : nil,
                    grouping: grouping.labels,
                    isWithout: grouping.isWithout,
                    sourceRange: range
                )
            ),
            above: arguments.depth
        )
    }

    /// Parses a `by` or `without` clause, if there is one.
    private mutating func parseGrouping() throws(ParseError) -> Grouping? {
        switch try peek().kind {
        case .keyword(.by):
            try take()
            return (try parseLabels(), false)
        case .keyword(.without):
            try take()
            return (try parseLabels(), true)
        default: return nil
        }
    }
}

extension Token.Kind {
    /// Whether it is a metric's name where an expression starts.
    var canNameMetric: Bool {
        switch self {
        case .identifier, .metricIdentifier, .aggregator, .binaryOperator(.and),
            .binaryOperator(.or), .binaryOperator(.unless):
            true
        case .keyword(let keyword): keyword.canNameMetric
        default: false
        }
    }

    /// Whether a parenthesis behind it makes it a call.
    fileprivate var canNameFunction: Bool {
        switch self {
        case .identifier: true
        case .keyword(let keyword): keyword.canNameFunction
        default: false
        }
    }

    /// Whether an expression may start with it.
    fileprivate var startsExpression: Bool {
        switch self {
        case .number, .duration, .string, .leftParenthesis, .leftBrace, .binaryOperator(.add),
            .binaryOperator(.subtract):
            true
        default: canNameMetric
        }
    }
}
