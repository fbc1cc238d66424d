extension Token.Kind {
    /// How error messages name a token of this kind.
    ///
    /// - Parameter text: The token as written.
    func description(text: String) -> String {
        switch self {
        case .endOfInput: "end of input"
        case .identifier: "identifier \(QuotedText.quote(text))"
        case .metricIdentifier: "metric identifier \(QuotedText.quote(text))"
        case .string: "string \(Self.shortened(text))"
        case .number: "number \(Self.shortened(text))"
        case .duration: "duration \(Self.shortened(text))"
        case .at: "<op:@>"
        case .regexMatch: "<op:=~>"
        case .regexMismatch: "<op:!~>"
        case .binaryOperator: "<op:\(text)>"
        case .aggregator: "<aggr:\(text)>"
        case .keyword: "<\(text)>"
        case .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace, .leftBracket,
            .rightBracket, .comma, .colon, .assign:
            QuotedText.quote(text)
        }
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count > 10
            ? QuotedText.quote(String(text.unicodeScalars.prefix(10))) + "..."
            : QuotedText.quote(text)
    }
}
