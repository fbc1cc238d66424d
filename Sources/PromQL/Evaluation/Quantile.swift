/// The order statistics of floats.
enum Quantile {
    /// The q-quantile with linear interpolation; NaN counts as the smallest value.
    ///
    /// Sorts `values` in place.
    static func value(_ quantile: Double, of values: inout [Double]) -> Double {
        guard !values.isEmpty, !quantile.isNaN else { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        values.sort(by: precedes)
        return value(quantile, ofSorted: values)
    }

    /// The q-quantile of values that are in order already.
    static func value(_ quantile: Double, ofSorted values: [Double]) -> Double {
        guard !values.isEmpty, !quantile.isNaN else { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let last = Double(values.count - 1)
        let rank = quantile * last
        let lower = max(0, rank.rounded(.down))
        let upper = min(last, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[Int(lower)] * (1 - weight) + values[Int(upper)] * weight
    }

    /// The order of values: NaN before all others.
    static func precedes(_ left: Double, _ right: Double) -> Bool {
        left < right || (left.isNaN && !right.isNaN)
    }

    /// Whether a quantile deserves no warning.
    static func isValid(_ quantile: Double) -> Bool { quantile >= 0 && quantile <= 1 }
}
