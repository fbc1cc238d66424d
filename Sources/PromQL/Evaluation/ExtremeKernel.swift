/// `min_over_time` and `max_over_time`.
///
/// Keeps the samples that may still become the extreme one in a queue whose values get less extreme: each
/// sample enters and leaves once, so that a step's cost does not depend on the window's length.
struct ExtremeKernel: WindowKernel {
    let isMaximum: Bool
    private var series: FloatSeries
    /// Indexes of samples; those before `first` have left.
    private var queue: [Int32] = []
    private var first = 0
    private var end = 0

    init(isMaximum: Bool) {
        self.isMaximum = isMaximum
        series = FloatSeries(
            timestamps: UnsafeBufferPointer(start: nil, count: 0),
            values: UnsafeBufferPointer(start: nil, count: 0)
        )
    }

    mutating func begin(_ series: FloatSeries) {
        self.series = series
        queue.removeAll(keepingCapacity: true)
        first = 0
        end = 0
    }

    @inline(__always)
    mutating func value(_ window: Window) -> Double {
        let indexes = window.indexes
        if end < indexes.lowerBound { end = indexes.lowerBound }
        while end < indexes.upperBound {
            enter(end)
            end += 1
        }
        while first < queue.count, Int(queue[first]) < indexes.lowerBound { first += 1 }
        // Without any number in the window, its last NaN stands for it.
        guard first < queue.count else { return window.values[window.count - 1] }
        return series.values[Int(queue[first])]
    }

    private mutating func enter(_ index: Int) {
        let value = series.values[index]
        guard !value.isNaN else { return }
        if first == queue.count {
            queue.removeAll(keepingCapacity: true)
            first = 0
        }
        // Of equal ones the earlier stays in front: -0 and 0 are equal, but not the same.
        while queue.count > first {
            let other = series.values[Int(queue[queue.count - 1])]
            guard isMaximum ? other < value : other > value else { break }
            queue.removeLast()
        }
        queue.append(Int32(truncatingIfNeeded: index))
    }
}
