import Logging

/// JSON for log lines.
enum JSONText {
    /// Deepest nesting of metadata that is written; below it stands a string.
    private static let maxDepth = 4

    /// A metadata value; dictionaries by key.
    static func value(_ value: Logger.MetadataValue, depth: Int = 0) -> String {
        switch value {
        case .string(let text): string(text, maxSize: LogLine.maxValueSize)
        case .stringConvertible(let value): string("\(value)", maxSize: LogLine.maxValueSize)
        case .array where depth >= maxDepth, .dictionary where depth >= maxDepth: "\"…\""
        case .array(let values):
            "[" + values.prefix(64).map { Self.value($0, depth: depth + 1) }.joined(separator: ",")
                + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.prefix(64).map { key, value in
                    string(key, maxSize: 128) + ":" + Self.value(value, depth: depth + 1)
                }.joined(separator: ",") + "}"
        }
    }

    /// A quoted string, cut at a character boundary when it is longer than `maxSize` bytes.
    static func string(_ text: String, maxSize: Int) -> String {
        var result = "\""
        var size = 0
        for scalar in text.unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= maxSize else {
                result += "…"
                break
            }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
