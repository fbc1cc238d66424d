/// Doubles as integers over a power of ten, where that gives back the very same bits.
enum DecimalScaling {
    /// Largest power of ten tried; 10¹⁸ and everything below is exact as a double.
    static let largestExponent = 18

    static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18,
    ]

    /// Adding and subtracting this rounds a magnitude below 2⁵¹ to an integer, without a call.
    private static let rounder = 0x1.8p52

    /// Writes each value as an integer over ten to the returned exponent.
    ///
    /// What cannot be so written goes to `exceptions`, and repeats its neighbour in `integers`.
    ///
    /// - Returns: The exponent, or nil if too many values are true floats.
    static func scale(
        _ values: UnsafeBufferPointer<Double>,
        into integers: UnsafeMutablePointer<Int64>,
        exceptions: inout ValueExceptions
    ) -> Int? {
        var exponent = 0
        while true {
            switch scale(values, into: integers, exponent: exponent, exceptions: &exceptions) {
            case .done: return exponent
            case .tooManyFloats: return nil
            case .needs(let larger): exponent = larger
            }
        }
    }

    private static func scale(
        _ values: UnsafeBufferPointer<Double>,
        into integers: UnsafeMutablePointer<Int64>,
        exponent: Int,
        exceptions: inout ValueExceptions
    ) -> Attempt {
        exceptions.removeAll()
        let power = powers[exponent]
        var floats = 0
        var previous: Int64 = 0
        var leading = 0
        for index in 0..<values.count {
            let value = values[index]
            if let integer = integer(value, times: power, exponent: exponent) {
                previous = integer
            } else {
                if value.isFinite, value != 0 {
                    if let larger = smallestExponent(of: value, above: exponent) {
                        return .needs(larger)
                    }
                    floats &+= 1
                    guard floats <= 2 &+ index &>> 3 else { return .tooManyFloats }
                }
                if exceptions.count == index { leading = index &+ 1 }
                exceptions.append(index: index, bits: value.bitPattern)
            }
            integers[index] = previous
        }
        if leading > 0, leading < values.count {
            integers.update(repeating: integers[leading], count: leading)
        }
        return .done
    }

    /// Returns the value times the power as an integer, if dividing gives back the same bits.
    @inline(__always)
    private static func integer(_ value: Double, times power: Double, exponent: Int) -> Int64? {
        guard exponent > 0 else {
            guard value.magnitude < 0x1p62 else { return nil }
            let integer = Int64(value)
            return Double(integer).bitPattern == value.bitPattern ? integer : nil
        }
        let scaled = value * power
        guard scaled.magnitude < 0x1p51 else { return nil }
        let rounded = (scaled + rounder) - rounder
        guard (rounded / power).bitPattern == value.bitPattern else { return nil }
        return Int64(rounded)
    }

    private static func smallestExponent(of value: Double, above exponent: Int) -> Int? {
        var candidate = exponent &+ 1
        while candidate <= largestExponent {
            let power = powers[candidate]
            guard (value * power).magnitude < 0x1p51 else { return nil }
            if integer(value, times: power, exponent: candidate) != nil { return candidate }
            candidate &+= 1
        }
        return nil
    }

    private enum Attempt {
        case done
        /// A value is exact only with this larger exponent.
        case needs(Int)
        case tooManyFloats
    }
}
