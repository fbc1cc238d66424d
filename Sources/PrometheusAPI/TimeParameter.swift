/// Times as API parameters carry them: Unix seconds with decimals, or RFC 3339.
enum TimeParameter {
    /// Milliseconds since the Unix epoch; numbers beyond the range of 64 bits are clamped to it.
    static func milliseconds(_ text: String) -> Int64? {
        if let seconds = Double(text) {
            guard !seconds.isNaN else { return nil }
            return clamped((seconds * 1000).rounded())
        }
        switch text {
        // The ends of what upstream can name.
        case "-292273086-05-16T16:47:06Z": return .min
        case "292277025-08-18T07:12:54.999999999Z": return .max
        default: return rfc3339(text)
        }
    }

    private static func clamped(_ milliseconds: Double) -> Int64 {
        if milliseconds >= 9.2e18 { return .max }
        if milliseconds <= -9.2e18 { return .min }
        return Int64(milliseconds)
    }

    /// `2015-07-01T20:10:51.781Z` or with an offset such as `+02:00`.
    private static func rfc3339(_ text: String) -> Int64? {
        var scanner = Scanner(text: text.utf8[...])
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2),
            scanner.take("-"), let day = scanner.number(2), scanner.takeAny("Tt"),
            let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2),
            scanner.take(":"), let second = scanner.number(2),
            (1...12).contains(month), (1...daysIn(month: month, of: year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let fraction = scanner.take(".") ? scanner.fraction() : 0
        guard let fraction, let offset = scanner.zone(), scanner.text.isEmpty else { return nil }
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
        return Int64(seconds) * 1000 + Int64(fraction)
    }

    private static func daysIn(month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private struct Scanner {
        var text: Substring.UTF8View

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard text.first == UInt8(ascii: character) else { return false }
            text = text.dropFirst()
            return true
        }

        mutating func takeAny(_ characters: String) -> Bool {
            guard let byte = text.first, characters.utf8.contains(byte) else { return false }
            text = text.dropFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int? {
            let part = text.prefix(digits)
            guard part.count == digits, part.allSatisfy(Self.isDigit) else { return nil }
            text = text.dropFirst(digits)
            return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        /// Milliseconds of any number of decimals, cut off after the third.
        mutating func fraction() -> Int? {
            let part = text.prefix(while: Self.isDigit)
            guard !part.isEmpty else { return nil }
            text = text.dropFirst(part.count)
            var value = 0
            for place in 0..<3 {
                let digit = place < part.count ? Array(part)[place] - UInt8(ascii: "0") : 0
                value = value * 10 + Int(digit)
            }
            return value
        }

        /// Minutes east of UTC.
        mutating func zone() -> Int? {
            if takeAny("Zz") { return 0 }
            let isNegative = text.first == UInt8(ascii: "-")
            guard takeAny("+-"), let hours = number(2), take(":"), let minutes = number(2),
                hours < 24,
                minutes < 60
            else { return nil }
            return (isNegative ? -1 : 1) * (hours * 60 + minutes)
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
    }
}
