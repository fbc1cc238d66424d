public import MetricsModel

/// Series of one head with their labels by columns, for whoever counts them: no label is written more than once a
/// piece, and none is compared.
public struct SeriesTally: Sendable {
    /// What was collected before the piece that is being filled.
    private var pieces: [LabelColumns] = []
    private var columns = LabelColumns()
    /// By number of a pair of the head: its number in the piece plus one, 0 where the piece does not have it.
    private var numbers: [UInt32] = []
    /// Pairs that the piece has.
    private var pairs: [UInt32] = []
    /// Labels of the series that is being added.
    private var current: [UInt32] = []
    /// Chunks of the series that overlap the range.
    public private(set) var chunkCount = 0
    /// From the first time of these chunks to one past the last; empty without any.
    public private(set) var range = TimeRange(start: 0, end: 0)

    public init() {}

    /// The series, in pieces of bounded size; none for no series.
    public consuming func finish() -> [LabelColumns] {
        close()
        return pieces
    }

    /// Begins a series of a head with some number of pairs.
    fileprivate mutating func begin(pairCount: Int) {
        if columns.isFull { close() }
        if numbers.count < pairCount {
            numbers += repeatElement(0, count: pairCount - numbers.count)
        }
        current.removeAll(keepingCapacity: true)
    }

    /// Adds a label to the series, if the piece has its pair already.
    @inline(__always)
    fileprivate mutating func addKnown(_ pair: UInt32) -> Bool {
        let number = numbers[Int(pair)]
        guard number > 0 else { return false }
        current.append(number - 1)
        return true
    }

    /// Adds a label that the piece does not have to both.
    fileprivate mutating func add(
        _ pair: UInt32,
        name: UnsafeBufferPointer<UInt8>,
        value: UnsafeBufferPointer<UInt8>
    ) {
        let number = columns.addLabel(name: name, value: value)
        numbers[Int(pair)] = number + 1
        pairs.append(pair)
        current.append(number)
    }

    fileprivate mutating func end(_ fingerprint: Fingerprint) {
        columns.addSeries(fingerprint, current)
    }

    /// Adds a chunk of a series that was added.
    fileprivate mutating func addChunk(minTime: Int64, maxTime: Int64) {
        chunkCount += 1
        let end = maxTime == .max ? .max : maxTime + 1
        range = range.union(TimeRange(start: minTime, end: end))
    }

    private mutating func close() {
        guard columns.seriesCount > 0 else { return }
        pieces.append(columns)
        columns = LabelColumns()
        for pair in pairs { numbers[Int(pair)] = 0 }
        pairs.removeAll(keepingCapacity: true)
    }
}

extension Head {
    /// Adds the next series that pass all matchers and have samples in the range to a tally.
    ///
    /// - Parameter limit: How many candidates are looked at.
    public func count(_ search: inout SeriesSearch, into tally: inout SeriesTally, limit: Int) {
        let range = search.range
        visit(&search, limit: limit) { serial, number in
            guard hasSamples(number, in: range) else { return }
            labelIndex.add(serial, records[number].pointee.fingerprint, to: &tally)
            visitChunks(of: number, in: range) { tally.addChunk(minTime: $0, maxTime: $1) }
        }
    }
}

extension LabelIndex {
    fileprivate func add(
        _ serial: UInt32,
        _ fingerprint: Fingerprint,
        to tally: inout SeriesTally
    ) {
        tally.begin(pairCount: pairs.pairs.count)
        visitPairs(of: serial) { pair in
            if tally.addKnown(pair) { return }
            let label = pairs.pairs[Int(pair)]
            symbols.withBytes(of: pairs.names[Int(label.name)].symbol) { name in
                symbols.withBytes(of: label.value) { value in
                    tally.add(pair, name: name, value: value)
                }
            }
        }
        tally.end(fingerprint)
    }
}
