internal import ChunkCoding
internal import MetricsModel

/// Work on chunks that this head encoded itself, so that undecodable bytes are a bug.
enum OwnChunks {
    /// Appends the samples of a chunk to the columns.
    static func decode(_ chunk: EncodedChunk, into samples: inout SampleColumns) {
        do throws(ChunkError) {
            try chunk.decode(maximumCount: chunk.count, into: &samples)
        } catch {
            preconditionFailure("a chunk in memory does not decode: \(error)")
        }
    }

    /// Puts the samples of all chunks into columns, each kind by ascending time, each timestamp once.
    static func merge(_ chunks: [EncodedChunk], into samples: inout SampleColumns) {
        samples.removeAll()
        for chunk in chunks { decode(chunk, into: &samples) }
        if let order = ascendingOrder(of: samples.timestamps) {
            samples.timestamps = order.map { samples.timestamps[$0] }
            samples.values = order.map { samples.values[$0] }
            if !samples.startTimestamps.isEmpty {
                samples.startTimestamps = order.map { samples.startTimestamps[$0] }
            }
        }
        if let order = ascendingOrder(of: samples.histograms.timestamps) {
            samples.histograms.timestamps = order.map { samples.histograms.timestamps[$0] }
            samples.histograms.values = order.map { samples.histograms.values[$0] }
            if !samples.histograms.startTimestamps.isEmpty {
                samples.histograms.startTimestamps = order.map {
                    samples.histograms.startTimestamps[$0]
                }
            }
        }
    }

    /// The places of the timestamps by ascending time, each timestamp once; nil if they are so already.
    private static func ascendingOrder(of timestamps: [Int64]) -> [Int]? {
        let isSorted = timestamps.indices.dropFirst().allSatisfy {
            timestamps[$0 - 1] < timestamps[$0]
        }
        guard !isSorted else { return nil }
        // Ties keep the order of the chunks; a head has no two values for a timestamp anyway.
        let sorted = timestamps.indices.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
        var order: [Int] = []
        order.reserveCapacity(sorted.count)
        for index in sorted where order.last.map({ timestamps[$0] < timestamps[index] }) ?? true {
            order.append(index)
        }
        return order
    }

    /// The value at a timestamp, if the chunk has it.
    static func value(at timestamp: Int64, in chunk: EncodedChunk) -> KnownValue? {
        var samples = SampleColumns()
        decode(chunk, into: &samples)
        return samples.value(at: timestamp)
    }
}
