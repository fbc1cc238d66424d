/// The samples of one series by columns: floats and histograms, each by ascending time.
///
/// A timestamp is in one of the two at most.
public struct SampleColumns: Sendable {
    /// Milliseconds, strictly ascending.
    public var timestamps: [Int64]
    /// As many as ``timestamps``; includes staleness markers.
    public var values: [Double]
    /// When counting began, for each float, in milliseconds; 0 is unknown.
    ///
    /// Empty where no float has one.
    public var startTimestamps: [Int64]
    public var histograms: HistogramColumns

    public init(
        timestamps: [Int64] = [],
        values: [Double] = [],
        startTimestamps: [Int64] = [],
        histograms: HistogramColumns = HistogramColumns()
    ) {
        precondition(timestamps.count == values.count, "\(timestamps.count), \(values.count)")
        precondition(
            startTimestamps.isEmpty || startTimestamps.count == timestamps.count,
            "\(timestamps.count), \(startTimestamps.count)"
        )
        self.timestamps = timestamps
        self.values = values
        self.startTimestamps = startTimestamps
        self.histograms = histograms
    }

    public var isEmpty: Bool { timestamps.isEmpty && histograms.timestamps.isEmpty }

    /// Samples of both kinds.
    public var count: Int { timestamps.count + histograms.timestamps.count }

    /// Empties all columns and keeps their memory.
    public mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        startTimestamps.removeAll(keepingCapacity: true)
        histograms.removeAll()
    }
}

/// The histogram samples of one series by columns.
public struct HistogramColumns: Sendable {
    /// Milliseconds, strictly ascending.
    public var timestamps: [Int64]
    /// As many as ``timestamps``; includes staleness markers.
    public var values: [Histogram]
    /// When counting began, for each sample, in milliseconds; 0 is unknown.
    ///
    /// Empty where no sample has one.
    public var startTimestamps: [Int64]

    public init(
        timestamps: [Int64] = [],
        values: [Histogram] = [],
        startTimestamps: [Int64] = []
    ) {
        precondition(timestamps.count == values.count, "\(timestamps.count), \(values.count)")
        precondition(
            startTimestamps.isEmpty || startTimestamps.count == timestamps.count,
            "\(timestamps.count), \(startTimestamps.count)"
        )
        self.timestamps = timestamps
        self.values = values
        self.startTimestamps = startTimestamps
    }

    public var isEmpty: Bool { timestamps.isEmpty }

    public mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        startTimestamps.removeAll(keepingCapacity: true)
    }
}
