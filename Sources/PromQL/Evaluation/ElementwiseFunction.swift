internal import Glibc

/// A function of one float.
struct ElementwiseFunction: Sendable {
    let apply: @Sendable (Double) -> Double

    /// Nil if the function is more than a function of one float.
    init?(_ function: Function) {
        switch function {
        case .abs: apply = { $0.isNaN ? .nan : $0.magnitude }
        case .ceil: apply = { $0.rounded(.up) }
        case .floor: apply = { $0.rounded(.down) }
        case .exp: apply = { exp($0) }
        case .sqrt: apply = { $0.squareRoot() }
        case .ln: apply = { log($0) }
        case .log2: apply = { log2($0) }
        case .log10: apply = { log10($0) }
        case .sgn: apply = { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
        case .sin: apply = { sin($0) }
        case .cos: apply = { cos($0) }
        case .tan: apply = { tan($0) }
        case .asin: apply = { asin($0) }
        case .acos: apply = { acos($0) }
        case .atan: apply = { atan($0) }
        case .sinh: apply = { $0.magnitude > 21 ? halfExponential($0) : sinh($0) }
        case .cosh: apply = { $0.magnitude > 21 ? halfExponential($0).magnitude : cosh($0) }
        case .tanh: apply = { tanh($0) }
        case .asinh: apply = { asinh($0) }
        case .acosh: apply = { acosh($0) }
        case .atanh: apply = { atanh($0) }
        case .deg: apply = { $0 * 180 / .pi }
        case .rad: apply = { $0 * .pi / 180 }
        default: return nil
        }
    }
}

/// What hyperbolic sines come to far from 0, with the sign of the argument.
///
/// Overflows where the exponential does, as in Prometheus; exact functions go on a little farther.
private func halfExponential(_ value: Double) -> Double {
    let half = exp(value.magnitude) * 0.5
    return value < 0 ? -half : half
}
