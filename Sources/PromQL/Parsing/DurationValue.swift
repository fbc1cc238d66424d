/// Conversions of seconds, as queries give them, to milliseconds.
enum DurationValue {
    /// What a literal duration is in milliseconds, rounded to nanoseconds and then cut.
    ///
    /// What does not fit 64-bit nanoseconds, as NaN, becomes the smallest duration.
    static func milliseconds(_ seconds: Double) -> Int64 {
        guard let nanoseconds = Int64(exactly: (seconds * 1e9).rounded(.toNearestOrAwayFromZero))
        else { return Int64.min / 1_000_000 }
        return nanoseconds / 1_000_000
    }

    /// Whether a duration of so many seconds fits 64-bit nanoseconds; NaN counts as fitting.
    static func isInRange(_ seconds: Double) -> Bool {
        !(seconds > maximumSeconds || seconds < -maximumSeconds)
    }

    /// The time in milliseconds, rounded; nil if it is not safely representable.
    ///
    /// Leaves two bits of headroom, so that offsets and ranges can be added without overflow.
    static func timestamp(seconds: Double) -> Int64? {
        let milliseconds = (seconds * 1000).rounded(.toNearestOrAwayFromZero)
        guard milliseconds.magnitude <= 0x1p62 else { return nil }
        return Int64(exactly: milliseconds)
    }

    static let maximumSeconds = 0x1p63 / 1e9
}
