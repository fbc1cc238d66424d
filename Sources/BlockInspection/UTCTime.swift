internal import Foundation

/// Times as operators read and write them.
enum UTCTime {
    /// Beyond the year 9999 a time is shown as a number.
    private static let shown: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Such as `2026-01-31T12:00:00Z`, with milliseconds where there are any.
    static func text(_ milliseconds: Int64) -> String {
        guard shown.contains(milliseconds) else { return "\(milliseconds) ms" }
        let fraction = (milliseconds % 1000 + 1000) % 1000
        let date = Date(timeIntervalSince1970: Double((milliseconds - fraction) / 1000))
        let text = date.formatted(Date.ISO8601FormatStyle())
        guard fraction > 0 else { return text }
        let digits = "\(fraction)"
        return text.dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits
            + "Z"
    }

    /// Milliseconds since the Unix epoch of seconds, a date, or a date with a time in UTC.
    static func milliseconds(_ text: String) -> Int64? {
        if let seconds = Double(text) {
            guard seconds.magnitude < 9e15 else { return nil }
            return Int64((seconds * 1000).rounded())
        }
        let style = Date.ISO8601FormatStyle()
        let dates = [
            try? Date(text, strategy: style),
            try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            try? Date(text, strategy: style.year().month().day()),
        ]
        return dates.lazy.compactMap(\.self).first.map {
            Int64(($0.timeIntervalSince1970 * 1000).rounded())
        }
    }
}
