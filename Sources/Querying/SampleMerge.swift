internal import MetricsModel

/// One series' samples from several sources, put in order of time.
///
/// A timestamp that several sources have is kept once, with the value of the first source: replicas agree, and where
/// they do not, the answer is at least the same each time.
struct SampleMerge {
    private(set) var timestamps: [Int64] = []
    private(set) var values: [Double] = []

    /// Adds a run with ascending timestamps.
    mutating func add(_ newTimestamps: [Int64], _ newValues: [Double]) {
        guard let first = newTimestamps.first else { return }
        guard let last = timestamps.last else {
            timestamps = newTimestamps
            values = newValues
            return
        }
        if first > last {
            timestamps.append(contentsOf: newTimestamps)
            values.append(contentsOf: newValues)
        } else {
            merge(newTimestamps, newValues)
        }
    }

    private mutating func merge(_ newTimestamps: [Int64], _ newValues: [Double]) {
        var mergedTimestamps: [Int64] = []
        var mergedValues: [Double] = []
        mergedTimestamps.reserveCapacity(timestamps.count + newTimestamps.count)
        mergedValues.reserveCapacity(timestamps.count + newTimestamps.count)
        var old = 0
        var new = 0
        while old < timestamps.count || new < newTimestamps.count {
            let takesOld =
                new == newTimestamps.count
                || (old < timestamps.count && timestamps[old] <= newTimestamps[new])
            if takesOld {
                if new < newTimestamps.count, newTimestamps[new] == timestamps[old] { new += 1 }
                mergedTimestamps.append(timestamps[old])
                mergedValues.append(values[old])
                old += 1
            } else {
                mergedTimestamps.append(newTimestamps[new])
                mergedValues.append(newValues[new])
                new += 1
            }
        }
        timestamps = mergedTimestamps
        values = mergedValues
    }

    /// Drops samples outside of the range.
    mutating func clip(to range: TimeRange) {
        let begin = timestamps.partitioningIndex { $0 >= range.start }
        // An empty range may end before it starts.
        let end = max(begin, timestamps.partitioningIndex { $0 >= range.end })
        guard begin > 0 || end < timestamps.count else { return }
        timestamps = Array(timestamps[begin..<end])
        values = Array(values[begin..<end])
    }
}

extension [Int64] {
    /// The first index whose element satisfies a predicate that is false and then true.
    func partitioningIndex(where predicate: (Int64) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
