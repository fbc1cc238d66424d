import Benchmark
import ChunkCoding
import Measuring

/// The coding of one series' samples.
enum ChunkBenchmarks {
    static func register() {
        for samplesPerChunk in [125, 500] {
            encode(samplesPerChunk)
            decode(samplesPerChunk)
        }
    }

    /// Compresses chunks of the mix of series.
    ///
    /// Expected: 4.9 ns a sample in chunks of 500; 7 ns in chunks of 125, where what a chunk costs
    /// weighs more.
    private static func encode(_ samplesPerChunk: Int) {
        measure("Chunk: encode \(samplesPerChunk) each, per 1000 samples") {
            (_, fixture: ChunkFixture) in
            for values in fixture.values {
                blackHole(EncodedChunk.encode(fixture.timestamps, values))
            }
        } setup: {
            ChunkFixture(samplesPerChunk: samplesPerChunk)
        }
    }

    /// Decompresses chunks of the mix of series into memory that is used again.
    ///
    /// Expected: 2.5 ns a sample in chunks of 500, 4 ns in chunks of 125.
    private static func decode(_ samplesPerChunk: Int) {
        measure("Chunk: decode \(samplesPerChunk) each, per 1000 samples") {
            (_, fixture: (chunks: [EncodedChunk], limit: Int)) in
            var timestamps: [Int64] = []
            var values: [Double] = []
            for chunk in fixture.chunks {
                timestamps.removeAll(keepingCapacity: true)
                values.removeAll(keepingCapacity: true)
                try chunk.decode(
                    maximumCount: fixture.limit,
                    appendingTo: &timestamps,
                    &values
                )
                blackHole(values)
            }
        } setup: {
            let fixture = ChunkFixture(samplesPerChunk: samplesPerChunk)
            let chunks = fixture.values.map { EncodedChunk.encode(fixture.timestamps, $0) }
            return (chunks, samplesPerChunk)
        }
    }
}

/// A million samples, chunk by chunk.
private struct ChunkFixture {
    let timestamps: [Int64]
    let values: [[Double]]

    init(samplesPerChunk: Int) {
        var generator = SeededGenerator(seed: 4)
        timestamps = Workload.timestamps(count: samplesPerChunk)
        values = (0..<1_000_000 / samplesPerChunk).map {
            SyntheticValues.values(ofSeries: $0, count: samplesPerChunk, using: &generator)
        }
    }
}
