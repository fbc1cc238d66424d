/// The civil date and time (UTC, proleptic Gregorian calendar) of a number of seconds.
struct CalendarDate {
    let year: Int64
    /// From 1.
    let month: Int64
    /// From 1.
    let day: Int64
    /// From 1.
    let dayOfYear: Int64
    /// Sunday is 0.
    let dayOfWeek: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64

    /// Takes seconds since the Unix epoch.
    ///
    /// The days since 0000-03-01 are split into eras of 400 years, which all have 146 097 days;
    /// years start in March, so that a leap day is the last of its year.
    init(seconds: Int64) {
        let days = seconds.flooredDivision(by: 86_400)
        let secondOfDay = seconds - days * 86_400
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        dayOfWeek = (days % 7 + 11) % 7
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let leapDay: Int64 = Self.isLeap(year) ? 1 : 0
        // March 1st is day 59 of the year, counted from 0, without the leap day.
        dayOfYear = month <= 2 ? dayFromMarch - 306 + 1 : dayFromMarch + 59 + leapDay + 1
    }

    /// Takes a float, cut towards zero; what does not fit becomes some date.
    init(_ seconds: Double) {
        self.init(seconds: Int64(exactly: seconds.rounded(.towardZero)) ?? 0)
    }

    var daysInMonth: Int64 {
        switch month {
        case 2: Self.isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// RFC 3339 to the second: `2026-01-31T23:59:59Z`.
    static func text(milliseconds: Int64) -> String {
        let date = CalendarDate(seconds: milliseconds.flooredDivision(by: 1000))
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2)
            + "T" + padded(date.hour, 2) + ":" + padded(date.minute, 2) + ":"
            + padded(date.second, 2) + "Z"
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}
