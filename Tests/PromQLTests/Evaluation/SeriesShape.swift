import MetricsModel
import TestSupport

/// A random series of floats, and windows over it.
struct SeriesShape: Sendable {
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// Milliseconds; the length of windows.
    let range: Int64
    let step: Int64
    let start: Int64
    let end: Int64

    private enum Kind: CaseIterable {
        case counter, gauge, integers, special, mixed, huge, zeros
    }

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let intervals: [Int64] = [1, 10, 1000, 15_000]
        let interval = intervals.randomElement(using: &random) ?? 1
        let isRegular = Bool.random(using: &random)
        let kind = Kind.allCases.randomElement(using: &random) ?? .counter
        var time = Int64.random(in: -50_000...50_000, using: &random)
        var value = 0.0
        for _ in 0..<Int.random(in: 0...260, using: &random) {
            times.append(time)
            values.append(Self.next(kind, &value, &random))
            time += isRegular ? interval : Int64.random(in: 1...2 * interval, using: &random)
            if Int.random(in: 0..<40, using: &random) == 0 { time += 20 * interval }
        }
        // Windows of some samples, of some more than the short ones, and of nearly all.
        let counts: [Int64] = [2, 5, 31, 33, 60, 200]
        let count = counts.randomElement(using: &random) ?? 1
        range = max(1, count * interval + Int64.random(in: -1...1, using: &random))
        let steps = [1, interval / 3, interval, range / 7, range, 2 * range + 1]
        step = max(1, steps.randomElement(using: &random) ?? 1)
        let first = times.randomElement(using: &random) ?? 0
        start = first - range * Int64.random(in: -1...1, using: &random)
        end = start + step * Int64.random(in: 0...70, using: &random)
    }

    private static func next(
        _ kind: Kind,
        _ value: inout Double,
        _ random: inout SeededGenerator
    ) -> Double {
        switch kind {
        case .counter:
            let isReset = Int.random(in: 0..<25, using: &random) == 0
            value = isReset ? 0 : value + Double(Int.random(in: 0...9, using: &random)) / 4
        case .gauge: value = Double.random(in: -1e6...1e6, using: &random)
        case .integers: value = Double(Int.random(in: -3...3, using: &random))
        case .special: value = special.randomElement(using: &random) ?? 0
        case .mixed:
            value =
                Int.random(in: 0..<30, using: &random) == 0
                ? special.randomElement(using: &random) ?? 0
                : Double.random(in: 0...1, using: &random)
        case .huge:
            value = [1e308, -1e308, 1e16, 1, -1e-300].randomElement(using: &random) ?? 0
        case .zeros: value = Bool.random(using: &random) ? 0 : -0.0
        }
        return value
    }

    private static let special: [Double] = [
        .nan, .infinity, -.infinity, -0.0, 0, 1, -1, StaleMarker.value, .leastNonzeroMagnitude,
        Double(bitPattern: 0x7FF8_0000_0000_0123),
    ]
}
