/// Text exposition format, version 0.0.4.
public enum PrometheusText {
    /// What the `Content-Type` header says.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Writes families in the order given.
    public static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families {
            if !family.help.isEmpty {
                text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            }
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for series in family.series {
                text += family.name
                text += series.suffix
                text += labels(series.labels)
                text += " "
                text += number(series.value)
                text += "\n"
            }
        }
        return text
    }

    /// A value as the format writes it.
    static func number(_ value: MetricFamily.Value) -> String {
        switch value {
        case .integer(let value): "\(value)"
        case .double(let value): number(value)
        }
    }

    /// The shortest digits that read back as the same float64.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func labels(_ labels: [MetricLabel]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else {
            return text
        }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
