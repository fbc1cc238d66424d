extension ExpressionParser {
    /// Parses a number or duration without a sign.
    mutating func parseLiteral() throws(ParseError) -> NumberLiteral {
        let token = try peek()
        switch token.kind {
        case .number:
            try take()
            return NumberLiteral(
                value: try numberValue(token),
                isDuration: false,
                sourceRange: token.sourceRange
            )
        case .duration:
            try take()
            return NumberLiteral(
                value: try durationSeconds(token),
                isDuration: true,
                sourceRange: token.sourceRange
            )
        default: throw unexpected(token)
        }
    }

    /// Parses a number or duration with at most one sign, which becomes part of it.
    mutating func parseSignedLiteral() throws(ParseError) -> NumberLiteral {
        let sign = try peek()
        guard let isNegation = try acceptSign() else { return try parseLiteral() }
        var literal = try parseLiteral()
        if isNegation { literal.value = -literal.value }
        literal.sourceRange.start = sign.start
        return literal
    }

    /// Consumes a sign, if there is one, and tells whether it is `-`.
    mutating func acceptSign() throws(ParseError) -> Bool? {
        if try accept(.binaryOperator(.subtract)) != nil { return true }
        return try accept(.binaryOperator(.add)) != nil ? false : nil
    }

    func stringLiteral(_ token: Token) -> StringLiteral {
        StringLiteral(
            bytes: StringText.unquoted(bytes[token.start..<token.end]),
            sourceRange: token.sourceRange
        )
    }

    private func numberValue(_ token: Token) throws(ParseError) -> Double {
        do {
            return try NumberText.value(text(token))
        } catch {
            let reason =
                switch error {
                case .invalidSyntax: "invalid syntax"
                case .outOfRange: "value out of range"
                }
            throw self.error(
                "error parsing number: strconv.ParseFloat: parsing "
                    + "\(QuotedText.quote(text(token))): \(reason)",
                at: token.sourceRange
            )
        }
    }

    private func durationSeconds(_ token: Token) throws(ParseError) -> Double {
        do {
            let nanoseconds = try DurationText.nanoseconds(text(token))
            let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            return Double(seconds) + Double(rest) / 1e9
        } catch {
            throw self.error(error.description, at: token.sourceRange)
        }
    }
}
