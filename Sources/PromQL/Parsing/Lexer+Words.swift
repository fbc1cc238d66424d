extension Lexer {
    /// Reads a name behind its first character and tells keywords from other names.
    mutating func keywordOrIdentifier() -> Token {
        position = start
        var hasColon = false
        while let byte = peek, Self.isLetterOrDigit(byte) || byte == UInt8(ascii: ":") {
            hasColon = hasColon || byte == UInt8(ascii: ":")
            position += 1
        }
        if hasColon { return token(.metricIdentifier) }
        guard position - start <= Self.longestKeyword, let kind = Self.keywords[lowercasedWord]
        else { return token(.identifier) }
        switch kind {
        case .keyword(.fill), .keyword(.fillLeft), .keyword(.fillRight):
            return token(isFollowedByParenthesis ? kind : .identifier)
        default: return token(kind)
        }
    }

    /// Reads one of the words that durations know, behind its first character.
    ///
    /// - Returns: nil, with nothing but letters read, if it is another word.
    mutating func durationKeyword() -> Token? {
        while let byte = peek, Self.isLetter(byte) { position += 1 }
        guard position - start <= Self.longestKeyword else { return nil }
        switch Self.keywords[lowercasedWord] {
        case .keyword(let keyword)?:
            switch keyword {
            case .step, .range, .minOf, .maxOf: return token(.keyword(keyword))
            default: return nil
            }
        default: return nil
        }
    }

    private var lowercasedWord: String {
        String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
    }

    private var isFollowedByParenthesis: Bool {
        var index = position
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
        return index < bytes.count && bytes[index] == UInt8(ascii: "(")
    }

    /// All words that are no plain names, in lower case.
    private static let keywords: [String: Token.Kind] = {
        var table: [String: Token.Kind] = ["inf": .number, "nan": .number]
        for keyword in Token.Keyword.allCases { table[keyword.rawValue] = .keyword(keyword) }
        for operation in AggregationOperator.allCases {
            table[operation.rawValue] = .aggregator(operation)
        }
        for operation in [BinaryOperator.and, .or, .unless, .arcTangent] {
            table[operation.rawValue] = .binaryOperator(operation)
        }
        return table
    }()

    private static let longestKeyword = keywords.keys.map(\.utf8.count).max() ?? 0
}
