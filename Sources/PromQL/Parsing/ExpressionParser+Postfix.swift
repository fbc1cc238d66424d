extension ExpressionParser {
    /// Parses an operand with the ranges and modifiers that follow it.
    mutating func parsePostfix() throws(ParseError) -> Node {
        var operand = try parsePrimary()
        while try parseModifier(of: &operand) {}
        return operand
    }

    /// Parses one range or modifier, if one follows.
    private mutating func parseModifier(of operand: inout Node) throws(ParseError) -> Bool {
        switch try peek().kind {
        case .keyword(.offset): try parseOffset(of: &operand.expression)
        case .at: try parseAt(of: &operand.expression)
        case .keyword(.anchored): try parseEdges(.anchored, of: &operand.expression)
        case .keyword(.smoothed): try parseEdges(.smoothed, of: &operand.expression)
        case .leftBracket: operand = try parseRange(of: operand)
        default: return false
        }
        return true
    }

    // MARK: offset

    private mutating func parseOffset(of expression: inout Expression) throws(ParseError) {
        let outer = context
        defer { context = outer }
        context = .offset
        try take()
        let offset = try parseOffsetDuration()
        guard var shift = expression.shift else {
            throw error(
                "offset modifier must be preceded by an instant vector selector or "
                    + "range vector selector or a subquery",
                at: expression.sourceRange
            )
        }
        guard shift.offset == 0, shift.offsetExpression == nil else {
            throw error("offset may not be set multiple times", at: expression.sourceRange)
        }
        switch offset {
        case .number(let literal): shift.offset = DurationValue.milliseconds(literal.value)
        case .operation: shift.offsetExpression = offset
        }
        expression.setShift(shift, end: lastEnd)
    }

    // MARK: @

    private mutating func parseAt(of expression: inout Expression) throws(ParseError) {
        let outer = context
        defer { context = outer }
        context = .at
        try take()
        let modifier: AtModifier
        switch try peek().kind {
        case .keyword(.start): modifier = try parsePreprocessor(.start)
        case .keyword(.end): modifier = try parsePreprocessor(.end)
        default:
            let seconds = try parseSignedLiteral().value
            guard let milliseconds = DurationValue.timestamp(seconds: seconds) else {
                throw error(
                    "timestamp out of bounds for @ modifier: "
                        + FloatText.fixed(seconds),
                    at: expression.sourceRange
                )
            }
            modifier = .timestamp(milliseconds)
        }
        guard var shift = expression.shift else {
            throw error(
                "@ modifier must be preceded by an instant vector selector or "
                    + "range vector selector or a subquery",
                at: expression.sourceRange
            )
        }
        guard shift.at == nil else {
            throw error(
                "@ <timestamp> may not be set multiple times",
                at: expression.sourceRange
            )
        }
        shift.at = modifier
        expression.setShift(shift, end: lastEnd)
    }

    private mutating func parsePreprocessor(
        _ modifier: AtModifier
    ) throws(ParseError) -> AtModifier {
        try take()
        try expect(.leftParenthesis)
        try expect(.rightParenthesis)
        return modifier
    }

    // MARK: anchored, smoothed

    private mutating func parseEdges(
        _ edges: WindowEdges,
        of expression: inout Expression
    ) throws(ParseError) {
        try take()
        let range = expression.sourceRange
        let word = edges == .anchored ? "anchored" : "smoothed"
        guard features.contains(.extendedRangeSelectors) else {
            throw error("\(word) modifier is experimental and not enabled", at: range)
        }
        let previous: WindowEdges
        switch expression {
        case .vectorSelector(var selector):
            previous = selector.edges
            selector.edges = edges
            selector.sourceRange.end = lastEnd
            expression = .vectorSelector(selector)
        case .matrixSelector(var matrix):
            previous = matrix.selector.edges
            matrix.selector.edges = edges
            matrix.sourceRange.end = lastEnd
            expression = .matrixSelector(matrix)
        case .subquery: throw error("\(word) modifier is not supported for subqueries", at: range)
        default:
            throw error(
                "\(word) modifier must be preceded by an instant vector selector or "
                    + "range vector selector",
                at: range
            )
        }
        guard previous == .plain || previous == edges else {
            throw error("anchored and smoothed modifiers cannot be used together", at: range)
        }
    }

    // MARK: [range] and [range:step]

    private mutating func parseRange(of operand: Node) throws(ParseError) -> Node {
        let outer = context
        defer { context = outer }
        let bracket = try take()
        context = .range
        let range = try parsePositiveDuration()
        context = .rangeEnd
        guard try accept(.colon) != nil else {
            try expect(.rightBracket)
            context = outer
            return try matrix(of: operand, range: range, bracket: bracket)
        }
        context = .step
        var step: DurationExpression?
        if try peek().kind != .rightBracket {
            step = try parsePositiveDuration()
            context = .stepEnd
        }
        try expect(.rightBracket)
        let (rangeValue, rangeExpression) = concrete(range)
        let (stepValue, stepExpression) = step.map(concrete) ?? (0, nil)
        return try node(
            .subquery(
                Subquery(
                    expression: operand.expression,
                    range: rangeValue,
                    rangeExpression: rangeExpression,
                    step: stepValue,
                    stepExpression: stepExpression,
                    sourceRange: SourceRange(
                        start: operand.expression.sourceRange.start,
                        end: lastEnd
                    )
                )
            ),
            above: operand.depth
        )
    }

    private func matrix(
        of operand: Node,
        range: DurationExpression,
        bracket: Token
    ) throws(ParseError) -> Node {
        guard case .vectorSelector(let selector) = operand.expression else {
            throw error("ranges only allowed for vector selectors", at: bracket.sourceRange)
        }
        guard selector.shift.offset == 0, selector.shift.offsetExpression == nil else {
            throw error("no offset modifiers allowed before range", at: bracket.sourceRange)
        }
        guard selector.shift.at == nil else {
            throw error("no @ modifiers allowed before range", at: bracket.sourceRange)
        }
        let (value, expression) = concrete(range)
        return try node(
            .matrixSelector(
                MatrixSelector(
                    selector: selector,
                    range: value,
                    rangeExpression: expression,
                    sourceRange: SourceRange(start: selector.sourceRange.start, end: lastEnd)
                )
            )
        )
    }

    private func concrete(
        _ duration: DurationExpression
    ) -> (milliseconds: Int64, expression: DurationExpression?) {
        switch duration {
        case .number(let literal): (DurationValue.milliseconds(literal.value), nil)
        case .operation: (0, duration)
        }
    }
}

extension Expression {
    /// The time modifiers; nil for expressions that cannot have any.
    fileprivate var shift: TimeShift? {
        switch self {
        case .vectorSelector(let selector): selector.shift
        case .matrixSelector(let matrix): matrix.selector.shift
        case .subquery(let subquery): subquery.shift
        default: nil
        }
    }

    fileprivate mutating func setShift(_ shift: TimeShift, end: Int) {
        switch self {
        case .vectorSelector(var selector):
            selector.shift = shift
            selector.sourceRange.end = end
            self = .vectorSelector(selector)
        case .matrixSelector(var matrix):
            matrix.selector.shift = shift
            matrix.sourceRange.end = end
            self = .matrixSelector(matrix)
        case .subquery(var subquery):
            subquery.shift = shift
            subquery.sourceRange.end = end
            self = .subquery(subquery)
        default: preconditionFailure("no time modifiers apply to \(self)")
        }
    }
}
