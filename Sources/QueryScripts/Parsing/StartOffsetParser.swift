/// Expands the items of a line with start timestamps: `_ -30s-1mx2 0s`.
enum StartOffsetParser {
    /// For each position how its start timestamp differs from its time, in milliseconds; nil is unknown.
    static func offsets(_ text: Substring) throws(SyntaxFault) -> [Int64?] {
        var offsets: [Int64?] = []
        for item in text.split(whereSeparator: \.isWhitespace) {
            var cursor = ScriptCursor(item)
            let isKnown = try expand(&cursor, into: &offsets)
            guard isKnown, cursor.isAtEnd else {
                throw SyntaxFault(reason: "bad start timestamp \"\(item)\"")
            }
        }
        return offsets
    }

    private static func expand(
        _ cursor: inout ScriptCursor,
        into offsets: inout [Int64?]
    ) throws(SyntaxFault) -> Bool {
        if cursor.accept("_") {
            let count = try PointParser.repetitions(&cursor, after: offsets.count) ?? 1
            offsets.append(contentsOf: repeatElement(nil, count: count))
            return true
        }
        guard var offset = cursor.offset() else { return false }
        var increment: Int64 = 0
        if !cursor.isAtEnd, !cursor.rest.hasPrefix("x") {
            guard "+-".contains(cursor.rest.prefix(1)), let number = cursor.offset(),
                cursor.rest.hasPrefix("x")
            else { return false }
            increment = number
        }
        for _ in 0...(try PointParser.repetitions(&cursor, after: offsets.count) ?? 0) {
            offsets.append(offset)
            // 292 years repeated a million times do not fit.
            let (sum, overflow) = offset.addingReportingOverflow(increment)
            guard !overflow else { return false }
            offset = sum
        }
        return true
    }
}

extension ScriptCursor {
    /// A number with one unit, or a bare 0, with a sign or without; in milliseconds.
    fileprivate mutating func offset() -> Int64? {
        var cursor = self
        let isNegative = cursor.accept("-")
        if !isNegative { _ = cursor.accept("+") }
        let digits = cursor.rest.prefix(while: Self.isDigit)
        let unit = cursor.rest[digits.endIndex...].prefix {
            ScriptDuration.unitLetters.contains($0)
        }
        let text = cursor.rest[..<unit.endIndex]
        guard let milliseconds = ScriptDuration.milliseconds(text), cursor.accept(String(text))
        else { return nil }
        self = cursor
        return isNegative ? -milliseconds : milliseconds
    }
}
