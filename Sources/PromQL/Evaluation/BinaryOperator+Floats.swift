internal import Glibc

extension BinaryOperator {
    /// The result of arithmetic on floats; comparisons give 0 and 1.
    func apply(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: fmod(left, right)
        case .power: pow(left, right)
        case .arcTangent: atan2(left, right)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            holds(left, right) ? 1 : 0
        case .trimUpper, .trimLower, .and, .or, .unless:
            preconditionFailure("\(rawValue) has no meaning for floats")
        }
    }

    /// Whether a comparison is true.
    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: preconditionFailure("\(rawValue) is no comparison")
        }
    }

    /// The value of an element a comparison filters or arithmetic makes; absent if filtered out.
    func element(_ left: Double, _ right: Double, returnsBool: Bool, kept: Double) -> Double {
        if isComparison, !returnsBool { return holds(left, right) ? kept : .absent }
        return apply(left, right)
    }

    /// Whether it acts on native histograms only, so that floats have no result.
    var isTrim: Bool { self == .trimUpper || self == .trimLower }
}
