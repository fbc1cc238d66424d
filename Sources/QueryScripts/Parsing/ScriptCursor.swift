/// Takes numbers and marks from the start of a text.
struct ScriptCursor {
    private(set) var rest: Substring

    init(_ text: some StringProtocol) {
        rest = Substring(text)
    }

    var isAtEnd: Bool { rest.isEmpty }

    static func isDigit(_ character: Character) -> Bool { "0" <= character && character <= "9" }

    /// Whether the text went on with a mark, which is taken then.
    mutating func accept(_ mark: String) -> Bool {
        guard rest.hasPrefix(mark) else { return false }
        rest = rest.dropFirst(mark.count)
        return true
    }

    /// Takes everything up to a mark and the mark itself; nil, and nothing is taken, where there is none.
    mutating func take(through mark: String) -> Substring? {
        var end = rest.startIndex
        while end < rest.endIndex {
            if rest[end...].hasPrefix(mark) {
                let taken = rest[..<end]
                rest = rest[end...].dropFirst(mark.count)
                return taken
            }
            end = rest.index(after: end)
        }
        return nil
    }

    mutating func unsigned() -> Int? {
        let digits = rest.prefix(while: Self.isDigit)
        guard let value = Int(digits) else { return nil }
        rest = rest[digits.endIndex...]
        return value
    }

    /// A decimal number, `Inf` or `NaN` in any case, or a duration, which stands for its seconds; with a sign or without.
    mutating func number() -> Double? {
        var cursor = self
        let isNegative = cursor.accept("-")
        if !isNegative { _ = cursor.accept("+") }
        guard let value = cursor.word() ?? cursor.duration() ?? cursor.decimal() else {
            return nil
        }
        self = cursor
        return isNegative ? -value : value
    }

    private mutating func word() -> Double? {
        for (word, value) in [("inf", Double.infinity), ("nan", Double.nan)]
        where rest.prefix(3).lowercased() == word {
            rest = rest.dropFirst(3)
            return value
        }
        return nil
    }

    /// Seconds.
    private mutating func duration() -> Double? {
        let text = rest.prefix { Self.isDigit($0) || ScriptDuration.unitLetters.contains($0) }
        guard text.contains(where: { !Self.isDigit($0) }),
            let milliseconds = ScriptDuration.milliseconds(text)
        else { return nil }
        rest = rest[text.endIndex...]
        return Double(milliseconds) / 1000
    }

    private mutating func decimal() -> Double? {
        var text = rest.prefix { Self.isDigit($0) || $0 == "." }
        let behind = rest[text.endIndex...]
        if let mark = behind.first, mark == "e" || mark == "E" {
            var exponent = behind.dropFirst()
            if let sign = exponent.first, sign == "+" || sign == "-" {
                exponent = exponent.dropFirst()
            }
            let digits = exponent.prefix(while: Self.isDigit)
            if !digits.isEmpty { text = rest[..<digits.endIndex] }
        }
        guard let value = Double(text), value.isFinite else { return nil }
        rest = rest[text.endIndex...]
        return value
    }
}
