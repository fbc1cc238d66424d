/// What a row of a label table has besides plain floats.
struct OtherSamples: Sendable {
    /// Start timestamps of its floats, by number in the block; empty if none is known.
    var startColumns = 0..<0
    var histogramCount = 0
    /// Its histograms, by number in the block.
    var histogramChunks = 0..<0

    /// Reads what the rows of a table have: flags, counts of histograms, counts of their chunks.
    ///
    /// - Parameter place: Start columns and histogram chunks of the tables before; moved behind this one.
    static func read(
        _ fields: inout PageReader,
        floatCounts: [Int],
        place: inout LabelTable.Place
    ) throws(BlockFormatError) -> [OtherSamples] {
        var others = [OtherSamples](repeating: OtherSamples(), count: floatCounts.count)
        for row in others.indices {
            let mostStarts = floatCounts[row] > 0 ? 1 : 0
            let first = place.startColumn
            if try fields.number(.startFlag, in: 0...mostStarts) == 1 {
                place.startColumn += BlockLayout.columnCount(of: floatCounts[row])
            }
            others[row].startColumns = first..<place.startColumn
        }
        for row in others.indices {
            let fewest = floatCounts[row] > 0 ? 0 : 1
            let most = BlockLayout.maximumSamplesPerSeries
            others[row].histogramCount = try fields.number(.sampleCount, in: fewest...most)
        }
        for row in others.indices {
            let count = others[row].histogramCount
            let first = place.histogramChunk
            place.histogramChunk += try fields.number(.chunkCount, in: min(count, 1)...count)
            others[row].histogramChunks = first..<place.histogramChunk
        }
        return others
    }
}
