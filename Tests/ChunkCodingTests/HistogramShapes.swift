import MetricsModel
import TestSupport

/// Kinds of histograms that real or hostile series have.
enum HistogramShape: String, CaseIterable, Sendable {
    case integerCounter, growingBuckets, floatGauge, custom, staleAtEnd, changingEachTime
    case empty, anyBits, farIndexes, singleBucket

    func histograms(count: Int, using generator: inout SeededGenerator) -> [Histogram] {
        var state = (0..<12).map { _ in 0.0 }
        return (0..<count).map { index in
            next(index, of: count, state: &state, using: &generator)
        }
    }

    private func next(
        _ index: Int,
        of count: Int,
        state: inout [Double],
        using generator: inout SeededGenerator
    ) -> Histogram {
        for bucket in state.indices {
            state[bucket] += Double(Int.random(in: 0...4, using: &generator))
        }
        let total = state.reduce(0, +)
        switch self {
        case .integerCounter:
            return Histogram(
                schema: 3,
                resetHint: index == 0 ? .unknown : .notReset,
                zeroThreshold: 0x1p-128,
                zeroCount: Double(index),
                count: total + Double(index),
                sum: total * 1.5,
                positive: .init(indexes: [-3, -2, -1, 0, 4, 5, 9], counts: Array(state[..<7])),
                negative: .init(indexes: [0, 1, 2], counts: Array(state[7..<10]))
            )
        case .growingBuckets:
            let width = min(1 + index / 20, 12)
            return Histogram(
                schema: 8,
                count: total,
                sum: total / 3,
                positive: .init(
                    indexes: (0..<Int32(width)).map { $0 },
                    counts: Array(state[..<width])
                )
            )
        case .floatGauge:
            return Histogram(
                schema: -4,
                resetHint: .gauge,
                zeroThreshold: 0.001,
                zeroCount: Double.random(in: 0..<1, using: &generator),
                count: Double.random(in: 0..<100, using: &generator),
                sum: Double.random(in: -9..<9, using: &generator),
                positive: .init(
                    indexes: [1, 2],
                    counts: [0.5, Double.random(in: 0..<1, using: &generator)]
                )
            )
        case .custom:
            return Histogram(
                schema: Histogram.customSchema,
                count: total,
                sum: total * 2,
                positive: .init(indexes: [0, 1, 2, 3], counts: Array(state[..<4])),
                customBounds: [0.005, 0.01, 2.5]
            )
        case .staleAtEnd:
            return index == count - 1
                ? .staleMarker
                : HistogramShape.integerCounter.next(
                    index,
                    of: count,
                    state: &state,
                    using: &generator
                )
        case .changingEachTime: return Self.anything(using: &generator)
        case .empty: return Histogram()
        case .anyBits:
            let bits = (0..<7).map { _ in
                Double(bitPattern: UInt64.random(in: 0...(.max), using: &generator))
            }
            return Histogram(
                schema: Int8.random(in: -4...8, using: &generator),
                resetHint: Histogram.ResetHint.allCases.randomElement(using: &generator) ?? .gauge,
                zeroThreshold: bits[0],
                zeroCount: bits[1],
                count: bits[2],
                sum: [bits[3], StaleMarker.value, -0.0, .nan][index % 4],
                positive: .init(indexes: [7], counts: [bits[4]]),
                negative: .init(indexes: [0, 3], counts: [bits[5], bits[6]])
            )
        case .farIndexes:
            return Histogram(
                schema: 8,
                count: 3,
                positive: .init(indexes: [.min, .min + 1, 0, .max], counts: [1, -0.0, 1, total])
            )
        case .singleBucket:
            return Histogram(count: total, positive: .init(indexes: [0], counts: [total]))
        }
    }

    /// Any histogram that can be stored.
    static func anything(using generator: inout SeededGenerator) -> Histogram {
        func buckets() -> Histogram.Buckets {
            let indexes = Set(
                (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                    Int32.random(in: -20...20, using: &generator)
                }
            ).sorted()
            return .init(
                indexes: indexes,
                counts: indexes.map { _ in
                    Double(Int.random(in: 0...1000, using: &generator))
                }
            )
        }
        let isCustom = Int.random(in: 0..<4, using: &generator) == 0
        return Histogram(
            schema: isCustom ? Histogram.customSchema : Int8.random(in: -4...8, using: &generator),
            resetHint: Histogram.ResetHint.allCases.randomElement(using: &generator) ?? .unknown,
            zeroThreshold: [0, 1e-128, 0.5].randomElement(using: &generator) ?? 0,
            zeroCount: Double(Int.random(in: 0...9, using: &generator)),
            count: Double(Int.random(in: 0...9999, using: &generator)),
            sum: Double.random(in: -1e6...1e6, using: &generator),
            positive: buckets(),
            negative: isCustom ? .none : buckets(),
            customBounds: isCustom ? [-1, 0.5, 10, 1e9] : []
        )
    }
}

/// Kinds of start timestamps that real or hostile series have.
enum StartShape: String, CaseIterable, Sendable {
    case none, constant, delta, sinceSampleBefore, restarts, sometimes, random, extremes

    func starts(of timestamps: [Int64], using generator: inout SeededGenerator) -> [Int64] {
        timestamps.indices.map { index in
            switch self {
            case .none: 0
            case .constant: 1_699_999_000_123
            case .delta: timestamps[index] &- 60_000
            case .sinceSampleBefore: index == 0 ? 7 : timestamps[index - 1]
            case .restarts: 1_699_999_000_123 + Int64(index / 40) * 777_777
            case .sometimes: index % 3 == 0 ? 5 : 0
            case .random: Int64.random(in: -1_000_000...1_000_000, using: &generator)
            case .extremes: [Int64.min, .max, 0, -1][index % 4]
            }
        }
    }
}

extension SampleColumns {
    /// Compares all samples bit for bit, hints included; an empty start column is one of zeros.
    func isSame(as other: SampleColumns) -> Bool {
        timestamps == other.timestamps
            && values.map(\.bitPattern) == other.values.map(\.bitPattern)
            && Self.filled(startTimestamps, timestamps.count)
                == Self.filled(other.startTimestamps, timestamps.count)
            && histograms.timestamps == other.histograms.timestamps
            && histograms.values.count == other.histograms.values.count
            && zip(histograms.values, other.histograms.values).allSatisfy {
                $0.isIdentical(to: $1) && $0.resetHint == $1.resetHint
            }
            && Self.filled(histograms.startTimestamps, histograms.timestamps.count)
                == Self.filled(other.histograms.startTimestamps, histograms.timestamps.count)
    }

    private static func filled(_ starts: [Int64], _ count: Int) -> [Int64] {
        starts.isEmpty ? Array(repeating: 0, count: count) : starts
    }
}
