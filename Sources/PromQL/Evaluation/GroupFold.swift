internal import MetricsModel

/// What an aggregation remembers of the floats of each group at each step, in flat arrays.
///
/// A slot is one step of one group. Loops run over the steps of one element at a time, so that they need no
/// branches and each slot sees its elements in their order.
protocol GroupFold: Sendable {
    init()

    /// Adds empty slots behind all others.
    mutating func grow(by slots: Int)

    /// Adds the floats of one element to the slots from `slot` on; absent ones change nothing.
    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int)

    /// Adds what another fold has in `count` slots from `otherSlot` on.
    mutating func merge(_ other: Self, from otherSlot: Int, count: Int, at slot: Int)

    /// The result of a slot, absent if it saw no float.
    func result(_ slot: Int) -> Double
}

/// `sum`, compensated.
struct SumFold: GroupFold {
    private var sums: [Double] = []
    private var compensations: [Double] = []
    private var counts: [Int32] = []

    mutating func grow(by slots: Int) {
        // -0 is what added to any number leaves it as it is.
        sums.append(contentsOf: repeatElement(-0.0, count: slots))
        compensations.append(contentsOf: repeatElement(0, count: slots))
        counts.append(contentsOf: repeatElement(0, count: slots))
    }

    /// About 1 ns a value.
    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int) {
        sums.withUnsafeMutableBufferPointer { sums in
            compensations.withUnsafeMutableBufferPointer { compensations in
                counts.withUnsafeMutableBufferPointer { counts in
                    guard slot + values.count <= sums.count, let base = values.baseAddress,
                        let sum = sums.baseAddress, let compensation = compensations.baseAddress,
                        let count = counts.baseAddress
                    else { return }
                    for index in 0..<values.count {
                        let value = base[index]
                        let isPresent = value.bitPattern != StaleMarker.bits
                        let added = isPresent ? value : -0.0
                        count[slot + index] &+= isPresent ? 1 : 0
                        let old = sum[slot + index]
                        let total = old + added
                        let isLarger = old.magnitude >= added.magnitude
                        let high = isLarger ? old : added
                        let low = isLarger ? added : old
                        let error = (high - total) + low
                        let isInfinite = total.magnitude == .infinity
                        compensation[slot + index] =
                            isInfinite ? 0 : compensation[slot + index] + error
                        sum[slot + index] = total
                    }
                }
            }
        }
    }

    mutating func merge(_ other: SumFold, from otherSlot: Int, count: Int, at slot: Int) {
        let range = otherSlot..<otherSlot + count
        other.sums.withUnsafeBufferPointer { added in
            other.compensations.withUnsafeBufferPointer { errors in
                // A slot that saw nothing holds -0, which changes nothing.
                add(
                    UnsafeBufferPointer(rebasing: added[range]),
                    UnsafeBufferPointer(rebasing: errors[range]),
                    at: slot
                )
            }
        }
        other.counts.withUnsafeBufferPointer { added in
            counts.withUnsafeMutableBufferPointer { counts in
                for index in 0..<count { counts[slot + index] &+= added[otherSlot + index] }
            }
        }
    }

    /// Adds sums and what they lost to rounding.
    private mutating func add(
        _ values: UnsafeBufferPointer<Double>,
        _ errors: UnsafeBufferPointer<Double>,
        at slot: Int
    ) {
        sums.withUnsafeMutableBufferPointer { sums in
            compensations.withUnsafeMutableBufferPointer { compensations in
                for index in 0..<values.count {
                    let old = sums[slot + index]
                    let added = values[index]
                    let total = old + added
                    let isLarger = old.magnitude >= added.magnitude
                    let high = isLarger ? old : added
                    let low = isLarger ? added : old
                    let isInfinite = total.magnitude == .infinity
                    let compensation = compensations[slot + index] + ((high - total) + low)
                    compensations[slot + index] = isInfinite ? 0 : compensation + errors[index]
                    sums[slot + index] = total
                }
            }
        }
    }

    private func state(_ slot: Int) -> KahanSum {
        KahanSum(sums[slot], compensation: compensations[slot])
    }

    func result(_ slot: Int) -> Double { counts[slot] > 0 ? state(slot).total : .absent }
}

/// `min` and `max`; NaN only if all floats are.
struct ExtremeFold<Order: ExtremeOrder>: GroupFold {
    private var best: [Double] = []

    init() {}

    mutating func grow(by slots: Int) {
        best.append(contentsOf: repeatElement(.absent, count: slots))
    }

    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int) {
        best.withUnsafeMutableBufferPointer { best in
            for (index, value) in values.enumerated() where !value.isAbsent {
                // The absent mark is a NaN, and gives way as one.
                let old = best[slot + index]
                if Order.beats(value, old) || old.isNaN { best[slot + index] = value }
            }
        }
    }

    mutating func merge(_ other: Self, from otherSlot: Int, count: Int, at slot: Int) {
        other.best.withUnsafeBufferPointer { values in
            fold(UnsafeBufferPointer(rebasing: values[otherSlot..<otherSlot + count]), at: slot)
        }
    }

    func result(_ slot: Int) -> Double { best[slot] }
}

/// Which of two floats is the more extreme one.
protocol ExtremeOrder: Sendable {
    static func beats(_ challenger: Double, _ best: Double) -> Bool
}

enum Smaller: ExtremeOrder {
    static func beats(_ challenger: Double, _ best: Double) -> Bool { challenger < best }
}

enum Larger: ExtremeOrder {
    static func beats(_ challenger: Double, _ best: Double) -> Bool { challenger > best }
}

/// `count`.
struct CountFold: GroupFold {
    private var counts: [Int32] = []

    mutating func grow(by slots: Int) { counts.append(contentsOf: repeatElement(0, count: slots)) }

    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int) {
        counts.withUnsafeMutableBufferPointer { counts in
            for index in 0..<values.count {
                counts[slot + index] &+= values[index].isAbsent ? 0 : 1
            }
        }
    }

    mutating func merge(_ other: CountFold, from otherSlot: Int, count: Int, at slot: Int) {
        for index in 0..<count { counts[slot + index] += other.counts[otherSlot + index] }
    }

    func result(_ slot: Int) -> Double { counts[slot] > 0 ? Double(counts[slot]) : .absent }
}

/// `avg`: what of it is not a sum over a count is in ``MeanAccumulator``.
struct AverageFold: GroupFold {
    private var means: [MeanAccumulator] = []

    mutating func grow(by slots: Int) {
        means.append(contentsOf: repeatElement(MeanAccumulator(), count: slots))
    }

    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int) {
        means.withUnsafeMutableBufferPointer { means in
            for (index, value) in values.enumerated() where !value.isAbsent {
                means[slot + index].add(value)
            }
        }
    }

    mutating func merge(_ other: AverageFold, from otherSlot: Int, count: Int, at slot: Int) {
        for index in 0..<count { means[slot + index].merge(other.means[otherSlot + index]) }
    }

    func result(_ slot: Int) -> Double { means[slot].isEmpty ? .absent : means[slot].mean }
}

/// `stdvar`, and with a root `stddev`: Welford's method; NaN if a float is NaN or infinite.
struct VarianceFold: GroupFold {
    private var counts: [Double] = []
    private var means: [Double] = []
    private var squares: [Double] = []

    mutating func grow(by slots: Int) {
        counts.append(contentsOf: repeatElement(0, count: slots))
        means.append(contentsOf: repeatElement(0, count: slots))
        squares.append(contentsOf: repeatElement(0, count: slots))
    }

    mutating func fold(_ values: UnsafeBufferPointer<Double>, at slot: Int) {
        for (index, value) in values.enumerated() where !value.isAbsent {
            let place = slot + index
            counts[place] += 1
            if counts[place] == 1 {
                means[place] = value
                squares[place] = value.isFinite ? 0 : .nan
            } else {
                let delta = value - means[place]
                means[place] += delta / counts[place]
                squares[place] += delta * (value - means[place])
            }
        }
    }

    /// The sums of two parts (Chan, Golub, LeVeque: Updating formulae, 1979).
    mutating func merge(_ other: VarianceFold, from otherSlot: Int, count: Int, at slot: Int) {
        for index in 0..<count where other.counts[otherSlot + index] > 0 {
            let place = slot + index
            let more = other.counts[otherSlot + index]
            let total = counts[place] + more
            let delta = other.means[otherSlot + index] - means[place]
            if counts[place] == 0 {
                means[place] = other.means[otherSlot + index]
                squares[place] = other.squares[otherSlot + index]
            } else {
                squares[place] +=
                    other.squares[otherSlot + index] + delta * delta * counts[place] * more / total
                means[place] += delta * more / total
            }
            counts[place] = total
        }
    }

    func result(_ slot: Int) -> Double {
        counts[slot] > 0 ? squares[slot] / counts[slot] : .absent
    }
}
