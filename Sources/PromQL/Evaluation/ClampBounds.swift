/// Minimum and maximum as Go's math package has them.
enum ClampBounds {
    /// NaN if either is, unless one is -Inf.
    static func minimum(_ left: Double, _ right: Double) -> Double {
        if left == -.infinity || right == -.infinity { return -.infinity }
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? left : right }
        return left < right ? left : right
    }

    /// NaN if either is, unless one is +Inf.
    static func maximum(_ left: Double, _ right: Double) -> Double {
        if left == .infinity || right == .infinity { return .infinity }
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? right : left }
        return left > right ? left : right
    }

    static func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
        maximum(low, minimum(high, value))
    }
}
