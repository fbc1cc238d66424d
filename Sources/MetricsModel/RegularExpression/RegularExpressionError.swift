/// Why a pattern is no regular expression.
public struct RegularExpressionError: Error, Equatable {
    /// RE2's error codes; raw values are RE2's own.
    public enum Code: Int32, Sendable {
        case internalError = 1
        case badEscape
        case badCharacterClass
        case badCharacterRange
        case missingBracket
        case missingParenthesis
        case unexpectedParenthesis
        case trailingBackslash
        case repeatArgument
        case repeatSize
        case repeatOperator
        case badPerlOperator
        case badUTF8
        case badNamedCapture
        case patternTooLarge
    }

    public let code: Code
    /// The part of the pattern that is at fault.
    public let argument: String
}
