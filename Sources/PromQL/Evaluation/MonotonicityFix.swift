/// How far buckets of classic histograms had to be changed to be monotonic.
struct MonotonicityFix: Sendable {
    /// The lowest and highest upper bound of a changed bucket.
    var lowestBound: Double
    var highestBound: Double
    /// By how much a count was raised at most.
    var largestChange: Double
    /// Histograms that were changed.
    var count = 1
    /// Milliseconds; of the first and last step with a change.
    var firstTime: Int64
    var lastTime: Int64

    func merged(with other: MonotonicityFix) -> MonotonicityFix {
        MonotonicityFix(
            lowestBound: min(lowestBound, other.lowestBound),
            highestBound: max(highestBound, other.highestBound),
            largestChange: max(largestChange, other.largestChange),
            count: count + other.count,
            firstTime: min(firstTime, other.firstTime),
            lastTime: max(lastTime, other.lastTime)
        )
    }

    var text: String {
        ", from buckets \(FloatText.general(lowestBound)) to \(FloatText.general(highestBound))"
            + ", with a max diff of \(FloatText.twoDigits(largestChange)), over \(count) samples"
            + " from \(CalendarDate.text(milliseconds: firstTime))"
            + " to \(CalendarDate.text(milliseconds: lastTime))"
    }
}
