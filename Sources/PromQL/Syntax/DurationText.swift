/// Durations as queries write them: `1h30m`.
enum DurationText {
    /// The value of a duration such as `1h30m` in nanoseconds.
    ///
    /// Each unit occurs at most once, the largest first. A year has 365 days.
    static func nanoseconds(_ text: String) throws(DurationTextError) -> Int64 {
        var total: UInt64 = 0
        var largestAllowed = 0
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let digits = rest.prefix(while: Lexer.isDigit)
            rest = rest.dropFirst(digits.count)
            let unit = String(rest.prefix { !Lexer.isDigit($0) }) ?? ""
            rest = rest.dropFirst(unit.utf8.count)
            guard let count = UInt64(String(digits) ?? ""), !unit.isEmpty else {
                throw .malformed(text)
            }
            guard let index = units.firstIndex(where: { $0.name == unit }) else {
                throw .unknownUnit(unit, text)
            }
            guard index >= largestAllowed else { throw .malformed(text) }
            largestAllowed = index + 1
            let (product, overflow) = count.multipliedReportingOverflow(
                by: UInt64(units[index].milliseconds) * 1_000_000
            )
            let (sum, sumOverflow) = total.addingReportingOverflow(product)
            guard !overflow, !sumOverflow, sum <= UInt64(Int64.max) else { throw .outOfRange }
            total = sum
        }
        return Int64(total)
    }

    /// The canonical text of a duration in milliseconds.
    ///
    /// Years and weeks are used only where nothing remains; no time is `0s`.
    static func text(milliseconds: Int64) -> String {
        guard milliseconds != 0 else { return "0s" }
        var result = milliseconds < 0 ? "-" : ""
        var rest = milliseconds.magnitude
        for unit in units {
            let size = UInt64(unit.milliseconds)
            if unit.onlyIfExact, rest % size != 0 { continue }
            let count = rest / size
            guard count > 0 else { continue }
            result += "\(count)\(unit.name)"
            rest -= count * size
        }
        return result
    }

    private static let units: [(name: String, milliseconds: Int64, onlyIfExact: Bool)] = [
        ("y", 365 * 86_400_000, true),
        ("w", 7 * 86_400_000, true),
        ("d", 86_400_000, false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ]
}
