import ChunkCoding
import Measuring
import MetricsModel

/// The times of the samples of all series, and how many make a chunk.
struct ChunkLayout {
    /// No sample that matters is earlier, ms.
    let start: Int64
    /// No sample is later, ms.
    let end: Int64
    let interval: Int64
    let samplesPerChunk: Int

    /// The times of a series' samples, chunk by chunk; only the last chunk may be short.
    ///
    /// - Parameter offset: How much later than whole intervals its target is scraped, ms.
    func chunkTimes(offset: Int64) -> [[Int64]] {
        let chunkDuration = interval * Int64(samplesPerChunk)
        let first = start / chunkDuration * chunkDuration + offset % interval
        return stride(from: first, through: end, by: Int(chunkDuration)).map { chunkStart in
            let chunkEnd = min(end, chunkStart + chunkDuration - 1)
            return Array(stride(from: chunkStart, through: chunkEnd, by: Int(interval)))
        }
    }
}

/// A series whose samples a seed generates.
struct SeriesGenerator {
    let labels: Labels
    let values: ValueKind
    /// Series with the same seed and kind have the same values.
    let seed: UInt64

    /// Compresses its samples.
    func chunks(_ layout: ChunkLayout) -> [EncodedChunk] {
        var generator = SeededGenerator(seed: seed)
        let offset = Int64(generator.next() % UInt64(layout.interval))
        var state = ValueState(values, secondsPerStep: Double(layout.interval) / 1000)
        return layout.chunkTimes(offset: offset).map { times in
            if case .histogram = values {
                let histograms = times.map { _ in state.nextHistogram(using: &generator) }
                return EncodedChunk(
                    timestamps: times.span,
                    histograms: histograms[...],
                    starts: [Int64]().span
                )
            }
            return EncodedChunk.encode(times, times.map { _ in state.next(using: &generator) })
        }
    }
}
