/// What may stand between a binary operator and its right operand.
struct BinaryModifiers {
    var returnsBool = false
    var matching = VectorMatching()
}

extension ExpressionParser {
    /// Parses `bool`, `on` or `ignoring` with group modifiers, and fill values.
    mutating func parseModifiers() throws(ParseError) -> BinaryModifiers {
        var modifiers = BinaryModifiers()
        modifiers.returnsBool = try accept(.keyword(.bool)) != nil
        if case .keyword(let keyword) = try peek().kind, keyword == .on || keyword == .ignoring {
            try take()
            modifiers.matching.isOn = keyword == .on
            modifiers.matching.labels = try parseLabels()
            try parseGroupModifier(&modifiers.matching)
        }
        try parseFill(&modifiers.matching)
        return modifiers
    }

    private mutating func parseGroupModifier(
        _ matching: inout VectorMatching
    ) throws(ParseError) {
        switch try peek().kind {
        case .keyword(.groupLeft): matching.cardinality = .manyToOne
        case .keyword(.groupRight): matching.cardinality = .oneToMany
        default: return
        }
        try take()
        if try peek().kind == .leftParenthesis { matching.include = try parseLabels() }
    }

    private mutating func parseFill(_ matching: inout VectorMatching) throws(ParseError) {
        switch try peek().kind {
        case .keyword(.fill):
            try take()
            matching.fillLeft = try parseFillValue()
            matching.fillRight = matching.fillLeft
        case .keyword(.fillLeft):
            try take()
            matching.fillLeft = try parseFillValue()
            guard try accept(.keyword(.fillRight)) != nil else { return }
            matching.fillRight = try parseFillValue()
        case .keyword(.fillRight):
            try take()
            matching.fillRight = try parseFillValue()
            guard try accept(.keyword(.fillLeft)) != nil else { return }
            matching.fillLeft = try parseFillValue()
        default: return
        }
    }

    private mutating func parseFillValue() throws(ParseError) -> Double {
        try expect(.leftParenthesis)
        let literal = try parseSignedLiteral()
        try expect(.rightParenthesis)
        return literal.value
    }

    /// Parses a list of labels in parentheses; a comma may follow the last one.
    mutating func parseLabels() throws(ParseError) -> [String] {
        let outer = context
        defer { context = outer }
        context = .groupingStart
        try expect(.leftParenthesis)
        var labels: [String] = []
        context = .groupingLabel
        while try accept(.rightParenthesis) == nil {
            labels.append(try parseLabel())
            context = .groupingEnd
            if try accept(.comma) == nil {
                try expect(.rightParenthesis)
                break
            }
            context = .groupingLabel
        }
        return labels
    }

    private mutating func parseLabel() throws(ParseError) -> String {
        let token = try peek()
        var literal: StringLiteral
        switch token.kind {
        case .string: literal = stringLiteral(token)
        case .identifier, .metricIdentifier, .keyword, .aggregator,
            .binaryOperator(.and), .binaryOperator(.or), .binaryOperator(.unless),
            .binaryOperator(.arcTangent):
            literal = StringLiteral(value: text(token), sourceRange: token.sourceRange)
        default: throw unexpected(token)
        }
        try take()
        guard literal.value.isEmpty || literal.invalidBytes != nil else { return literal.value }
        let quoted = QuotedText.quote(bytes: literal.invalidBytes ?? [])
        throw error("invalid label name for grouping: \(quoted)", at: token.sourceRange)
    }
}
