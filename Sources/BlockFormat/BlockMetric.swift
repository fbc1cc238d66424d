/// One metric of a block, as the directory lists it.
public struct BlockMetric: Sendable, Hashable {
    /// The value of `__name__`; empty for series without it.
    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
    public let seriesCount: Int
    public let sampleCount: Int
    /// The labels its series have, besides `__name__`, in order of name.
    public let labels: [LabelUse]
    /// The name as it was written, valid UTF-8 or not.
    let nameBytes: [UInt8]
    /// Its series' rows; all series of a block are numbered by (metric, labels).
    let rows: Range<Int>

    /// One label name of a metric.
    public struct LabelUse: Sendable, Hashable {
        /// Index into ``BlockDirectory/labelNames``.
        public let name: Int
        /// How many values the metric's series have for it.
        public let cardinality: Int

        public init(name: Int, cardinality: Int) {
            self.name = name
            self.cardinality = cardinality
        }
    }

    init(
        name: [UInt8],
        seriesCount: Int,
        sampleCount: Int,
        labels: [LabelUse],
        rows: Range<Int>
    ) {
        nameBytes = name
        self.seriesCount = seriesCount
        self.sampleCount = sampleCount
        self.labels = labels
        self.rows = rows
    }

    /// Says whether any series of the metric has the label.
    func has(labelName index: Int) -> Bool {
        labels.contains { $0.name == index }
    }
}
