/// Cuts a query into tokens, one at a time and only when asked.
///
/// What a character means depends on where it stands: inside braces, at the start of a duration
/// in brackets, or anywhere else. An error is raised when the offending text is reached, so a
/// parser that stops earlier never sees it.
struct Lexer {
    let bytes: [UInt8]
    /// Start of the token that is being read.
    var start = 0
    /// The next byte to read.
    var position = 0
    private var mode = Mode.general
    private var parenthesisDepth = 0
    private var isInBrackets = false
    private var hasColon = false
    private var hasDuration = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next token; at the end of the text, again and again its end.
    mutating func next() throws(ParseError) -> Token {
        skipSpace(comments: mode != .duration)
        start = position
        return switch mode {
        case .general: try nextGeneral()
        case .braces: try nextInBraces()
        case .duration: try nextInDuration()
        }
    }

    func text(_ token: Token) -> String {
        String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    // MARK: Modes

    private enum Mode {
        case general
        case braces
        /// Behind `[`, up to and including the first number.
        case duration
    }

    private mutating func nextGeneral() throws(ParseError) -> Token {
        guard let byte = take() else {
            if parenthesisDepth != 0 { throw error("unclosed left parenthesis") }
            if isInBrackets { throw error("unclosed left bracket") }
            return token(.endOfInput)
        }
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"):
            return try comparison(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try numberOrDuration()
        case UInt8(ascii: ".") where peek.map(Self.isDigit) ?? false:
            return try numberOrDuration()
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            return try string(delimiter: byte)
        case _ where Self.isLetter(byte) || byte == UInt8(ascii: ":"):
            return isInBrackets ? try wordInBrackets(byte) : keywordOrIdentifier()
        case UInt8(ascii: "{"):
            mode = .braces
            return token(.leftBrace)
        case UInt8(ascii: "["):
            if isInBrackets { throw error("unexpected left bracket '['") }
            isInBrackets = true
            hasColon = false
            hasDuration = false
            mode = .duration
            return token(.leftBracket)
        case UInt8(ascii: "]"):
            if !isInBrackets { throw error("unexpected right bracket ']'") }
            isInBrackets = false
            return token(.rightBracket)
        case UInt8(ascii: "@"): return token(.at)
        default:
            guard let token = try commonSymbol(byte) else {
                throw unexpectedCharacter("unexpected character: ")
            }
            return token
        }
    }

    private mutating func nextInBraces() throws(ParseError) -> Token {
        guard let byte = take() else { throw error("unexpected end of input inside braces") }
        switch byte {
        case _ where Self.isLetter(byte):
            while let next = peek, Self.isLetterOrDigit(next) { position += 1 }
            return token(.identifier)
        case UInt8(ascii: ","): return token(.comma)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            return try string(delimiter: byte)
        case UInt8(ascii: "="): return token(accept(UInt8(ascii: "~")) ? .regexMatch : .assign)
        case UInt8(ascii: "!"):
            if accept(UInt8(ascii: "~")) { return token(.regexMismatch) }
            if accept(UInt8(ascii: "=")) { return token(.binaryOperator(.notEqual)) }
            throw error(
                "unexpected character after '!' inside braces: \(quotedCharacter(at: position))"
            )
        case UInt8(ascii: "{"): throw error("unexpected left brace '{'")
        case UInt8(ascii: "}"):
            mode = .general
            return token(.rightBrace)
        default: throw unexpectedCharacter("unexpected character inside braces: ")
        }
    }

    private mutating func nextInDuration() throws(ParseError) -> Token {
        guard let byte = take() else {
            throw error("unexpected end of input in duration expression")
        }
        switch byte {
        case UInt8(ascii: "]"):
            isInBrackets = false
            mode = .general
            return token(.rightBracket)
        case UInt8(ascii: ":"):
            if !hasDuration {
                throw error("unexpected colon before duration in duration expression")
            }
            if hasColon { throw error("unexpected repeated colon in duration expression") }
            hasColon = true
            return token(.colon)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try firstNumberInBrackets()
        case UInt8(ascii: ".") where peek.map(Self.isDigit) ?? false:
            return try firstNumberInBrackets()
        case _ where Self.isLetter(byte):
            if let keyword = durationKeyword() {
                hasDuration = true
                return keyword
            }
        default:
            if let token = try commonSymbol(byte) { return token }
        }
        throw unexpectedCharacter("unexpected character in duration expression: ")
    }

    // MARK: Tokens

    private mutating func firstNumberInBrackets() throws(ParseError) -> Token {
        hasDuration = true
        mode = .general
        return try numberOrDuration()
    }

    /// Symbols that mean the same inside and outside brackets; nil for any other byte.
    private mutating func commonSymbol(_ byte: UInt8) throws(ParseError) -> Token? {
        switch byte {
        case UInt8(ascii: ","): return token(.comma)
        case UInt8(ascii: "+"): return token(.binaryOperator(.add))
        case UInt8(ascii: "-"): return token(.binaryOperator(.subtract))
        case UInt8(ascii: "*"): return token(.binaryOperator(.multiply))
        case UInt8(ascii: "/"): return token(.binaryOperator(.divide))
        case UInt8(ascii: "%"): return token(.binaryOperator(.modulo))
        case UInt8(ascii: "^"): return token(.binaryOperator(.power))
        case UInt8(ascii: "("):
            parenthesisDepth += 1
            return token(.leftParenthesis)
        case UInt8(ascii: ")"):
            parenthesisDepth -= 1
            if parenthesisDepth < 0 {
                start = position  // Reported behind the parenthesis, as Prometheus does.
                throw error("unexpected right parenthesis ')'")
            }
            return token(.rightParenthesis)
        default: return nil
        }
    }

    private mutating func comparison(_ byte: UInt8) throws(ParseError) -> Token {
        switch byte {
        case UInt8(ascii: "="):
            if accept(UInt8(ascii: "=")) { return token(.binaryOperator(.equal)) }
            if peek == UInt8(ascii: "~") { throw error("unexpected character after '=': '~'") }
            return token(.assign)
        case UInt8(ascii: "!"):
            if accept(UInt8(ascii: "=")) { return token(.binaryOperator(.notEqual)) }
            throw error("unexpected character after '!': \(quotedCharacter(at: position))")
        case UInt8(ascii: "<"):
            if accept(UInt8(ascii: "=")) { return token(.binaryOperator(.lessOrEqual)) }
            return token(.binaryOperator(accept(UInt8(ascii: "/")) ? .trimUpper : .less))
        default:
            if accept(UInt8(ascii: "=")) { return token(.binaryOperator(.greaterOrEqual)) }
            return token(.binaryOperator(accept(UInt8(ascii: "/")) ? .trimLower : .greater))
        }
    }

    private mutating func wordInBrackets(_ byte: UInt8) throws(ParseError) -> Token {
        if byte == UInt8(ascii: ":") {
            if hasColon { throw error("unexpected colon ':'") }
            hasColon = true
            return token(.colon)
        }
        if let keyword = durationKeyword() { return keyword }
        throw unexpectedCharacter("unexpected character: ", expected: ", expected ':'")
    }

    // MARK: Reading

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    mutating func accept(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    func token(_ kind: Token.Kind) -> Token { Token(kind: kind, start: start, end: position) }

    func error(_ message: String) -> ParseError { ParseError(message, at: start, in: bytes) }

    private func unexpectedCharacter(_ message: String, expected: String = "") -> ParseError {
        error(message + quotedCharacter(at: start) + expected)
    }

    /// The character at a position in quotes; U+FFFD at the end of the text.
    private func quotedCharacter(at position: Int) -> String {
        QuotedText.quote(scalar(at: position) ?? "\u{FFFD}")
    }

    func scalar(at position: Int) -> Unicode.Scalar? {
        String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
            .unicodeScalars.first
    }

    private mutating func skipSpace(comments: Bool) {
        while let byte = peek {
            if Self.isSpace(byte) {
                position += 1
            } else if byte == UInt8(ascii: "#"), comments {
                while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
            } else {
                return
            }
        }
    }
}
