public import ChunkCoding
public import MetricsModel

/// One series of an answer.
public struct HeadSeries: Sendable, Equatable {
    public var labels: Labels
    /// By ascending start; late samples make chunks that overlap others, but no sample is in two.
    public var chunks: [EncodedChunk]
}

/// One series of a cut in one window.
public struct CutSeries: Sendable, Equatable {
    public var labels: Labels
    public var fingerprint: Fingerprint
    /// By ascending start; they may overlap.
    public var chunks: [EncodedChunk]

    /// Puts the samples into columns, each kind by ascending time, each timestamp once.
    ///
    /// - Parameter samples: Emptied before; its memory is used again.
    public func decode(into samples: inout SampleColumns) {
        OwnChunks.merge(chunks, into: &samples)
    }
}

/// What a head holds.
public struct HeadStatistics: Sendable, Equatable {
    /// Series in memory.
    public var seriesCount = 0
    /// Samples in memory, those of pending cuts included.
    public var sampleCount = 0
    /// Size of all tables, chunks and label strings, but for what the allocator adds.
    public var approximateBytes = 0
    /// Series created since the head was made.
    public var seriesCreatedTotal: UInt64 = 0
    /// Series that left memory since the head was made.
    public var seriesRemovedTotal: UInt64 = 0
    /// Cuts begun and not finished.
    public var pendingCutCount = 0
}
