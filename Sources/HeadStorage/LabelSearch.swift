internal import MetricsModel

/// A search for label names, or for the values of one label, that goes on in slices like a ``SeriesSearch``.
public struct LabelSearch: Sendable {
    /// Number of the label whose values are wanted; nil where names are.
    let name: UInt32?
    /// The series that say what there is.
    var series: SeriesSearch
    /// By number of the name, or by place of the value among those of the name.
    var isFound: [Bool] = []
    /// Where the label is in each shape; see ``LabelShapes/findPositions(of:into:)``.
    var positions: [Int32] = []
    /// What is looked up by its first series, before or instead of going over all; nil once that is done.
    var next: Int?
    /// What the series that were asked did not tell of, as in ``isFound``.
    var undecided: [Int] = []
    /// From the oldest to the newest of the samples by which something was found; nil where one's time is not known.
    var witnesses: ClosedRange<Int64>?
    var hasUnknownWitness = false

    /// Takes note of a sample by which something was found.
    ///
    /// - Parameter time: nil where it is not known.
    mutating func note(witness time: Int64?) {
        guard let time, !hasUnknownWitness else {
            witnesses = nil
            hasUnknownWitness = true
            return
        }
        let old = witnesses ?? time...time
        witnesses = min(old.lowerBound, time)...max(old.upperBound, time)
    }

    /// Series of one name or value that are asked for samples before all others are gone over.
    static let probeCount = 32
    /// Values of one name that these are of, at least where there are as many.
    static let probedPairs = 8
    /// So many series of one name or value are all asked: going over all series takes longer.
    static let fewSeries = 1024
}
