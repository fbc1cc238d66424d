/// Why a text is no duration.
enum DurationTextError: Error {
    case malformed(String)
    case unknownUnit(String, String)
    case outOfRange

    var description: String {
        switch self {
        case .malformed(let text): "not a valid duration string: \(QuotedText.quote(text))"
        case .unknownUnit(let unit, let text):
            "unknown unit \(QuotedText.quote(unit)) in duration \(QuotedText.quote(text))"
        case .outOfRange: "duration out of range"
        }
    }
}
