/// Samples that are being stored elsewhere: still read, no longer changed.
struct HeadCut {
    let id: UInt64
    /// What the cut's chunks are marked with; not 0.
    let mark: UInt32
    /// All samples that were in memory before this time (ms) belong to the cut.
    let before: Int64
    /// The oldest log segment that may hold samples of the cut.
    let oldestSegment: UInt64?
    /// Numbers of the series that have samples in it; ascending once all series are visited.
    var series: [UInt32] = []
    /// Starts of the windows that have samples.
    var windows: Set<Int64> = []
    /// The start of the window that the last chunk was in, and the end of it.
    var latestWindow: (start: Int64, end: Int64)?
    var sampleCount = 0
    /// The newest time of a sample, ms; the earliest of all where there is none.
    var newest = Int64.min
}

/// A cut whose samples are being freed.
struct FinishingCut {
    let cut: HeadCut
    /// Series whose newest sample is before this time (ms) leave memory.
    let idleBefore: Int64
    /// Series of the cut that are done.
    var freedCount = 0
    /// Series of the head that were looked at for being idle.
    var lookedAtCount = 0
}
