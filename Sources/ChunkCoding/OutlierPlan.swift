/// The narrower width a frame can have when a few numbers at one end are listed apart.
///
/// A counter's reset and a missed scrape are each one number that would widen all 128 of a frame.
struct OutlierPlan {
    /// Width in bits of the numbers that are not listed apart; 0 … 55.
    let width: Int
    /// What the packed numbers are counted from.
    let reference: Int64
    /// How many numbers are listed apart; at least 1.
    let exceptionCount: Int

    /// Finds the cheapest width, or nil when listing nothing apart is as small.
    ///
    /// - Parameter outliersAreHigh: Whether the crowd is at the low end, and the outliers above it.
    init?(
        _ values: UnsafePointer<Int64>,
        count: Int,
        lowest: Int64,
        highest: Int64,
        outliersAreHigh: Bool
    ) {
        // Element w: how many numbers need exactly w bits from the crowded end.
        var needing = InlineArray<65, UInt8>(repeating: 0)
        for index in 0..<count {
            let distance = outliersAreHigh ? values[index] &- lowest : highest &- values[index]
            needing[64 &- distance.leadingZeroBitCount] &+= 1
        }
        var width = BitPacking.width(
            holding: UInt64(bitPattern: highest &- lowest)
        )
        // An exception costs its index and about as many bits as the outlier has, in 7s.
        let exceptionBits = 16 &+ width &+ width / 7
        let plainBits = count &* width
        var bestBits = plainBits
        var bestWidth = width
        var bestCount = 0
        var exceptions = 0
        while width > 0 {
            exceptions &+= Int(needing[width])
            width &-= 1
            let bits = count &* width &+ exceptions &* exceptionBits &+ 8
            if bits < bestBits {
                bestBits = bits
                bestWidth = width
                bestCount = exceptions
            }
            guard exceptions &* exceptionBits < plainBits else { break }
        }
        guard bestCount > 0 else { return nil }
        self.width = bestWidth
        self.exceptionCount = bestCount
        self.reference =
            outliersAreHigh ? lowest : highest &- ((1 &<< Int64(bestWidth)) &- 1)
    }

    /// Says whether a number fits the packed width.
    func covers(_ value: Int64) -> Bool {
        UInt64(bitPattern: value &- reference) &>> UInt64(width) == 0
    }
}
