/// How a head lays out its chunks.
public struct HeadSettings: Sendable, Equatable {
    /// Length in milliseconds of the windows that blocks cover; no chunk crosses a multiple of it.
    public var windowDuration: Int64 = 2 * 3600 * 1000
    /// Most samples of an open chunk, 1 … 65,535; in memory these take two to three times what they take closed.
    public var samplesPerChunk = 120
    /// Closed chunks of a window that are made into one as soon as a series has so many; 1 leaves them as they are.
    ///
    /// Four of 120 save a sixth of their bytes, three headers and half of the time to read them, for 8 ns a
    /// sample.
    public var chunksPerMerge = 4
    /// The first chunk of a series in a window is shorter by 0 ..< this many samples, as its fingerprint says,
    /// but never empty.
    ///
    /// So that not all series, which mostly begin together, have full open chunks and close them at the same time.
    public var firstChunkSpread = 90

    public init() {}

    /// Samples that an open chunk gets.
    func sampleLimit(isFirstOfWindow: Bool, fingerprint: UInt64) -> Int {
        let spread = min(firstChunkSpread, samplesPerChunk)
        guard isFirstOfWindow, spread > 1 else { return samplesPerChunk }
        return samplesPerChunk - Int((fingerprint >> 32) % UInt64(spread))
    }

    /// The start of the window that a timestamp is in.
    func windowStart(of timestamp: Int64) -> Int64 {
        let remainder = timestamp % windowDuration
        let below = remainder < 0 ? remainder + windowDuration : remainder
        let (start, overflow) = timestamp.subtractingReportingOverflow(below)
        return overflow ? .min : start
    }

    /// The first timestamp behind a window, or the last there is.
    func windowEnd(ofStart start: Int64) -> Int64 {
        // The lowest window may begin before the lowest timestamp, and ends where the next begins.
        guard start != .min else {
            let remainder = Int64.min % windowDuration
            return remainder == 0 ? .min + windowDuration : .min - remainder
        }
        let (end, overflow) = start.addingReportingOverflow(windowDuration)
        return overflow ? .max : end
    }
}
