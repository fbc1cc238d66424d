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
    /// - Parameter samples: Floats without staleness markers.
    /// - Returns: The samples of all windows together; nil where the timestamps are new.
    func compute(_ samples: SampleColumns, _ memory: EvaluationMemory) -> Int? {
        guard samples.timestamps.count > 1, samples.timestamps.count < Int(Int32.max),
            let shape = shape(of: samples.timestamps)
        else { return nil }
        var resets: ResetCursor?
        if isCounter {
            // Taken out, so that its memory has one owner.
            resets = memory.resets
            memory.resets = ResetCursor()
        }
        samples.values.withUnsafeBufferPointer { values in
            resets?.find(in: values)
            shape.compute(values, &resets, into: memory.column)
        }
        if let resets { memory.resets = resets }
        return shape.processed
    }

    private func shape(of timestamps: [Int64]) -> GrowthShape? {
        let hash = timestamps.withUnsafeBytes { engram_xxh3_64($0.baseAddress, $0.count) }
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
    private func make(_ timestamps: [Int64], _ hash: UInt64) -> GrowthShape? {
        let size = windows.grid.count * GrowthShape.stepSize + timestamps.count * 8
        let hasRoom = state.withLock { state in
            guard state.size + size <= Self.maximumSize, (try? memory.charge(size)) != nil else {
                return false
            }
            state.size += size
            return true
        }
        guard hasRoom else { return nil }
        // A copy: whoever reads the next series goes on using the memory of this one.
        let copy = Array(unsafeUninitializedCapacity: timestamps.count) { target, count in
            _ = target.initialize(from: timestamps)
            count = timestamps.count
        }
        let shape = GrowthShape(timestamps: copy, windows: windows, isRate: isRate)
        state.withLock { $0.shapes[hash] = shape }
        return shape
    }
}
