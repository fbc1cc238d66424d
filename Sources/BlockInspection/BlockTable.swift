public import ClusterInterface
internal import MetricsModel

/// The lines of `engram blocks list`.
public struct BlockTable: Sendable {
    private let blocks: [BlockRecord]

    public init(_ blocks: [BlockRecord]) { self.blocks = blocks }

    private static let header = [
        "TENANT", "BLOCK", "FROM", "TO", "LEVEL", "SERIES", "SAMPLES", "BYTES", "BYTES/SAMPLE",
    ]

    /// A line for each block and one of totals, in columns; times are UTC.
    public var text: String {
        var rows = [Self.header]
        for block in blocks {
            rows.append([
                block.tenant.name, block.id.description, UTCTime.text(block.range.start),
                UTCTime.text(block.range.end), "\(block.level)", "\(block.seriesCount)",
                "\(block.sampleCount)", "\(block.size)",
                Self.ratio(block.size, block.sampleCount),
            ])
        }
        let samples = blocks.reduce(0) { $0 + $1.sampleCount }
        let size = blocks.reduce(0) { $0 + $1.size }
        rows.append([
            "total", "\(blocks.count) blocks", "", "", "", "", "\(samples)", "\(size)",
            Self.ratio(size, samples),
        ])
        return TextTable.text(rows, leftColumns: 4)
    }

    /// A JSON object for each block, a line each; times are milliseconds since 1970, `end` is not in the range.
    public var json: String {
        blocks.map { block in
            "{\"tenant\":\(JSONText.string(block.tenant.name)),\"block\":\"\(block.id)\","
                + "\"start\":\(block.range.start),\"end\":\(block.range.end),\"level\":\(block.level),"
                + "\"series\":\(block.seriesCount),\"samples\":\(block.sampleCount),\"bytes\":\(block.size)}\n"
        }.joined()
    }

    private static func ratio(_ size: Int, _ count: Int) -> String {
        count > 0 ? TextTable.decimal(Double(size) / Double(count)) : "-"
    }
}

/// Lays cells out in columns.
enum TextTable {
    /// - Parameter leftColumns: Columns of text; those behind them hold numbers, which end at the same place.
    static func text(_ rows: [[String]], leftColumns: Int) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += column < leftColumns ? cell + padding : padding + cell
                if column < row.count - 1 { line += "  " }
            }
            return line + "\n"
        }.joined()
    }

    /// Two decimals.
    static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

/// JSON written by hand.
enum JSONText {
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The shortest text that reads as the same number; what JSON has no number for is a string.
    static func number(_ value: Double) -> String {
        if value.isFinite { return "\(value)" }
        return value.isNaN ? "\"NaN\"" : value > 0 ? "\"+Inf\"" : "\"-Inf\""
    }
}
