/// `quantile_over_time`: the samples of the window in order of value, from step to step.
///
/// A sample enters and leaves by binary search; what is moved then is contiguous, so that a step costs less than
/// sorting for windows of up to some ten thousand samples.
struct QuantileKernel: WindowKernel {
    /// The quantile at each step.
    let quantiles: [Double]
    private var series: FloatSeries
    /// Ascending, NaN first; equal ones, such as 0 and -0, in order of time.
    private var sorted: [Double] = []
    private var held = 0..<0

    init(quantiles: [Double]) {
        self.quantiles = quantiles
        series = FloatSeries(
            timestamps: UnsafeBufferPointer(start: nil, count: 0),
            values: UnsafeBufferPointer(start: nil, count: 0)
        )
    }

    mutating func begin(_ series: FloatSeries) {
        self.series = series
        held = 0..<0
        sorted.removeAll(keepingCapacity: true)
    }

    mutating func value(_ window: Window) -> Double {
        let wanted = window.indexes
        let common = wanted.clamped(to: held)
        if common.count * 2 < wanted.count {
            sorted.removeAll(keepingCapacity: true)
            sorted.append(contentsOf: window.values)
            sorted.sort(by: Quantile.precedes)
        } else {
            for index in held.lowerBound..<common.lowerBound { remove(series.values[index]) }
            for index in common.upperBound..<wanted.upperBound { insert(series.values[index]) }
        }
        held = wanted
        return Quantile.value(quantiles[window.step], ofSorted: sorted)
    }

    /// Inserts a value that is newer than all others.
    private mutating func insert(_ value: Double) {
        sorted.insert(value, at: position(where: { Quantile.precedes(value, $0) }))
    }

    /// Removes a value that is older than all others.
    private mutating func remove(_ value: Double) {
        sorted.remove(at: position(where: { !Quantile.precedes($0, value) }))
    }

    /// The first index whose value satisfies a predicate that is false and then true.
    private func position(where predicate: (Double) -> Bool) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if predicate(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
