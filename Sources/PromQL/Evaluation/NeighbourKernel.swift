/// `changes` and `resets`: how many neighbours in a window make a pair of some kind.
///
/// How many pairs there are up to each sample is counted once per series; a window's count is one subtraction.
struct NeighbourKernel<Pair: NeighbourPair>: WindowKernel {
    private var counts: [Int32] = []

    mutating func begin(_ series: FloatSeries) {
        counts.removeAll(keepingCapacity: true)
        counts.reserveCapacity(series.count)
        var count: Int32 = 0
        for index in 0..<series.count {
            if index > 0, Pair.matches(series.values[index - 1], series.values[index]) {
                count += 1
            }
            counts.append(count)
        }
    }

    func value(_ window: Window) -> Double {
        let indexes = window.indexes
        return Double(counts[indexes.upperBound - 1] - counts[indexes.lowerBound])
    }
}

/// A relation between a sample and the next one.
protocol NeighbourPair {
    static func matches(_ older: Double, _ newer: Double) -> Bool
}

enum Change: NeighbourPair {
    static func matches(_ older: Double, _ newer: Double) -> Bool {
        newer != older && !(newer.isNaN && older.isNaN)
    }
}

enum Fall: NeighbourPair {
    static func matches(_ older: Double, _ newer: Double) -> Bool { newer < older }
}

/// The same for windows that begin with the last sample before their start.
struct ExtendedCountKernel: WindowKernel {
    let matches: (_ older: Double, _ newer: Double) -> Bool

    func begin(_ series: FloatSeries) {}

    func value(_ window: Window) -> Double {
        guard let extended = ExtendedWindow(window, isSmoothed: false) else { return .absent }
        return Double(
            extended.fromAnchor.dropFirst().count {
                matches(window.values[$0 - 1], window.values[$0])
            }
        )
    }
}

/// `irate` and `idelta`: the difference of the last two samples in a window.
enum InstantGrowth {
    /// Per second, with a reset in between counted from 0.
    static func rate(_ window: Window) -> Double {
        guard let pair = Pair(window) else { return .absent }
        let increase = pair.newer < pair.older ? pair.newer : pair.newer - pair.older
        return increase / pair.seconds
    }

    static func delta(_ window: Window) -> Double {
        guard let pair = Pair(window) else { return .absent }
        return pair.newer - pair.older
    }

    private struct Pair {
        let older: Double
        let newer: Double
        let seconds: Double

        init?(_ window: Window) {
            let last = window.count - 1
            guard last >= 1 else { return nil }
            let interval = window.timestamps[last] - window.timestamps[last - 1]
            guard interval > 0 else { return nil }
            older = window.values[last - 1]
            newer = window.values[last]
            seconds = Double(interval) / 1000
        }
    }
}
