public import MetricsModel

/// One query of one block from matchers to samples, as a state machine that does no IO itself.
///
/// ```
/// var query = BlockQuery(directory: directory, matchers: matchers, seed: seed)
/// while !query.need.isEmpty { try query.supply(await fetch(query.need)) }
/// for series in query.series { try query.decode(series, into: &samples) }
/// ```
/// Two rounds at most: label pages, then the pages with samples of the series found. All pages of
/// the second round are held at once; ``BlockSelection`` and ``BlockSamples`` do the same in batches.
public struct BlockQuery: Sendable {
    private let directory: BlockDirectory
    private var selection: BlockSelection
    private var samples: BlockSamples?

    /// - Parameters:
    ///   - matchers: All must pass; none select every series.
    ///   - seed: Of the block's tenant.
    public init(directory: BlockDirectory, matchers: [LabelMatcher], seed: TenantSeed) {
        self.directory = directory
        selection = BlockSelection(directory: directory, matchers: matchers, seed: seed)
    }

    /// The byte ranges of the body to supply next, ascending; empty when the query is done.
    public var need: [Range<Int>] { samples?.need ?? selection.need }

    /// In the order of the block; known after the first round, and empty before.
    public var series: [BlockSeries] { selection.series }

    /// Takes the next step; on an error, nothing changes.
    ///
    /// - Parameter bytes: The bytes of ``need``, in that order. Not trusted.
    public mutating func supply(_ bytes: [[UInt8]]) throws(BlockFormatError) {
        if samples != nil {
            try samples?.supply(bytes)
            return
        }
        var next = selection
        try next.supply(bytes)
        samples = try BlockSamples(directory: directory, series: next.series)
        selection = next
    }

    /// Appends the floats of one of ``series`` to both arrays; on an error, these are as they were.
    public func decode(
        _ series: BlockSeries,
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) throws(BlockFormatError) {
        guard let samples else {
            throw .missingColumn(.values, column: series.valueColumns.lowerBound)
        }
        try samples.decode(series, into: &timestamps, &values)
    }

    /// Appends the samples of one of ``series``, of all kinds, to the columns; on an error, these are as they
    /// were.
    public func decode(
        _ series: BlockSeries,
        into columns: inout SampleColumns
    ) throws(BlockFormatError) {
        guard let samples else {
            throw .missingColumn(.values, column: series.valueColumns.lowerBound)
        }
        try samples.decode(series, into: &columns)
    }
}
