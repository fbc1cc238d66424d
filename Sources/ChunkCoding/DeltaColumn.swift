/// How often neighbours are subtracted before packing.
enum DeltaOrder: UInt8 {
    /// The numbers themselves; best for a gauge that jumps about.
    case none = 0
    /// Differences; best for a counter, and for timestamps with jitter.
    case first = 1
    /// Differences of differences; best for what grows evenly.
    case second = 2
}

/// Integers as differences of the best order, in frames.
///
/// The first one or two stand as signed varints, the rest in ``IntegerFrames``. Sums and differences
/// wrap, so every integer survives.
enum DeltaColumn {
    /// Of every three runs of this many numbers, the choice of an order looks at one.
    private static let lookedAt = 32

    // MARK: Writing

    /// Returns the order whose numbers lie closest together, as far as a cheap look tells.
    ///
    /// - Parameter allowsNone: Whether packing the numbers themselves is considered.
    static func bestOrder(
        of values: UnsafeMutableBufferPointer<Int64>,
        allowsNone: Bool
    ) -> DeltaOrder {
        guard values.count > 4 else { return .first }
        var logarithms = (none: 0, first: 0, second: 0)
        var looked = 0
        var start = 2
        while start < values.count {
            let end = min(start &+ lookedAt, values.count)
            let spread = Spread(values, from: start, to: end)
            logarithms.none &+= (end &- start) &* spread.logarithm(spread.none)
            logarithms.first &+= (end &- start) &* spread.logarithm(spread.first)
            logarithms.second &+= (end &- start) &* spread.logarithm(spread.second)
            looked &+= end &- start
            start &+= 3 &* lookedAt
        }
        // A difference of independent numbers has longer tails than these; half a bit evens it out.
        let handicap = looked &* Spread.logarithmOfTwo / 2
        let first = logarithms.first &+ handicap
        let second = logarithms.second &+ 2 &* handicap
        if allowsNone, logarithms.none <= min(first, second) { return .none }
        return first <= second ? .first : .second
    }

    /// Appends the integers; leaves `values` holding differences.
    static func encode(
        _ values: UnsafeMutableBufferPointer<Int64>,
        order: DeltaOrder,
        into out: inout [UInt8]
    ) {
        let leading = min(Int(order.rawValue), values.count)
        for step in 0..<Int(order.rawValue) {
            var index = values.count &- 1
            while index > step {
                values[index] &-= values[index &- 1]
                index &-= 1
            }
        }
        for index in 0..<leading { out.appendSignedVarint(values[index]) }
        IntegerFrames.encode(
            UnsafeMutableBufferPointer(rebasing: values[leading...]),
            into: &out
        )
    }

    // MARK: Reading

    /// Reads exactly `count` integers to `out`.
    static func decode(
        _ reader: inout ColumnReader,
        order: DeltaOrder,
        count: Int,
        into out: UnsafeMutablePointer<Int64>
    ) throws(ChunkError) {
        let leading = min(Int(order.rawValue), count)
        for index in 0..<leading { out[index] = try reader.signedVarint() }
        try IntegerFrames.decode(&reader, count: count &- leading, into: out + leading)
        guard count > leading else {
            if leading == 2 { out[1] &+= out[0] }
            return
        }
        switch order {
        case .none: break
        case .first:
            var value = out[0]
            for index in 1..<count {
                value &+= out[index]
                out[index] = value
            }
        case .second:
            var value = out[0]
            var step: Int64 = 0
            for index in 1..<count {
                step &+= out[index]
                value &+= step
                out[index] = value
            }
        }
    }

    /// How far, summed over one run, numbers of each order lie from a middling one.
    ///
    /// A sum of distances, unlike highest less lowest, does not let one outlier decide.
    private struct Spread {
        /// What ``logarithm(_:)`` adds when a sum doubles.
        static let logarithmOfTwo = 8

        private(set) var none: UInt64 = 0
        private(set) var first: UInt64 = 0
        private(set) var second: UInt64 = 0
        private let count: Int

        /// - Parameter start: At least 2, and below `end`.
        init(_ values: UnsafeMutableBufferPointer<Int64>, from start: Int, to end: Int) {
            let middle = (start &+ end) / 2
            let none = Self.median(values[start], values[middle], values[end &- 1])
            let first = Self.median(
                Self.step(values, start),
                Self.step(values, middle),
                Self.step(values, end &- 1)
            )
            count = end &- start
            var previous = values[start &- 1]
            var step = previous &- values[start &- 2]
            for index in start..<end {
                let value = values[index]
                let nextStep = value &- previous
                self.none &+= Self.distance(value, none)
                self.first &+= Self.distance(nextStep, first)
                self.second &+= Self.distance(nextStep, step)
                previous = value
                step = nextStep
            }
        }

        /// Returns eight times the binary logarithm of the mean distance, roughly.
        func logarithm(_ sum: UInt64) -> Int {
            let mean = Double(sum) / Double(count)
            // The exponent of a double and the top of its mantissa are a logarithm.
            return Int((mean + 0.125).bitPattern &>> 49)
        }

        private static func step(
            _ values: UnsafeMutableBufferPointer<Int64>,
            _ index: Int
        ) -> Int64 {
            values[index] &- values[index &- 1]
        }

        private static func median(_ one: Int64, _ two: Int64, _ three: Int64) -> Int64 {
            max(min(one, two), min(max(one, two), three))
        }

        /// Returns the distance of two numbers, kept so small that a run's sum cannot overflow.
        @inline(__always)
        private static func distance(_ one: Int64, _ other: Int64) -> UInt64 {
            let difference = one &- other
            let sign = difference &>> 63
            return min(UInt64(bitPattern: (difference ^ sign) &- sign), 1 &<< 56)
        }
    }
}
