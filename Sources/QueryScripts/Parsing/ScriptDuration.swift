/// Durations as scripts write them: `1h30m`.
enum ScriptDuration {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// What fits 64-bit nanoseconds, as in queries.
    private static let maximum = Int64.max / 1_000_000

    static let unitLetters = "ywdhms"

    /// Units go from large to small, each at most once; a bare `0` is allowed.
    ///
    /// - Returns: nil where the text is no duration, or one of more than 292 years.
    static func milliseconds(_ text: Substring) -> Int64? {
        if text == "0" { return 0 }
        var rest = text
        var total: Int64 = 0
        var allowed = units[...]
        while !rest.isEmpty {
            let digits = rest.prefix(while: ScriptCursor.isDigit)
            let name = rest.dropFirst(digits.count).prefix { !ScriptCursor.isDigit($0) }
            rest = rest[name.endIndex...]
            guard let count = Int64(digits),
                let index = allowed.firstIndex(where: { $0.name == name })
            else { return nil }
            allowed = allowed[(index + 1)...]
            let (product, overflow) = count.multipliedReportingOverflow(
                by: units[index].milliseconds
            )
            guard !overflow, product <= maximum - total else { return nil }
            total += product
        }
        return text.isEmpty ? nil : total
    }
}
