import MetricsModel

extension ExpressionParser {
    /// Parses a text that is nothing but a selector.
    mutating func parseSelector() throws(ParseError) -> VectorSelector {
        let token = try peek()
        let selector: VectorSelector
        if token.kind == .leftBrace {
            selector = try parseVectorSelector()
        } else {
            guard token.kind.canNameMetric else { throw unexpected(token) }
            try take()
            selector = try parseVectorSelector(named: token)
        }
        try expect(.endOfInput)
        return selector
    }

    /// Parses the matchers of a selector, whose name, if any, is already consumed.
    mutating func parseVectorSelector(
        named name: Token? = nil
    ) throws(ParseError)
        -> VectorSelector
    {
        let start = if let name { name.start } else { try peek().start }
        var matchers: [LabelMatcher] = []
        if try peek().kind == .leftBrace { matchers = try parseMatchers() }
        let name = name.map(text) ?? ""
        if !name.isEmpty { matchers.append(LabelMatcher(name: Self.nameLabel, equals: name)) }
        return VectorSelector(
            name: name,
            matchers: matchers,
            sourceRange: SourceRange(start: start, end: lastEnd)
        )
    }

    private mutating func parseMatchers() throws(ParseError) -> [LabelMatcher] {
        let outer = context
        defer { context = outer }
        try expect(.leftBrace)
        var matchers: [LabelMatcher] = []
        context = .matcherStart
        while try accept(.rightBrace) == nil {
            context = .matcherStart
            matchers.append(try parseMatcher())
            context = .matcherEnd
            if try accept(.comma) == nil {
                try expect(.rightBrace)
                break
            }
            context = .matcherStart
        }
        return matchers
    }

    private mutating func parseMatcher() throws(ParseError) -> LabelMatcher {
        let label = try peek()
        let name: String
        switch label.kind {
        case .identifier:
            try take()
            name = text(label)
        case .string:
            try take()
            name = stringLiteral(label).value
            if try peek().kind.matcherOperation == nil {
                return LabelMatcher(name: Self.nameLabel, equals: name)
            }
        default: throw unexpected(label)
        }
        context = .matcherOperator
        guard let operation = try peek().kind.matcherOperation else {
            throw unexpected(try peek())
        }
        try take()
        context = .matcherValue
        let value = stringLiteral(try expect(.string)).value
        do {
            return try LabelMatcher(name: name, operation: operation, value: value)
        } catch {
            throw self.error(error.messageText, at: label.sourceRange)
        }
    }

    static let nameLabel = "__name__"
}

extension Token.Kind {
    /// The comparison it stands for between a label and a value.
    fileprivate var matcherOperation: LabelMatcher.Operation? {
        switch self {
        case .assign: .equal
        case .binaryOperator(.notEqual): .notEqual
        case .regexMatch: .matches
        case .regexMismatch: .notMatches
        default: nil
        }
    }
}
