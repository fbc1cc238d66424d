/// Lays an answer out to be read in a terminal.
enum AnswerText {
    /// - Parameter explains: Whether the plan was asked for.
    static func output(
        _ response: HTTPAnswer,
        explains: Bool
    ) throws -> QueryCommand.Output {
        var output = QueryCommand.Output()
        guard let answer = try? QueryAnswer(response.body) else {
            output.isSuccess = false
            output.standardError =
                "the server answered \(response.status), and not as the query API does: "
                + String(decoding: response.body.prefix(500), as: UTF8.self) + "\n"
            return output
        }
        for warning in answer.warnings ?? [] { output.standardError += "warning: \(warning)\n" }
        for info in answer.infos ?? [] { output.standardError += "info: \(info)\n" }
        guard answer.status == "success", let data = answer.data else {
            output.isSuccess = false
            let kind = answer.errorType.map { "\($0): " } ?? ""
            output.standardError += "\(kind)\(answer.error ?? "no data")\n"
            return output
        }
        if explains {
            if let plan = data.explain {
                output.standardOutput = plan.text
                if case .none = data.result { return output }
                output.standardOutput += "\n\n"
            } else {
                output.standardError += "warning: the server does not explain queries\n"
            }
        }
        output.standardOutput += text(data.result)
        return output
    }

    private static func text(_ result: QueryAnswer.Result) -> String {
        switch result {
        case .none: ""
        case .single(let point): point.text + "\n"
        case .vector(let elements):
            table(
                ["SERIES", "VALUE"],
                elements.map { element in
                    [
                        labels(element.metric),
                        element.value?.text ?? element.histogram?.text ?? "",
                    ]
                }
            )
        case .matrix(let series):
            table(["SERIES", "SAMPLES", "FIRST", "LAST"], series.map(row))
        }
    }

    /// One line for a series, whose floats and histograms may take turns.
    private static func row(_ series: QueryAnswer.Series) -> [String] {
        let points =
            (series.values ?? []).map { ($0.time, $0.text) }
            + (series.histograms ?? []).map { ($0.time, $0.text) }
        let ends = [points.min { $0.0 < $1.0 }, points.max { $0.0 < $1.0 }]
        return [labels(series.metric), String(points.count)]
            + ends.map { $0.map { "\($0.1) @\(time($0.0))" } ?? "" }
    }

    /// Seconds, with milliseconds unless they are zero.
    private static func time(_ seconds: Double) -> String {
        let milliseconds = Int64((seconds * 1000).rounded())
        let rest = milliseconds.magnitude % 1000
        let fraction = rest == 0 ? "" : "." + String(1000 + rest).dropFirst()
        return (milliseconds < 0 ? "-" : "") + String(milliseconds.magnitude / 1000) + fraction
    }

    /// The series as a query would name it.
    static func labels(_ metric: [String: String]) -> String {
        let name = metric["__name__"] ?? ""
        let isPlain = name.isEmpty || isIdentifier(name, allowingColon: true)
        var members = metric.filter { $0.key != "__name__" }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { (isIdentifier($0.key) ? $0.key : quoted($0.key)) + "=" + quoted($0.value) }
        if !isPlain { members.insert(quoted(name), at: 0) }
        if members.isEmpty, !name.isEmpty { return name }
        return (isPlain ? name : "") + "{" + members.joined(separator: ", ") + "}"
    }

    private static func isIdentifier(_ text: String, allowingColon: Bool = false) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || scalar == "_" || (allowingColon && scalar == ":"))
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            // Nothing from the network may move the cursor of a terminal.
            case _ where scalar.properties.generalCategory == .control:
                result += "\\u" + String(String(0x1_0000 + scalar.value, radix: 16).dropFirst())
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Columns under their titles, two spaces apart.
    private static func table(_ titles: [String], _ rows: [[String]]) -> String {
        var widths = titles.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        var text = ""
        for row in [titles] + rows {
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                text += cell
                if !isLast {
                    text += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            text += "\n"
        }
        return text
    }
}
