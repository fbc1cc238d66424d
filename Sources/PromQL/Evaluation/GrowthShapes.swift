internal import CHashing
internal import MetricsModel
internal import Synchronization

/// The shapes of the timestamps that a range function came across more than once.
///
/// Results are the same with and without: a shape holds what would be computed for each series.
final class GrowthShapes: Sendable {
    private struct State {
        /// By the hash of their timestamps.
        var shapes: [UInt64: GrowthShape] = [:]
        /// Hashes of timestamps that came once.
        var seen: Set<UInt64> = []
        /// Bytes charged for shapes.
        var size = 0
    }

    private let windows: WindowGrid
    private let isRate: Bool
    private let isCounter: Bool
    private let memory: MemoryAccount
    private let state = Mutex(State())

    /// Bytes of all shapes of one function; more timestamps than fit are computed for each series.
    private static let maximumSize = 16 << 20
    /// Hashes to remember.
    private static let maximumSeen = 4096
    /// With fewer steps than this a shape is hardly worth its memory.
    private static let fewestSteps = 8

    /// Nil for functions and windows that have no shapes.
    init?(_ function: Function, _ windows: WindowGrid, seriesCount: Int, memory: MemoryAccount) {
        switch function {
        case .rate, .increase, .delta: break
        default: return nil
        }
        guard windows.edges == .plain, windows.grid.count >= Self.fewestSteps, seriesCount > 1
        else { return nil }
        self.windows = windows
        isRate = function == .rate
        isCounter = function != .delta
        self.memory = memory
    }

    deinit { memory.release(state.withLock { $0.size }) }

    /// Computes the function for a series whose timestamps came before.
    ///
    /// Only what lies in windows counts: chunks of series of one scrape may begin and end at other samples.
    ///
    /// - Parameter samples: Floats without staleness markers.
    /// - Returns: The samples of all windows together; nil where the timestamps are new.
    func compute(_ samples: SampleColumns, _ memory: EvaluationMemory) -> Int? {
        let inside = inside(samples.timestamps)
        guard inside.count > 1, inside.count < Int(Int32.max) else { return nil }
        let shape = samples.timestamps.withUnsafeBufferPointer {
            self.shape(of: UnsafeBufferPointer(rebasing: $0[inside]))
        }
        guard let shape else { return nil }
        var resets: ResetCursor?
        if isCounter {
            // Taken out, so that its memory has one owner.
            resets = memory.resets
            memory.resets = ResetCursor()
        }
        samples.values.withUnsafeBufferPointer { values in
            let values = UnsafeBufferPointer(rebasing: values[inside])
            resets?.find(in: values)
            shape.compute(values, &resets, into: memory.column)
        }
        if let resets { memory.resets = resets }
        return shape.processed
    }

    /// Where the samples are that lie in a window.
    private func inside(_ timestamps: [Int64]) -> Range<Int> {
        let start = windows.end(0).saturatingSubtract(windows.range)
        let end = windows.end(windows.grid.count - 1)
        let first = timestamps.partitioningIndex { $0 > start }
        return first..<max(first, timestamps.partitioningIndex { $0 > end })
    }

    private func shape(of timestamps: UnsafeBufferPointer<Int64>) -> GrowthShape? {
        let bytes = UnsafeRawBufferPointer(timestamps)
        let hash = engram_xxh3_64(bytes.baseAddress, bytes.count)
        let (known, isWanted) = state.withLock { state -> (GrowthShape?, Bool) in
            if let shape = state.shapes[hash] { return (shape, false) }
            guard !state.seen.contains(hash) else { return (nil, true) }
            if state.seen.count < Self.maximumSeen { state.seen.insert(hash) }
            return (nil, false)
        }
        if let known { return known.isShape(of: timestamps) ? known : nil }
        guard isWanted else { return nil }
        return make(timestamps, hash)
    }

    /// Makes a shape and keeps it, if there is room.
    private func make(
        _ timestamps: UnsafeBufferPointer<Int64>,
        _ hash: UInt64
    ) -> GrowthShape? {
        let size = windows.grid.count * GrowthShape.stepSize + timestamps.count * 8
        let hasRoom = state.withLock { state in
            guard state.size + size <= Self.maximumSize, (try? memory.charge(size)) != nil else {
                return false
            }
            state.size += size
            return true
        }
        guard hasRoom else { return nil }
        let shape = GrowthShape(timestamps: Array(timestamps), windows: windows, isRate: isRate)
        state.withLock { $0.shapes[hash] = shape }
        return shape
    }
}
