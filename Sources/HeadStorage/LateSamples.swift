internal import ChunkCoding

/// Samples of one series that came after newer ones, by ascending time.
struct LateSamples {
    private(set) var timestamps: [Int64] = []
    private(set) var values: [Double] = []

    var count: Int { timestamps.count }

    /// Bytes allocated.
    var size: Int { 64 + (timestamps.capacity + values.capacity) * 8 }

    /// The bits of the value at a timestamp.
    func value(at timestamp: Int64) -> UInt64? {
        let index = position(of: timestamp)
        guard index < count, timestamps[index] == timestamp else { return nil }
        return values[index].bitPattern
    }

    /// Adds a sample at a timestamp that has none.
    mutating func insert(timestamp: Int64, value: Double) {
        let index = position(of: timestamp)
        timestamps.insert(timestamp, at: index)
        values.insert(value, at: index)
    }

    /// Removes and returns all samples before a time.
    mutating func removeAll(before end: Int64) -> LateSamples {
        let index = position(of: end)
        var removed = LateSamples()
        removed.timestamps = Array(timestamps[..<index])
        removed.values = Array(values[..<index])
        timestamps.removeFirst(index)
        values.removeFirst(index)
        return removed
    }

    /// The samples as chunks, one for each window that has some.
    func chunks(_ settings: HeadSettings) -> [EncodedChunk] {
        var chunks: [EncodedChunk] = []
        var start = 0
        while start < count {
            let window = settings.windowStart(of: timestamps[start])
            var end = start + 1
            while end < count, settings.windowStart(of: timestamps[end]) == window { end += 1 }
            chunks.append(
                EncodedChunk(
                    timestamps: timestamps.span.extracting(start..<end),
                    values: values.span.extracting(start..<end)
                )
            )
            start = end
        }
        return chunks
    }

    /// Where a timestamp is, or belongs; late samples mostly come in order, so the end is tried first.
    private func position(of timestamp: Int64) -> Int {
        guard let last = timestamps.last, timestamp <= last else { return count }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if timestamps[middle] < timestamp { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
