internal import ChunkCoding

/// Work on chunks that this head encoded itself, so that undecodable bytes are a bug.
enum OwnChunks {
    static func decode(
        _ chunk: EncodedChunk,
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) {
        do throws(ChunkError) {
            try chunk.decode(
                maximumCount: chunk.count,
                appendingTo: &timestamps,
                &values
            )
        } catch {
            preconditionFailure("a chunk in memory does not decode: \(error)")
        }
    }

    /// Appends the samples of all chunks by ascending time, each timestamp once.
    static func merge(
        _ chunks: [EncodedChunk],
        into timestamps: inout [Int64],
        _ values: inout [Double]
    ) {
        let start = timestamps.count
        for chunk in chunks { decode(chunk, into: &timestamps, &values) }
        let isSorted = (start..<max(timestamps.count - 1, start)).allSatisfy {
            timestamps[$0] < timestamps[$0 + 1]
        }
        guard !isSorted else { return }
        // Ties keep the order of the chunks; a head has no two values for a timestamp anyway.
        let order = (start..<timestamps.count).sorted {
            (timestamps[$0], $0) < (timestamps[$1], $1)
        }
        let merged = order.map { (timestamps[$0], values[$0]) }
        timestamps.removeLast(timestamps.count - start)
        values.removeLast(values.count - start)
        for (timestamp, value) in merged
        where timestamps.count == start || timestamps[timestamps.count - 1] < timestamp {
            timestamps.append(timestamp)
            values.append(value)
        }
    }

    /// The bits of the value at a timestamp, if one of the chunks has it.
    static func value(at timestamp: Int64, in chunks: [EncodedChunk]) -> UInt64? {
        for chunk in chunks where chunk.minTime <= timestamp && timestamp <= chunk.maxTime {
            var timestamps: [Int64] = []
            var values: [Double] = []
            decode(chunk, into: &timestamps, &values)
            if let index = timestamps.firstIndex(of: timestamp) { return values[index].bitPattern }
        }
        return nil
    }

    /// Inserts a chunk so that starts stay ascending.
    static func insert(_ chunk: EncodedChunk, into chunks: inout [EncodedChunk]) {
        var index = chunks.count
        while index > 0, chunks[index - 1].minTime > chunk.minTime { index -= 1 }
        chunks.insert(chunk, at: index)
    }
}
