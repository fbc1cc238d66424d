import ChunkCoding
import MetricsModel
import PromQL

/// Series in chunks, decoded when they are read, as those of a store are.
struct ChunkedSeries: SeriesSource {
    struct Series: Sendable {
        var labels: Labels
        /// By ascending time.
        var chunks: [EncodedChunk]
    }

    private let series: [Series]

    /// Keeps of all series those that pass a selector, and of these the chunks that overlap its range.
    init(_ all: [Series], selectedBy selector: PlannedSelector) {
        let range = selector.range
        series = all.compactMap { series in
            guard selector.matchers.allMatch(series.labels) else { return nil }
            let chunks = series.chunks.filter {
                $0.maxTime >= range.start && $0.minTime < range.end
            }
            return chunks.isEmpty ? nil : Series(labels: series.labels, chunks: chunks)
        }
    }

    var count: Int { series.count }

    func labels(at index: Int) -> Labels { series[index].labels }

    func withKey(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        series[index].labels.key.withUnsafeBufferPointer(body)
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        columns.removeAll()
        for chunk in series[index].chunks {
            try chunk.decode(maximumCount: chunk.count, into: &columns)
        }
    }

    var sampleCount: Int {
        series.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + $1.count } }
    }
}
