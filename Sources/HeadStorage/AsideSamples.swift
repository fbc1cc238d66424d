internal import ChunkCoding
internal import MetricsModel

/// What a series has besides plain floats in order and late ones: floats with start timestamps, and
/// histograms, that are in no chunk yet.
///
/// Few series have any, so that these stay out of ``SeriesRecord``.
struct AsideSamples {
    private(set) var columns = SampleColumns()
    /// The newest sample of the series if it is a histogram; known even after its chunk left memory.
    private(set) var newestHistogram: Histogram?
    /// Bytes of the histograms in ``columns``, about.
    private var histogramSize = 0
    /// Elements of the histograms in ``columns``.
    private(set) var elementCount = 0

    /// Histograms are kept as they came until a chunk is full, so that they are closed early: past this
    /// many the ratio hardly improves.
    static let samplesPerChunk = 40

    var isEmpty: Bool { columns.isEmpty }

    var count: Int { columns.count }

    /// Bytes allocated, about.
    var size: Int {
        let times = columns.timestamps.capacity + columns.values.capacity
        let starts = columns.startTimestamps.capacity + columns.histograms.startTimestamps.capacity
        return MemoryLayout<AsideSamples>.stride + histogramSize
            + (times + starts + columns.histograms.timestamps.capacity) * 8
    }

    // MARK: Adding

    /// Makes a change in place.
    ///
    /// - Returns: The bytes it took, or gave back where negative.
    mutating func update(_ change: (inout AsideSamples) -> Void) -> Int {
        let before = size
        change(&self)
        return size - before
    }

    /// Adds a float at a timestamp that has no sample.
    mutating func insert(timestamp: Int64, value: Double, start: Int64) {
        let index = columns.timestamps.position(of: timestamp)
        columns.timestamps.insert(timestamp, at: index)
        columns.values.insert(value, at: index)
        columns.startTimestamps.insertStart(start, at: index, count: columns.timestamps.count)
    }

    /// Adds a histogram at a timestamp that has no sample.
    mutating func insert(timestamp: Int64, histogram: Histogram, start: Int64) {
        let index = columns.histograms.timestamps.position(of: timestamp)
        var kept = histogram
        if index > 0 { kept.shareLists(with: columns.histograms.values[index - 1]) }
        columns.histograms.timestamps.insert(timestamp, at: index)
        columns.histograms.values.insert(kept, at: index)
        columns.histograms.startTimestamps.insertStart(
            start,
            at: index,
            count: columns.histograms.timestamps.count
        )
        histogramSize += kept.memorySize
        elementCount += kept.elementCount
    }

    mutating func noteNewest(_ histogram: Histogram?) { newestHistogram = histogram }

    // MARK: Reading

    func value(at timestamp: Int64) -> KnownValue? { columns.value(at: timestamp) }

    func contains(in range: TimeRange) -> Bool { columns.contains(in: range) }

    /// The samples as chunks by ascending start, none of which crosses the border of a window.
    func chunks(_ settings: HeadSettings) -> [EncodedChunk] { columns.chunks(settings) }

    // MARK: Taking

    /// Removes and returns all samples.
    mutating func removeAll() -> SampleColumns {
        let all = columns
        columns = SampleColumns()
        (histogramSize, elementCount) = (0, 0)
        return all
    }

    /// Removes and returns all samples before a time.
    mutating func removeAll(before end: Int64) -> SampleColumns {
        let parts = columns.split(at: end)
        columns = parts.after
        histogramSize = columns.histograms.values.reduce(0) { $0 + $1.memorySize }
        elementCount = columns.histograms.values.reduce(0) { $0 + $1.elementCount }
        return parts.before
    }
}

/// A sample's value, of either kind.
enum KnownValue {
    case float(bits: UInt64)
    case histogram(Histogram)

    /// Whether a float is this value.
    func isFloat(_ value: Double) -> Bool {
        if case .float(let bits) = self { bits == value.bitPattern } else { false }
    }

    /// Whether a histogram is this value.
    func isHistogram(_ histogram: Histogram) -> Bool {
        if case .histogram(let known) = self { known.isIdentical(to: histogram) } else { false }
    }
}

extension Histogram {
    /// Bytes in memory, lists that other histograms share not counted.
    fileprivate var memorySize: Int {
        let lists = positive.counts.count + negative.counts.count
        return MemoryLayout<Histogram>.stride + 64 + lists * 8
    }

    /// Takes lists that are equal from another histogram, so that they are in memory once.
    fileprivate mutating func shareLists(with other: Histogram) {
        if positive.indexes == other.positive.indexes {
            positive.indexes = other.positive.indexes
        }
        if negative.indexes == other.negative.indexes {
            negative.indexes = other.negative.indexes
        }
        let isSame =
            customBounds.count == other.customBounds.count
            && zip(customBounds, other.customBounds).allSatisfy { $0.bitPattern == $1.bitPattern }
        if isSame { customBounds = other.customBounds }
    }
}

extension [Int64] {
    /// Where a timestamp is, or belongs; samples mostly come in order, so the end is tried first.
    func position(of timestamp: Int64) -> Int {
        guard let last, timestamp <= last else { return count }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < timestamp { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Inserts a start timestamp into a column that stays empty until one is known.
    ///
    /// - Parameter count: Samples, including the one that the start belongs to.
    fileprivate mutating func insertStart(_ start: Int64, at index: Int, count: Int) {
        guard start != 0 || !isEmpty else { return }
        while self.count < count - 1 { append(0) }
        insert(start, at: index)
    }
}
