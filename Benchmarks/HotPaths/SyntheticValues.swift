import Measuring

/// Values by the mix that the expected bytes and times of chunks are for.
///
/// Of twelve series one has floats with all digits, two are constant, five count, three have two
/// decimals and one counts pages of memory in bytes.
enum SyntheticValues {
    static func values(
        ofSeries series: Int,
        count: Int,
        using generator: inout SeededGenerator
    ) -> [Double] {
        var total = Double(series * 1000)
        return (0..<count).map { _ in
            switch series % 12 {
            case 0: return Double.random(in: 0..<1, using: &generator)
            case 1, 2: return total
            case 3...7:
                total += Double(Int.random(in: 0...20, using: &generator))
                return total
            case 8...10: return Double(Int.random(in: -5000...5000, using: &generator)) / 100
            default: return Double(Int.random(in: 1000...90_000, using: &generator) * 4096)
            }
        }
    }
}
