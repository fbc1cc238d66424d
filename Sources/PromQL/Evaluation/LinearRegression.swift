/// The straight line that fits the samples of a window best (least squares, compensated sums).
struct LinearRegression {
    /// Per second.
    let slope: Double
    /// The line's value at the origin.
    let intercept: Double

    /// - Parameter origin: Milliseconds; the time that counts as 0.
    init(_ window: Window, origin: Int64) {
        let first = window.values[0]
        var isConstant = true
        var count = 0.0
        var sumX = KahanSum()
        var sumY = KahanSum()
        var sumXY = KahanSum()
        var sumXX = KahanSum()
        for (time, value) in zip(window.timestamps, window.values) {
            if value != first { isConstant = false }
            count += 1
            let x = Double(time.saturatingSubtract(origin)) / 1000
            sumX.add(x)
            sumY.add(value)
            sumXY.add(x * value)
            sumXX.add(x * x)
        }
        guard !isConstant else {
            slope = first.isInfinite ? .nan : 0
            intercept = first.isInfinite ? .nan : first
            return
        }
        let covariance = sumXY.total - sumX.total * sumY.total / count
        let variance = sumXX.total - sumX.total * sumX.total / count
        slope = covariance / variance
        intercept = sumY.total / count - slope * sumX.total / count
    }
}
