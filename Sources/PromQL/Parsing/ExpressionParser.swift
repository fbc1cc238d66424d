/// A recursive descent over the tokens of one query, with one token of lookahead.
///
/// The lookahead is read as late as possible, so that errors come in the order of the text.
struct ExpressionParser {
    let bytes: [UInt8]
    let features: LanguageFeatures
    /// Where the last consumed token ends.
    private(set) var lastEnd = 0
    /// What an unexpected token is reported to be in.
    var context = SyntaxContext.query
    /// Matchings that were written between operands of which one is no vector.
    ///
    /// They are no part of the tree, but the type checker may object to them.
    var inapplicableMatchings: [SourceRange: VectorMatching] = [:]
    private var lexer: Lexer
    private var lookahead: Token?
    private var nesting = 0

    init(_ text: String, features: LanguageFeatures) throws(ParseError) {
        guard text.utf8.count <= Parser.maximumLength else {
            throw ParseError(
                message: "query is longer than \(Parser.maximumLength) bytes",
                line: 1,
                column: 1
            )
        }
        bytes = Array(text.utf8)
        self.features = features
        lexer = Lexer(bytes)
    }

    /// A finished part of the tree with its depth, which is bounded.
    struct Node {
        var expression: Expression
        var depth: Int
    }

    mutating func parseQuery() throws(ParseError) -> Expression {
        if try peek().kind == .endOfInput {
            throw ParseError("no expression found in input", at: 0, in: bytes)
        }
        let node = try parseExpression(above: 0)
        try expect(.endOfInput)
        return node.expression
    }

    // MARK: Tokens

    mutating func peek() throws(ParseError) -> Token {
        if let lookahead { return lookahead }
        let token = try lexer.next()
        lookahead = token
        return token
    }

    @discardableResult
    mutating func take() throws(ParseError) -> Token {
        let token = try peek()
        lookahead = nil
        lastEnd = token.end
        return token
    }

    /// Consumes the next token if it is of this kind.
    mutating func accept(_ kind: Token.Kind) throws(ParseError) -> Token? {
        guard try peek().kind == kind else { return nil }
        return try take()
    }

    @discardableResult
    mutating func expect(_ kind: Token.Kind) throws(ParseError) -> Token {
        let token = try peek()
        guard token.kind == kind else { throw unexpected(token) }
        return try take()
    }

    func text(_ token: Token) -> String { lexer.text(token) }

    // MARK: Errors

    func error(_ message: String, at range: SourceRange) -> ParseError {
        ParseError(message, at: range.start, in: bytes)
    }

    func unexpected(_ token: Token) -> ParseError {
        error(
            "unexpected \(token.kind.description(text: text(token)))\(context.description)",
            at: token.sourceRange
        )
    }

    // MARK: Depth

    /// Starts one more level of recursion; to be followed by ``leave()`` unless it throws.
    mutating func enter() throws(ParseError) {
        guard nesting < Parser.maximumNesting else { throw tooDeep(Parser.maximumNesting) }
        nesting += 1
    }

    mutating func leave() {
        nesting -= 1
    }

    /// - Throws: if a tree of this depth, ending at the last token, is too deep.
    func checkDepth(_ depth: Int) throws(ParseError) {
        guard depth <= Parser.maximumDepth else { throw tooDeep(Parser.maximumDepth) }
    }

    private func tooDeep(_ limit: Int) -> ParseError {
        ParseError("expression is nested deeper than \(limit) levels", at: lastEnd, in: bytes)
    }

    /// Puts a node above others of this depth.
    func node(_ expression: Expression, above depth: Int = 0) throws(ParseError) -> Node {
        try checkDepth(depth + 1)
        return Node(expression: expression, depth: depth + 1)
    }
}
