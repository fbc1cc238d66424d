/// Why a text is no PromQL query.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in the words Prometheus uses.
    public let message: String
    /// The line of the error, from 1; 0 when the text is empty and has no positions.
    public let line: Int
    /// The column of the error in bytes, from 1; 0 when the text is empty.
    public let column: Int

    public init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    /// - Parameter position: Byte position of the error in `text`; may be its end.
    init(_ message: String, at position: Int, in text: [UInt8]) {
        self.message = message
        guard !text.isEmpty else {
            line = 0
            column = 0
            return
        }
        var line = 1
        var lineStart = 0
        for index in 0..<min(max(position, 0), text.count)
        where text[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        self.line = line
        column = position - lineStart + 1
    }

    /// `LINE:COLUMN: parse error: MESSAGE`.
    public var description: String {
        let place = line == 0 ? "unknown position" : "\(line):\(column)"
        return "\(place): parse error: \(message)"
    }
}
