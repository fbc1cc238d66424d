import MetricsModel

/// Checks that the parts of a tree fit together: types, numbers of arguments, modifiers.
///
/// Runs after the whole text was parsed, so that syntax errors come first. Parts are checked
/// before what contains them, apart from the number of arguments.
struct TypeChecker {
    /// The text of the query.
    let bytes: [UInt8]
    let inapplicableMatchings: [SourceRange: VectorMatching]

    func check(_ expression: Expression) throws(ParseError) {
        // Each kind is taken apart in a function of its own, which keeps the stack small.
        switch expression {
        case .number, .string: return
        case .vectorSelector, .matrixSelector: try checkSelector(expression)
        case .subquery: try checkSubquery(expression)
        case .call: try checkCall(expression)
        case .aggregation: try checkAggregation(expression)
        case .binary: try checkBinary(expression)
        case .unary: try checkUnary(expression)
        case .parenthesized: try checkParenthesized(expression)
        }
    }

    private func checkParenthesized(_ expression: Expression) throws(ParseError) {
        guard case .parenthesized(let node) = expression else { return }
        try check(node.expression)
    }

    // MARK: Selectors

    private func checkSelector(_ expression: Expression) throws(ParseError) {
        let selector: VectorSelector
        switch expression {
        case .vectorSelector(let node): selector = node
        case .matrixSelector(let node): selector = node.selector
        default: return
        }
        let range = selector.sourceRange
        guard !selector.name.isEmpty else {
            guard selector.matchers.contains(where: { !$0.matchesEmpty }) else {
                throw error("vector selector must contain at least one non-empty matcher", range)
            }
            return
        }
        let nameLabel = ExpressionParser.nameLabel
        if let second = selector.matchers.dropLast().first(where: { $0.name == nameLabel }) {
            throw error(
                "metric name must not be set twice: \(QuotedText.quote(selector.name)) or "
                    + QuotedText.quote(second.value),
                range
            )
        }
    }

    private func checkSubquery(_ expression: Expression) throws(ParseError) {
        guard case .subquery(let subquery) = expression else { return }
        try check(subquery.expression)
        let type = subquery.expression.valueType
        guard type == .vector else {
            throw error(
                "subquery is only allowed on instant vector, got \(type.rawValue) instead",
                subquery.sourceRange
            )
        }
    }

    // MARK: Calls and aggregations

    private func checkCall(_ expression: Expression) throws(ParseError) {
        guard case .call(let call) = expression else { return }
        let signature = call.function.signature
        try checkArgumentCount(call, signature)
        if call.function == .info, call.arguments.count > 1 {
            try checkInfoSelector(call.arguments[1], in: call)
        }
        let place = "call to function \(QuotedText.quote(call.function.rawValue))"
        for (index, argument) in call.arguments.enumerated() {
            if call.function == .info, index == 1 { continue }
            let type = signature.argumentTypes[min(index, signature.argumentTypes.count - 1)]
            try check(argument, is: type, in: place)
        }
    }

    private func checkArgumentCount(
        _ call: Call,
        _ signature: Function.Signature
    ) throws(ParseError) {
        let count = call.arguments.count
        let wanted = signature.argumentTypes.count
        let problem: String
        if signature.variadic == 0, count != wanted {
            problem = "expected \(wanted)"
        } else if signature.variadic != 0, count < wanted - 1 {
            problem = "expected at least \(wanted - 1)"
        } else if signature.variadic > 0, count > wanted - 1 + signature.variadic {
            problem = "expected at most \(wanted - 1 + signature.variadic)"
        } else {
            return
        }
        throw error(
            "\(problem) argument(s) in call to \(QuotedText.quote(call.function.rawValue)), "
                + "got \(count)",
            call.sourceRange
        )
    }

    /// The second argument of `info` is a selector of labels alone, all of which may be empty.
    private func checkInfoSelector(_ argument: Expression, in call: Call) throws(ParseError) {
        let type = argument.valueType
        guard type == .vector else {
            throw error(
                "expected type instant vector in call to function \"info\", got "
                    + type.documentedName,
                call.sourceRange
            )
        }
        guard case .vectorSelector(let selector) = argument else {
            throw error("expected label selectors only", argument.sourceRange)
        }
        guard selector.name.isEmpty else {
            throw error(
                "expected label selectors only, got vector selector instead",
                argument.sourceRange
            )
        }
    }

    private func checkAggregation(_ expression: Expression) throws(ParseError) {
        guard case .aggregation(let aggregation) = expression else { return }
        try check(aggregation.expression, is: .vector, in: "aggregation expression")
        guard let parameter = aggregation.parameter,
            let type = aggregation.operation.parameterType
        else { return }
        try check(parameter, is: type, in: "aggregation parameter")
    }

    private func check(
        _ expression: Expression,
        is wanted: ValueType,
        in place: String
    ) throws(ParseError) {
        try check(expression)
        let type = expression.valueType
        guard type == wanted else {
            throw error(
                "expected type \(wanted.documentedName) in \(place), got \(type.documentedName)",
                expression.sourceRange
            )
        }
    }

    // MARK: Operators

    private func checkUnary(_ expression: Expression) throws(ParseError) {
        guard case .unary(let unary) = expression else { return }
        try check(unary.operand)
        let type = unary.operand.valueType
        guard type == .scalar || type == .vector else {
            throw error(
                "unary expression only allowed on expressions of type scalar or instant vector, "
                    + "got \(QuotedText.quote(type.documentedName))",
                unary.sourceRange
            )
        }
    }

    private func checkBinary(_ expression: Expression) throws(ParseError) {
        guard case .binary(let binary) = expression else { return }
        try check(binary.left)
        try check(binary.right)
        try checkOperation(binary)
    }

    /// Checks an operation of which both sides are already checked.
    private func checkOperation(_ binary: BinaryOperation) throws(ParseError) {
        try checkModifiers(binary)
        try checkOperand(binary.left)
        try checkOperand(binary.right)
        try checkMatchingKind(binary)
        guard binary.operation.isSetOperator, binary.matching == nil else { return }
        throw error(
            "set operator \(QuotedText.quote(binary.operation.rawValue)) not allowed in binary "
                + "scalar expression",
            binary.sourceRange
        )
    }

    private func checkOperand(_ operand: Expression) throws(ParseError) {
        guard operand.valueType == .scalar || operand.valueType == .vector else {
            throw error(
                "binary expression must contain only scalar and instant vector types",
                operand.sourceRange
            )
        }
    }

    private func checkModifiers(_ binary: BinaryOperation) throws(ParseError) {
        let isComparison = binary.operation.isComparison
        if binary.returnsBool, !isComparison {
            throw error(
                "bool modifier can only be used on comparison operators",
                operatorRange(binary)
            )
        }
        if isComparison, !binary.returnsBool, binary.valueType == .scalar {
            throw error(
                "comparisons between scalars must use BOOL modifier",
                operatorRange(binary)
            )
        }
        try checkMatchingLabels(binary)
    }

    private func checkMatchingLabels(_ binary: BinaryOperation) throws(ParseError) {
        guard let matching = binary.matching ?? inapplicableMatchings[binary.sourceRange],
            matching.isOn, let label = matching.labels.first(where: matching.include.contains)
        else { return }
        throw error(
            "label \(QuotedText.quote(label)) must not occur in ON and GROUP clause at once",
            operatorRange(binary)
        )
    }

    private func checkMatchingKind(_ binary: BinaryOperation) throws(ParseError) {
        let range = binary.sourceRange
        guard let matching = binary.matching else {
            guard let matching = inapplicableMatchings[range] else { return }
            if !matching.labels.isEmpty {
                throw error("vector matching only allowed between instant vectors", range)
            }
            if matching.hasFill {
                throw error(
                    "filling in missing series only allowed between instant vectors",
                    range
                )
            }
            return
        }
        guard binary.operation.isSetOperator else { return }
        if matching.cardinality != .manyToMany {
            throw error(
                "no grouping allowed for \(QuotedText.quote(binary.operation.rawValue)) operation",
                range
            )
        }
        if matching.hasFill {
            throw error("filling in missing series not allowed for set operators", range)
        }
    }

    // MARK: Errors

    private func error(_ message: String, _ range: SourceRange) -> ParseError {
        ParseError(message, at: range.start, in: bytes)
    }

    /// From the first byte between the operands that is no space.
    private func operatorRange(_ binary: BinaryOperation) -> SourceRange {
        var range = SourceRange(
            start: binary.left.sourceRange.end,
            end: binary.right.sourceRange.start
        )
        while range.start < range.end, Lexer.isSpace(bytes[range.start]) { range.start += 1 }
        return range
    }
}
