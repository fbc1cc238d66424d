/// Why a duration expression has no usable value for the times of a query.
public struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Sendable {
        case notPositive = "duration must be greater than 0"
        case divisionByZero = "division by zero"
        case moduloByZero = "modulo by zero"
        case outOfRange = "duration is out of range"
        case notFinite = "duration is NaN or infinite"
    }

    public let reason: Reason
    /// The operation at fault, or the whole duration.
    public let sourceRange: SourceRange

    /// `START:END: REASON`, with byte positions from 0.
    public var description: String {
        "\(sourceRange.start):\(sourceRange.end): \(reason.rawValue)"
    }
}
