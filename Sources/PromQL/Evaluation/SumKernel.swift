/// `sum_over_time` and `avg_over_time`.
///
/// Short windows are added up anew, in order of time. Longer ones are kept as two parts (a queue made of two
/// stacks): sums from each sample up to the middle, and one sum from the middle on; what a step costs does not
/// depend on the window's length. Compensated sums of parts agree with those in order of time.
struct SumKernel: WindowKernel {
    let isAverage: Bool
    private var series: FloatSeries
    /// `suffixes[i]` is the sum from sample `suffixStart + i` up to `middle`.
    private var suffixes: [KahanSum] = []
    private var suffixStart = 0
    private var middle = 0
    /// The sum from `middle` up to `end`.
    private var tail = KahanSum()
    private var end = 0
    /// The largest magnitude in either part.
    private var largest = 0.0

    private static let shortCount = 32

    init(isAverage: Bool) {
        self.isAverage = isAverage
        series = FloatSeries(
            timestamps: UnsafeBufferPointer(start: nil, count: 0),
            values: UnsafeBufferPointer(start: nil, count: 0)
        )
    }

    mutating func begin(_ series: FloatSeries) {
        self.series = series
        middle = 0
        end = 0
    }

    @inline(__always)
    mutating func value(_ window: Window) -> Double {
        if window.count > Self.shortCount {
            let sum = slidingSum(window.indexes)
            let count = Double(window.count)
            // Sums that overflow on the way depend on the order.
            if sum.total.isFinite, (largest * count).isFinite {
                return isAverage ? sum.sum / count + sum.compensation / count : sum.total
            }
        }
        return isAverage ? OverTimeFunctions.average(window) : OverTimeFunctions.sum(window)
    }

    private mutating func slidingSum(_ indexes: Range<Int>) -> KahanSum {
        if indexes.lowerBound >= middle { split(indexes) }
        while end < indexes.upperBound {
            tail.add(series.values[end])
            largest = max(largest, series.values[end].magnitude)
            end += 1
        }
        return suffixes[indexes.lowerBound - suffixStart].merged(with: tail)
    }

    /// Makes all of a window the first part.
    private mutating func split(_ indexes: Range<Int>) {
        suffixStart = indexes.lowerBound
        middle = indexes.upperBound
        end = middle
        tail = KahanSum()
        largest = 0
        suffixes.removeAll(keepingCapacity: true)
        suffixes.append(contentsOf: repeatElement(KahanSum(), count: indexes.count))
        var sum = KahanSum()
        for index in indexes.reversed() {
            sum.add(series.values[index])
            largest = max(largest, series.values[index].magnitude)
            suffixes[index - suffixStart] = sum
        }
    }
}
