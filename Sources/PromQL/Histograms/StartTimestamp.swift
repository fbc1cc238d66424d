/// What start timestamps, in milliseconds and 0 for unknown, say about resets between two samples.
enum StartTimestamp {
    /// Whether counting began anew after the previous sample.
    ///
    /// A start at the previous sample's time says so only if that sample's start is known: otherwise it is
    /// the sign of a counter with an unknown start.
    static func isReset(
        start: Int64,
        at time: Int64,
        previousStart: Int64,
        previousTime: Int64
    ) -> Bool {
        guard start != 0, start < time, start >= previousTime else { return false }
        guard start == previousTime else { return true }
        return previousStart != 0 && previousStart < previousTime
    }

    /// Whether a sample began before the previous one but not where that one did.
    static func isOverlap(start: Int64, previousStart: Int64, previousTime: Int64) -> Bool {
        start != 0 && start < previousTime && start != previousStart
    }
}
