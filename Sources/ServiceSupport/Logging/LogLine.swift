import Logging

/// Builds one line of the log, never longer than a bound.
///
/// A field that does not fit is left out whole, and the line says `truncated`; so a JSON line is
/// always JSON.
struct LogLine {
    /// Longest line, its newline included: what a pipe takes in one piece (`PIPE_BUF`), so that
    /// lines of several writers never mix.
    static let maxSize = 4096
    /// Longest single string, bytes before escaping; the rest is cut off.
    static let maxValueSize = 1024

    private static let reserved: Set<String> = ["time", "level", "message", "logger", "truncated"]

    private let format: LogFormat
    private(set) var text: String
    private var isTruncated = false

    init(
        _ format: LogFormat,
        time: String,
        level: Logger.Level,
        message: String,
        logger: String
    ) {
        self.format = format
        switch format {
        case .json:
            text = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":"
            text += JSONText.string(message, maxSize: Self.maxValueSize / 2)
            text += ",\"logger\":"
            text += JSONText.string(logger, maxSize: Self.maxValueSize / 8)
        case .text:
            let padding = String(repeating: " ", count: max(0, 8 - level.rawValue.count))
            text = "\(time) \(level.rawValue)\(padding) "
            // The quotes would only be in the way here.
            text += JSONText.string(message, maxSize: Self.maxValueSize / 2).dropFirst().dropLast()
        }
    }

    /// Adds one field; names become snake_case, those of the line itself get `field_` in front.
    mutating func add(_ name: String, _ value: Logger.MetadataValue) {
        var name = Self.snakeCase(name)
        if Self.reserved.contains(name) { name = "field_" + name }
        let field: String
        switch format {
        case .json:
            field = ",\(JSONText.string(name, maxSize: 128)):" + JSONText.value(value)
        case .text: field = " \(name)=" + Self.plain(value)
        }
        // Leaves room for the longest ending.
        guard text.utf8.count + field.utf8.count + 24 <= Self.maxSize else {
            isTruncated = true
            return
        }
        text += field
    }

    /// The whole line with its newline.
    func finished() -> String {
        switch format {
        case .json: text + (isTruncated ? ",\"truncated\":true}\n" : "}\n")
        case .text: text + (isTruncated ? " truncated=true\n" : "\n")
        }
    }

    /// `slSignal`, `sl-signal` and `sl.signal` become `sl_signal`.
    static func snakeCase(_ name: String) -> String {
        var result = ""
        var previousIsLower = false
        for scalar in name.unicodeScalars.prefix(128) {
            let properties = scalar.properties
            if properties.isUppercase {
                if previousIsLower { result += "_" }
                result += properties.lowercaseMapping
            } else if properties.isAlphabetic || properties.numericType != nil {
                result.unicodeScalars.append(scalar)
            } else {
                result += "_"
            }
            previousIsLower = properties.isLowercase || properties.numericType != nil
        }
        return result
    }

    /// A value without quotes where it needs none.
    private static func plain(_ value: Logger.MetadataValue) -> String {
        let quoted = JSONText.value(value)
        guard quoted.hasPrefix("\""), quoted.count > 2 else { return quoted }
        let inner = quoted.dropFirst().dropLast()
        let needsQuotes = inner.utf8.contains { $0 <= 0x20 || "\"\\=".utf8.contains($0) }
        return needsQuotes ? quoted : String(inner)
    }
}
