internal import Glibc

/// The bounds of the buckets of exponential schemas.
///
/// Any index and schema has a bound: histograms come from the network.
enum BucketBounds {
    /// The upper bound of a positive bucket: 2^(index · 2^−schema).
    ///
    /// The bucket that would end at 2^1024 ends at the largest finite float: the next one is for infinite
    /// observations alone.
    static func upper(_ index: Int, schema: Int8) -> Double {
        if schema < 0 {
            // Beyond these limits all bounds are 0 or infinite.
            let exponent = max(-4096, min(4096, index)) << min(-Int(schema), 12)
            return exponent == 1024 ? .greatestFiniteMagnitude : power(1, exponent)
        }
        let scale = min(Int(schema), 62)
        let exponent = index >> scale
        let fraction = index & ((1 << scale) - 1)
        if fraction == 0, exponent == 1024 { return .greatestFiniteMagnitude }
        return power(exp2(Double(fraction) / Double(1 << scale)), exponent)
    }

    /// The index of the bucket of a schema `steps` lower that covers the bucket.
    static func lowered(_ index: Int32, by steps: Int) -> Int32 {
        // −2^31 − 1 does not fit in 32 bits, half of it does.
        Int32(truncatingIfNeeded: ((Int(index) - 1) >> steps) + 1)
    }

    private static func power(_ significand: Double, _ exponent: Int) -> Double {
        scalbn(significand, max(-4096, min(4096, exponent)))
    }
}
