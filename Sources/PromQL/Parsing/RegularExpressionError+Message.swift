import MetricsModel

extension RegularExpressionError {
    /// The text with which Prometheus reports the error.
    var messageText: String {
        let reason =
            switch code {
            case .internalError: "regexp/syntax: internal error"
            case .badEscape: "invalid escape sequence"
            case .badCharacterClass: "invalid character class"
            case .badCharacterRange: "invalid character class range"
            case .missingBracket: "missing closing ]"
            case .missingParenthesis: "missing closing )"
            case .unexpectedParenthesis: "unexpected )"
            case .trailingBackslash: "trailing backslash at end of expression"
            case .repeatArgument: "missing argument to repetition operator"
            case .repeatSize: "invalid repeat count"
            case .repeatOperator: "invalid nested repetition operator"
            case .badPerlOperator: "invalid or unsupported Perl syntax"
            case .badUTF8: "invalid UTF-8"
            case .badNamedCapture: "invalid named capture"
            case .patternTooLarge: "expression too large"
            }
        return "error parsing regexp: \(reason): `\(argument)`"
    }
}
