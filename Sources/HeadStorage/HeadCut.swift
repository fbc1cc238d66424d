internal import ChunkCoding

/// Samples that are being stored elsewhere: still read, no longer changed.
struct HeadCut {
    let id: UInt64
    /// All samples that were in memory before this time (ms) belong to the cut.
    let before: Int64
    /// The oldest log segment that may hold samples of the cut.
    let oldestSegment: UInt64?
    /// By ascending series number.
    var series: [Part] = []
    /// Starts of the windows that have samples, ascending.
    var windows: [Int64] = []

    /// What the cut has of one series; chunks by ascending start.
    struct Part {
        let number: UInt32
        let chunks: [EncodedChunk]
    }

    /// The chunks of a series, none if the cut has nothing of it.
    func chunks(of number: UInt32) -> [EncodedChunk] {
        var low = 0
        var high = series.count
        while low < high {
            let middle = (low + high) / 2
            if series[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < series.count, series[low].number == number else { return [] }
        return series[low].chunks
    }
}

/// Samples that left a head; their memory is freed with this value.
public struct DroppedSamples: Sendable {
    var series: [HeadCut.Part] = []
}
