/// Turns the text of a query into its syntax tree.
public enum Parser {
    /// How deep a tree may be; a chain such as `a + b + c` gets one level deeper with each term.
    ///
    /// Bounds the stack that walks over a tree need: less than 2 KiB a level, even without
    /// optimisation.
    public static let maximumDepth = 250

    /// How many parentheses, calls, signs and operators may wait for their end at one place.
    ///
    /// Bounds the stack that parsing needs: less than 5 KiB a level, even without optimisation.
    public static let maximumNesting = 100

    /// How long a query may be, in bytes.
    public static let maximumLength = 1 << 20

    /// Parses and checks a query.
    ///
    /// - Throws: The first error, in the order in which Prometheus would find them.
    public static func parse(
        _ text: String,
        features: LanguageFeatures = .standard
    ) throws(ParseError) -> Expression {
        var parser = try ExpressionParser(text, features: features)
        let expression = try parser.parseQuery()
        let checker = TypeChecker(
            bytes: parser.bytes,
            inapplicableMatchings: parser.inapplicableMatchings
        )
        try checker.check(expression)
        return expression
    }

    /// Parses a series selector as in `match[]` parameters: a name, matchers, or both.
    ///
    /// Unlike in a query, all its matchers may match the empty string: callers decide.
    public static func parseSelector(_ text: String) throws(ParseError) -> VectorSelector {
        var parser = try ExpressionParser(text, features: .standard)
        return try parser.parseSelector()
    }
}
