import TestSupport

/// Kinds of values that real or hostile series have.
enum ValueShape: String, CaseIterable, Sendable {
    case constant, constantThenStale, counter, counterWithResets, centiGauge, noisyInteger, bytes
    case floats, mostlyRepeatedFloats, nanosecondTimes, special, anyBits, mixedDecimals, oneNaN
    case largeAndSmall, decimalsAndFloats, negativeZeros

    func values(count: Int, using generator: inout SeededGenerator) -> [Double] {
        var state = 0.0
        return (0..<count).map { index in
            next(index, of: count, state: &state, using: &generator)
        }
    }

    private func next(
        _ index: Int,
        of count: Int,
        state: inout Double,
        using generator: inout SeededGenerator
    ) -> Double {
        let stale = Double(bitPattern: 0x7FF0_0000_0000_0002)
        switch self {
        case .constant: return 17.5
        case .constantThenStale: return index == count - 1 ? stale : 1
        case .counter:
            state += Double(Int.random(in: 0...20, using: &generator))
            return state
        case .counterWithResets:
            state = index % 97 == 96 ? 0 : state + Double(Int.random(in: 0...3, using: &generator))
            return state
        case .centiGauge: return Double(Int.random(in: -5000...5000, using: &generator)) / 100
        case .noisyInteger: return Double(Int.random(in: 0...100, using: &generator))
        case .bytes: return Double(Int.random(in: 1000...90000, using: &generator) * 4096)
        case .floats: return Double.random(in: 0..<1, using: &generator)
        case .mostlyRepeatedFloats:
            if index % 10 == 0 { state = Double.random(in: 0..<1, using: &generator) }
            return state
        case .nanosecondTimes: return 1.7e18 + Double(index) * 15e9
        case .special: return Self.specials.randomElement(using: &generator) ?? 0
        case .anyBits: return Double(bitPattern: UInt64.random(in: 0...(.max), using: &generator))
        case .mixedDecimals:
            let digits = Int.random(in: 0...4, using: &generator)
            let scale = [1.0, 10, 100, 1000, 10000][digits]
            return Double(Int.random(in: -99999...99999, using: &generator)) / scale
        case .oneNaN: return index == count / 2 ? .nan : Double(index)
        case .largeAndSmall: return index.isMultiple(of: 2) ? 1e15 + Double(index) : 1e-9
        case .decimalsAndFloats:
            return index % 40 == 39
                ? Double.random(in: 0..<1, using: &generator) : Double(index) / 8
        case .negativeZeros: return index.isMultiple(of: 3) ? -0.0 : 0.0
        }
    }

    static let specials: [Double] = [
        0, -0.0, 1, -1, .infinity, -.infinity, .nan, .signalingNaN, .leastNonzeroMagnitude,
        -.leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        .leastNormalMagnitude, .pi, 0.1, 1e300, 9_007_199_254_740_992, 0x1p62, 0x1p63, -0x1p63,
        Double(bitPattern: 0x7FF0_0000_0000_0002), Double(bitPattern: 0x7FF8_0000_0000_0001),
        Double(bitPattern: 0x7FF8_0000_0000_0000), Double(bitPattern: 0xFFF8_0000_0000_0000),
        Double(bitPattern: 0xFFF8_DEAD_BEEF_0001),
    ]
}

/// Kinds of timestamps that real or hostile series have.
enum TimeShape: String, CaseIterable, Sendable {
    case even, jitter, missedScrapes, growing, random, fromMinimum, toMaximum

    func timestamps(count: Int, using generator: inout SeededGenerator) -> [Int64] {
        switch self {
        case .even: return (0..<count).map { 1_700_000_000_000 + Int64($0) * 15_000 }
        case .jitter:
            return (0..<count).map {
                1_700_000_000_000 + Int64($0) * 15_000 + Int64.random(in: -3...3, using: &generator)
            }
        case .missedScrapes:
            return (0..<count).map { 1_700_000_000_000 + Int64($0 + $0 / 50) * 15_000 }
        case .growing: return (0..<count).map { Int64($0 * $0) }
        case .random:
            var time: Int64 = -1_000_000
            return (0..<count).map { _ in
                time += Int64.random(in: 1...1_000_000, using: &generator)
                return time
            }
        case .fromMinimum:
            return (0..<count).map { $0 == 0 ? .min : Int64($0) }
        case .toMaximum:
            return (0..<count).map { $0 == count - 1 ? .max : Int64($0) - 100_000 }
        }
    }
}
